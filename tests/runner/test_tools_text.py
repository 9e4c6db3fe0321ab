"""Output of tools that were not asked for JSON, of later versions, and of runs still under way; what is read out."""

import pytest
from tool_runs import feed, read

from jobreport.model.catalog import JobState
from jobreport.runner.tools import recognise

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
RCLONE_TEXT = """2026/11/23 12:41:43 ERROR : mem: Failed to copy: read /proc/self/mem: input/output error
2026/11/23 12:41:42 INFO  :
Transferred:   \t   58.594 KiB / 58.597 KiB, 100%, 0 B/s, ETA -
Errors:                 1 (retrying may help)
Checks:                 4 / 4, 100%, Listed 12
Transferred:            6 / 6, 100%
Elapsed time:         0.0s
"""
BORG_LIST = "U src/a\nA src/b\nd src\nA src/mem\nsrc/mem: read: [Errno 5] Input/output error\nE src/mem\n"
GIT_FETCH = """From /srv/g
   f6181bc..c49d097  main       -> origin/main
 * [new tag]         v2         -> v2
"""
AZCOPY_TEXT = """INFO: Scanning...
100.0 %, 5 Done, 1 Failed, 0 Pending, 1 Skipped, 7 Total, 2-sec Throughput (Mb/s): 1.2
Number of File Transfers: 7
Number of Folder Property Transfers: 0
Total Number of Transfers: 7
Number of File Transfers Completed: 5
Number of Folder Transfers Completed: 0
Number of File Transfers Failed: 1
Number of Folder Transfers Failed: 0
Number of File Transfers Skipped: 1
Number of Folder Transfers Skipped: 0
TotalBytesTransferred: 300000
Final Job Status: CompletedWithErrorsAndSkipped
"""

# command, exit code, stdout, stderr; state, (failed, successful, skipped, total), size, words of the comments
CASES = {
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
    "rclone text": (
        "rclone copy a b -v",
        1,
        "",
        RCLONE_TEXT,
        "Exception",
        (1, 10, 0, 11),
        60_000,
        "mem: Failed to copy",
    ),
    "rclone silent": ("rclone copy a b", 0, "", "", "Successful", (0, 1, 0, 1), 0, ""),
    "rclone silent failure": (
        "rclone copy a b",
        1,
        "",
        "Failed to copy: x",
        "Failed",
        (1, 0, 0, 1),
        0,
        "Failed to copy",
    ),
    "rclone skipped": ("rclone copy a b", 9, "", "", "Skipped", (0, 0, 1, 1), 0, "nothing to transfer"),
    "rclone limit": ("rclone copy a b", 8, "", "Fatal error: max transfer", "Stopped", (0, 0, 0, 1), 0, "max transfer"),
    "rsync silent": ("rsync -a a b", 0, "", "", "Successful", (0, 1, 0, 1), 0, ""),
    "rsync names": (
        "rsync -av a/ b",
        0,
        "sending incremental file list\ncreated directory b\n./\nf1\nsub/\nsub/f2\n\nsent 10 bytes  received 3 bytes",
        "",
        "Successful",
        (0, 2, 0, 2),
        0,
        "",
    ),
    "rsync progress": (
        "rsync -a --info=progress2 a/ b",
        0,
        "  20,000  33%  1.00MB/s  0:00:00 (xfr#1, to-chk=2/3)\r  60,003  99%  38.15MB/s  0:00:00 (xfr#2, to-chk=0/3)",
        "",
        "Successful",
        (0, 3, 0, 3),
        60_003,
        "",
    ),
    "rsync silent, no source": (
        "rsync -a /x /b",
        23,
        "",
        'rsync: [sender] link_stat "/x" failed: No such file or directory (2)',
        "Failed",
        (1, 0, 0, 1),
        0,
        "link_stat",
    ),
    "rsync silent, one of two sources": (
        "rsync -a /x /y /b",
        23,
        "",
        'rsync: [sender] link_stat "/x" failed: No such file or directory (2)',
        "Exception",
        (1, 0, 0, 1),
        0,
        "link_stat",
    ),
    "rsync vanished, nothing transferred but there already": (
        "rsync -a --stats a/ b",
        24,
        "Number of files: 4 (reg: 3, dir: 1)\nNumber of regular files transferred: 0",
        'file has vanished: "/a/x"',
        "Exception",
        (1, 2, 0, 3),
        0,
        "vanished",
    ),
    "rsync interrupted": ("rsync -a a b", 20, "", "rsync error: received SIGINT", "Stopped", (0, 0, 0, 1), 0, "SIGINT"),
    "rsync broken": ("rsync -a a b", 12, "", "rsync error: protocol", "Failed", (1, 0, 0, 1), 0, "protocol"),
    "azcopy text": (
        "azcopy copy a b",
        1,
        AZCOPY_TEXT,
        "",
        "Exception",
        (1, 5, 1, 7),
        300_000,
        "CompletedWithErrorsAndSkipped",
    ),
    "azcopy all skipped": (
        "azcopy copy a b",
        0,
        "Total Number of Transfers: 2\nNumber of Transfers Skipped: 2\nFinal Job Status: CompletedWithSkipped",
        "",
        "Skipped",
        (0, 0, 2, 2),
        0,
        "2 skipped",
    ),
    "aws partly": (
        "aws s3 sync a s3://b",
        1,
        "upload: a/f to s3://b/f\nupload failed: a/g to s3://b/g An error occurred (AccessDenied)",
        "",
        "Exception",
        (1, 1, 0, 2),
        0,
        "AccessDenied",
    ),
    "aws devices are left out": (
        "aws s3 sync a s3://b",
        2,
        "upload: a/f to s3://b/f",
        "warning: Skipping file /a/p. File is character special device, block special device, FIFO, or socket.",
        "Exception",
        (0, 1, 1, 2),
        0,
        "FIFO",
    ),
    "aws nothing new": ("aws s3 sync a s3://b", 0, "", "", "Successful", (0, 1, 0, 1), 0, "nothing to copy"),
    "aws interrupted": ("aws s3 sync a s3://b", 130, "", "", "Stopped", (0, 0, 0, 1), 0, "exit code 130"),
    "pg_restore partly": (
        "pg_restore -d x y",
        1,
        "",
        'pg_restore: error: could not execute query: ERROR:  role "a" does not exist\n'
        "pg_restore: warning: errors ignored on restore: 3",
        "Exception",
        (3, 1, 0, 4),
        0,
        'role "a" does not exist',
    ),
    "git fetch": ("git fetch", 0, "", GIT_FETCH, "Successful", (0, 2, 0, 2), 0, "2 references updated"),
    "git partly": (
        "git fetch",
        1,
        "",
        GIT_FETCH + " ! [rejected]        v1         -> v1  (would clobber existing tag)",
        "Exception",
        (1, 2, 0, 3),
        0,
        "would clobber",
    ),
    "git rejected": ("git fetch", 1, "", " ! [rejected] v1 -> v1", "Failed", (1, 0, 0, 1), 0, "rejected"),
    "git nothing": ("git remote update", 0, "Fetching origin", "", "Successful", (0, 1, 0, 1), 0, ""),
    "git fatal": ("git clone x", 128, "", "fatal: repository 'x' does not exist", "Failed", (1, 0, 0, 1), 0, "fatal:"),
    "any other": ("tar -cf x y", 0, "y", "", "Successful", (0, 1, 0, 1), 0, ""),
    "any other fails": ("tar -cf x y", 2, "", "tar: y: not found", "Failed", (1, 0, 0, 1), 0, "tar: y: not found"),
    "any other is silent": ("false", 1, "", "", "Failed", (1, 0, 0, 1), 0, "exit code 1, and no message"),
}


@pytest.mark.parametrize("case", CASES)
def test_output_is_read_as(case: str) -> None:
    command, exit_code, stdout, stderr, state, numbers, size, words = CASES[case]
    outcome = read(command.split(), exit_code, stdout, stderr)
    counts = outcome.counts
    assert outcome.state is JobState[state]
    assert (counts.failed, counts.successful, counts.skipped, counts.total) == numbers
    assert counts.size == size
    assert words in outcome.comments


# command, the lines that come one after another, and the objects, total and bytes after each
GROWING = {
    "restic backup --json x": [
        ('{"message_type":"status","percent_done":0,"total_files":1,"total_bytes":9}', (0, 1, 0)),
        ('{"message_type":"status","total_files":3,"files_done":1,"bytes_done":4}', (1, 3, 4)),
        ('{"message_type":"status","total_files":3,"files_done":2,"bytes_done":8}', (2, 3, 8)),
    ],
    "restic restore --json latest": [
        ('{"message_type":"status","total_files":3,"files_restored":1,"bytes_restored":4}', (1, 3, 4)),
        ('{"message_type":"status","total_files":3,"files_restored":2,"bytes_restored":8}', (2, 3, 8)),
    ],
    "borg create --progress --log-json r::a x": [
        ('{"type":"archive_progress","nfiles":1,"original_size":4,"finished":false}', (1, 1, 4)),
        ('{"type":"archive_progress","nfiles":2,"original_size":8,"finished":false}', (2, 2, 8)),
        ('{"type":"archive_progress","finished":true}', (2, 2, 8)),
    ],
    "borg create --list --log-json r::a x": [
        ('{"type":"file_status","status":"A","path":"a"}', (1, 1, 0)),
        ('{"type":"file_status","status":"d","path":"b"}', (1, 1, 0)),
        ('{"type":"file_status","status":"U","path":"b/c"}', (2, 2, 0)),
    ],
    "rclone copy a b --use-json-log -v": [
        ('{"level":"info","msg":"Copied (new)","size":3,"object":"a"}', (1, 1, 3)),
        (
            '{"level":"notice","stats":{"transfers":1,"totalTransfers":6,"checks":2,"totalChecks":2,"bytes":9}}',
            (3, 8, 9),
        ),
        ('{"level":"info","msg":"Copied (replaced existing)","size":3,"object":"b"}', (4, 8, 12)),
    ],
    "rclone copy a b -v": [
        ("2026/11/23 12:41:42 INFO  : f1.bin: Copied (new)", (1, 1, 0)),
        ("Transferred:   \t    1 KiB / 58.597 KiB, 2%, 0 B/s, ETA -", (1, 1, 1024)),
        ("Checks:                 2 / 4, 50%", (3, 4, 1024)),
        ("Transferred:            2 / 6, 33%", (4, 10, 1024)),
    ],
    "rsync -ai a/ b": [(">f+++++++++ f1", (1, 1, 0)), ("cd+++++++++ sub/", (1, 1, 0)), (">f.st...... f2", (2, 2, 0))],
    "rsync -a --info=progress2 a/ b": [("  20,000  33%  1.0MB/s  0:00:00 (xfr#1, to-chk=1/3)", (2, 3, 20_000))],
    "azcopy copy a b --output-type json": [
        (
            '{"MessageType":"Progress","MessageContent":"{\\"TransfersCompleted\\":\\"2\\",\\"TotalTransfers\\":\\"5\\",'
            '\\"TotalBytesTransferred\\":\\"7\\",\\"JobStatus\\":\\"InProgress\\"}"}',
            (2, 5, 7),
        )
    ],
    "azcopy copy a b": [
        ("40.0 %, 2 Done, 0 Failed, 3 Pending, 0 Skipped, 5 Total, (Disk may be limiting speed)", (2, 5, 0))
    ],
    "aws s3 sync a s3://b": [
        ("Completed 1.0 KiB/~4 KiB (1 MiB/s) with ~2 file(s) remaining\rupload: a/f to s3://b/f", (1, 1, 1024)),
        ("upload: a/g to s3://b/g", (2, 2, 1024)),
    ],
    "pg_basebackup -D x -P": [(" 100/43179 kB (0%), 0/1 tablespace", (0, 1, 102_400))],
    "git clone --progress u": [("Receiving objects:  45% (450/1000), 1.50 KiB | 1.2 MiB/s", (0, 0, 1536))],
}


@pytest.mark.parametrize("command", GROWING)
def test_counts_grow_while_a_tool_runs(command: str) -> None:
    reader = recognise(command.split()).reader(command.split())
    for line, expected in GROWING[command]:
        counts = feed(reader, line, "").counts()
        assert (counts.successful, counts.total, counts.size) == expected
