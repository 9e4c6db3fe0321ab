"""Output of restic and borg that was not asked for JSON, or of later versions; what is read out of it."""

import pytest
from tool_runs import Case, assert_read_as

RESTIC_TEXT = """no parent snapshot found, will read all files

Files:           2 new,     1 changed,     1 unmodified
Dirs:            2 new,     0 changed,     0 unmodified
Added to the repository: 61.212 KiB (60.048 KiB stored)

processed 4 files, 58.597 KiB in 0:00
snapshot 823b2bc7 saved
"""
BORG_TEXT = """Archive name: a2
Number of files: 10
                       Original size      Compressed size    Deduplicated size
This archive:               60.50 kB             60.49 kB                474 B
All archives:              120.01 kB            120.03 kB             61.61 kB
"""
BORG_LIST = "U src/a\nA src/b\nd src\nA src/mem\nsrc/mem: read: [Errno 5] Input/output error\nE src/mem\n"

CASES: dict[str, Case] = {
    "restic text": (
        "restic backup x",
        0,
        RESTIC_TEXT,
        "",
        "Successful",
        (0, 4, 0, 4),
        60_003,
        "snapshot 823b2bc7, 61.212 KiB",
    ),
    "restic partly": (
        "restic backup x",
        3,
        RESTIC_TEXT,
        "error: read y",
        "Exception",
        (1, 4, 0, 5),
        60_003,
        "error: read y",
    ),
    "restic error object of later versions": (
        "restic backup --json x",
        3,
        '{"message_type":"summary","total_files_processed":2,"total_bytes_processed":5}',
        '{"message_type":"error","error":{"message":"open /x/y: permission denied"},"during":"archival","item":"/x/y"}',
        "Exception",
        (1, 2, 0, 3),
        5,
        "open /x/y: permission denied",
    ),
    "restic exit_error": (
        "restic backup --json x",
        10,
        "",
        '{"message_type":"exit_error","code":10,"message":"Fatal: repository does not exist"}',
        "Failed",
        (1, 0, 0, 1),
        0,
        "repository does not exist",
    ),
    "restic: an unreadable folder is one failure, though its scan failed too": (
        "restic backup --json x",
        3,
        '{"message_type":"summary","total_files_processed":2}',
        '{"message_type":"error","error":{"message":"m"},"during":"scan","item":"/x"}\n'
        '{"message_type":"error","error":{"message":"m"},"during":"archival","item":"/x"}',
        "Exception",
        (1, 2, 0, 3),
        0,
        "/x: m",
    ),
    "restic: missing source, nothing processed": (
        "restic backup --json /x",
        0,
        '{"message_type":"summary","total_files_processed":0}',
        "/x does not exist, skipping",
        "Failed",
        (1, 0, 0, 1),
        0,
        "does not exist, skipping",
    ),
    "restic interrupted": (
        "restic backup --json /x",
        130,
        '{"message_type":"status","files_done":3,"total_files":9,"bytes_done":30}',
        "signal interrupt received, cleaning up",
        "Stopped",
        (0, 3, 0, 9),
        30,
        "signal interrupt",
    ),
    "restic restore summary": (
        "restic restore --json latest",
        0,
        '{"message_type":"summary","total_files":5,"files_restored":3,"files_skipped":2,"bytes_restored":9}',
        "",
        "Successful",
        (0, 3, 2, 5),
        9,
        "3 files restored",
    ),
    "restic restore partly": (
        "restic restore latest",
        1,
        "Summary: Restored 3 / 5 files/dirs (1.000 KiB / 2.000 KiB) in 0:00, skipped 1 files/dirs 1 B",
        "ignoring error for /x: mknod\nFatal: There were 1 errors",
        "Exception",
        (1, 3, 1, 5),
        1024,
        "There were 1 errors",
    ),
    "restic forget text": (
        "restic forget --prune",
        0,
        "remove 3 snapshots:\n3 snapshots have been removed, running prune",
        "",
        "Successful",
        (0, 3, 0, 3),
        0,
        "3 snapshots removed",
    ),
    "restic check with errors": (
        "restic check --json",
        1,
        '{"message_type":"summary","num_errors":2}',
        '{"message_type":"error","message":"pack 1 is damaged"}\nFatal: repository contains errors',
        "Failed",
        (2, 0, 0, 2),
        0,
        "pack 1 is damaged",
    ),
    "borg text": (
        "borg create --stats r::a x",
        0,
        BORG_TEXT,
        "",
        "Successful",
        (0, 10, 0, 10),
        60_500,
        "archive a2, 474 B",
    ),
    "borg list": ("borg create --list r::a x", 1, "", BORG_LIST, "Exception", (1, 2, 0, 3), 0, "Errno 5"),
    "borg list and text": (
        "borg create r::a x",
        1,
        BORG_TEXT,
        BORG_LIST,
        "Exception",
        (1, 10, 0, 11),
        60_500,
        "Errno 5",
    ),
    "borg says nothing": (
        "borg create r::a x",
        1,
        "",
        "/x: [Errno 2] No",
        "Exception",
        (1, 0, 0, 1),
        0,
        "/x: [Errno 2]",
    ),
    "borg modern warning code": ("borg create r::a x", 107, "", "x", "Exception", (1, 0, 0, 1), 0, "x"),
    "borg ctrl-c": ("borg create r::a x", 2, "", "Got Ctrl-C / SIGINT.", "Stopped", (0, 0, 0, 1), 0, "Got Ctrl-C"),
    "borg terminated": ("borg create r::a x", 143, "", "", "Stopped", (0, 0, 0, 1), 0, "exit code 143"),
    "borg killed": ("borg create r::a x", 137, "", "", "Failed", (1, 0, 0, 1), 0, "exit code 137"),
    "borg prune": (
        "borg prune --list r",
        0,
        "",
        "Keeping archive (rule: daily #1): a3 Mon\nPruning archive (1/2):  a1  Mon\nPruning archive (2/2):  a2  Mon",
        "Successful",
        (0, 2, 0, 2),
        0,
        "2 archives removed",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_output_is_read_as(case: str) -> None:
    assert_read_as(CASES[case])
