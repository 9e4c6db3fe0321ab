"""Output of kopia, Duplicati and resticprofile, in the words of their sources; what is read out of it.

None of them could be run here: what they print was made for these tests from the texts that their sources print.
"""

import json

import pytest
from tool_runs import Case, assert_read_as, read

from jobreport.model.catalog import JobState

SNAPSHOT = "2e14cba9427c57223dd768bd1ddf694c"
PROGRESS = " * 0 hashing, 3 hashed (4 KB), 4 cached (6 KB), uploaded 2 KB, estimated 10 KB (100.0%) 0s left"
KOPIA = f"""Snapshotting me@web-1:/srv ...
 - 1 hashing, 1 hashed (1 KB), 2 cached (3 KB), uploaded 0 B, estimating...\r{PROGRESS}
Created snapshot with root kb9a84 and ID {SNAPSHOT} in 2s
"""
KOPIA_UNREAD = KOPIA.replace("Created", ' ! Error when processing "a/b": open /srv/a/b: permission denied\nCreated', 1)
MANIFEST = {
    "id": SNAPSHOT,
    "source": {"host": "web-1", "userName": "me", "path": "/srv"},
    "stats": {"fileCount": 2, "cachedFiles": 5},
    "rootEntry": {"name": "srv", "summ": {"size": 9000, "files": 7, "numFailed": 0}},
}
DUPLICATI = """Backup started at 11/30/2026 01:00:00
  Duration of backup: 00:00:12.3
  Files added: 3
  Files deleted: 0
  Files changed: 1
  Data uploaded: 1.20 KB
Backup completed successfully!
"""
FULL = "ExaminedFiles: 12\nFilesWithError: {}\nSizeOfExaminedFiles: 3400\n"
RESTIC = """2026/11/30 01:00:00 profile 'home': starting 'backup'
Files:           2 new,     0 changed,     1 unmodified
Added to the repository: 60.212 KiB (2.1 KiB stored)
processed 3 files, 58.594 KiB in 0:00
snapshot 2b65ea4f saved
"""
UNREAD = "error: open /home/x: permission denied\n"

CASES: dict[str, Case] = {
    "kopia": ("kopia snapshot create /srv", 0, "", KOPIA, "Successful", (0, 7, 0, 7), 10_000, f"snapshot {SNAPSHOT}"),
    "kopia twice": (
        "kopia snapshot create --all",
        0,
        "",
        KOPIA * 2,
        "Successful",
        (0, 14, 0, 14),
        20_000,
        "2 snapshots",
    ),
    "kopia in JSON": (
        "kopia snapshot create --json /srv",
        0,
        json.dumps(MANIFEST, indent=2),
        "",
        "Successful",
        (0, 7, 0, 7),
        9_000,
        f"snapshot {SNAPSHOT}",
    ),
    "kopia could not read a file": (
        "kopia snapshot create /srv",
        1,
        "",
        KOPIA_UNREAD + "ERROR Found 1 fatal error(s) while snapshotting me@web-1:/srv.",
        "Exception",
        (1, 7, 0, 8),
        10_000,
        "permission denied",
    ),
    "kopia ignored what it could not read": (
        "kopia snapshot create /srv",
        0,
        "",
        KOPIA + "Ignored 2 error(s) while snapshotting me@web-1:/srv.",
        "Exception",
        (2, 7, 0, 9),
        10_000,
        "Ignored 2 error(s)",
    ),
    "kopia reached its limit": (
        "kopia snapshot create /srv",
        0,
        "",
        KOPIA.replace("Created", "Created partial"),
        "Exception",
        (0, 7, 0, 7),
        10_000,
        "Created partial",
    ),
    "kopia without a repository": (
        "kopia snapshot create /srv",
        1,
        "",
        "ERROR open repository: repository is not connected",
        "Failed",
        (1, 0, 0, 1),
        0,
        "repository is not connected",
    ),
    "kopia restore": (
        "kopia restore k1 /out",
        0,
        "",
        "Restored 12 files, 3 directories and 0 symbolic links (1 MB).",
        "Successful",
        (0, 12, 0, 12),
        0,
        "",
    ),
    "duplicati": (
        "duplicati-cli backup file:///b /srv",
        0,
        DUPLICATI,
        "",
        "Successful",
        (0, 1, 0, 1),
        0,
        "3 added, 0 deleted, 1 changed, 1.20 KB uploaded",
    ),
    "duplicati had nothing new": (
        "duplicati-cli backup file:///b /srv",
        1,
        DUPLICATI,
        "",
        "Successful",
        (0, 1, 0, 1),
        0,
        "",
    ),
    "duplicati warned": (
        "duplicati-cli backup file:///b /srv --full-results",
        2,
        FULL.format(2) + DUPLICATI,
        "",
        "Exception",
        (2, 10, 0, 12),
        3_400,
        "Backup completed",
    ),
    "duplicati had errors": (
        "duplicati-cli backup file:///b /srv",
        3,
        DUPLICATI,
        "",
        "Exception",
        (1, 0, 0, 1),
        0,
        "Backup",
    ),
    "duplicati was broken off": ("duplicati-cli backup a b", 50, DUPLICATI, "", "Exception", (1, 0, 0, 1), 0, "Backup"),
    "duplicati fails": (
        "duplicati-cli backup file:///b /srv",
        100,
        "",
        "ErrorID: FolderMissing\nThe folder /b does not exist",
        "Failed",
        (1, 0, 0, 1),
        0,
        "The folder /b does not exist",
    ),
    "duplicati restore": (
        "duplicati-cli restore file:///b x",
        0,
        "Restored 4 (1.20 KB) files to original path",
        "",
        "Successful",
        (0, 4, 0, 4),
        0,
        "4 files restored",
    ),
    "duplicati delete": (
        "duplicati-cli delete file:///b",
        1,
        "",
        "no version",
        "Failed",
        (1, 0, 0, 1),
        0,
        "no version",
    ),
    "resticprofile": (
        "resticprofile -n home backup",
        0,
        RESTIC,
        "",
        "Successful",
        (0, 3, 0, 3),
        60_000,
        "snapshot 2b65ea4f",
    ),
    "resticprofile could not read a file": (
        "resticprofile -n home backup",
        1,
        RESTIC,
        UNREAD + "2026/11/30 01:00:01 backup on profile 'home': exit status 3",
        "Exception",
        (1, 3, 0, 4),
        60_000,
        "permission denied",
    ),
    "resticprofile passes over what it could not read": (
        "resticprofile -n home backup",
        0,
        RESTIC,
        "profile 'home': finished 'backup' with warning: failed to read all source data during backup",
        "Exception",
        (0, 3, 0, 3),
        60_000,
        "failed to read all source data",
    ),
    "resticprofile has no restic": (
        "resticprofile -n home backup",
        6,
        "",
        "cannot find restic",
        "Failed",
        (1, 0, 0, 1),
        0,
        "cannot find restic",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_output_is_read_as(case: str) -> None:
    assert_read_as(CASES[case])


def test_an_incomplete_manifest_of_kopia_is_not_whole() -> None:
    printed = json.dumps(MANIFEST | {"incomplete": "limit reached"})
    assert read(["kopia", "snapshot", "create", "--json", "/srv"], 0, printed).state is JobState.Exception


def test_a_manifest_of_kopia_says_what_could_not_be_saved() -> None:
    lacks = MANIFEST | {
        "rootEntry": {"summ": {"files": 7, "numFailed": 1, "errors": [{"path": "a", "error": "denied"}]}}
    }
    found = read(["kopia", "snapshot", "create", "--json", "/srv"], 1, json.dumps(lacks))
    assert (found.state, found.counts.failed, found.comments) == (JobState.Exception, 1, "a: denied")
