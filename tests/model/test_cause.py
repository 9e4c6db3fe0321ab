"""Messages of real tools, grouped by hand: those of one group have one cause, and no two groups share one."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.model.cause import KNOWN, MAX_TEXT, cause_of, known_cause, pattern_of

GROUPS: Final = {
    "no-space": [
        'rsync: [receiver] write failed on "/mnt/nas/full.img": No space left on device (28)',
        "tar: /backup/x.tar: Wrote only 4096 of 10240 bytes\ntar: write error: No space left on device",
        "Fatal: unable to save snapshot: write /srv/repo/data/3f/3f01: no space left on device",
        "stdout could not be passed on: No space left on device",
        "rsync: [Empfänger] write fehlgeschlagen: Auf dem Gerät ist kein Speicherplatz mehr verfügbar (28)",
        "ERROR: Backup of VM 104 failed - vma_queue_write: write error - Disk quota exceeded",
        "Error: Not enough storage is available to process this command: insufficient disk space on E:",
        "googleapi: Error 403: The user's Drive storage quota has been exceeded., storageQuotaExceeded",
    ],
    "locked": [
        "Fatal: unable to create lock in backend: repository is already locked by PID 2711 on web-1 by root",
        "Failed to create/acquire the lock /srv/borg/lock.exclusive (timeout).",
        "ERROR: can't lock file '/var/lock/qemu-server/lock-104.conf' - got timeout\nVM is locked (backup)",
        "Another backup operation is currently in progress for this instance",
        "P00  ERROR: [050]: unable to acquire lock on file '/tmp/pgbackrest/main-backup.lock': already running",
        "Unable to allocate processing resources. Error: the backup file is locked by job Nightly",
    ],
    "unreachable": [
        'pg_dump: error: connection to server at "db-1" (10.0.4.7), port 5432 failed: Connection refused',
        "ssh: Could not resolve hostname nas-2: Name or service not known",
        "Fatal: create repository at s3:https://s3.example.com/b failed: dial tcp 10.1.2.3:443: i/o timeout",
        "rsync error: error in socket IO (code 10) at clientserver.c(139)\n"
        "rsync: failed to connect to backup: No route to host (113)",
        "Connection closed by remote host. Is borg working on the server?",
        "ERROR 2003 (HY000): Can't connect to MySQL server on 'db' (111): could not connect to server",
        "The network path was not found: host unreachable",
        'fatal error: Could not connect to the endpoint URL: "https://bkp.s3.eu-central-1.amazonaws.com/"',
    ],
    "timed-out": [
        "Backup job timed out after 86400 seconds",
        "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
        "The operation exceeded the maximum time of 8 hours",
        "Der Vorgang wurde wegen Zeitüberschreitung beendet",
    ],
    "cancelled": [
        "pg_dump: terminated by user",
        "rsync error: received SIGINT, SIGTERM, or SIGHUP (code 20) at rsync.c(713)\nreceived SIGTERM",
        "ended by signal 15 (SIGTERM)",
        "Job was cancelled by administrator EXAMPLE\\anna",
        "Backup job was canceled",
        "signal interrupt received, cleaning up\nInterrupted",
    ],
    "wrong-password": [
        "Fatal: wrong password or no key found",
        "passphrase supplied in BORG_PASSPHRASE is incorrect.",
        'FATAL:  password authentication failed for user "backup"',
        "sudo: a password is required",
        "Login failed for user 'sa'. Reason: could not find a login matching the name provided.",
        "smbclient: session setup failed: NT_STATUS_LOGON_FAILURE\nlogon failure: unknown user name",
        "Host key verification failed.",
    ],
    "access-denied": [
        "Failed to copy: failed to open source object: open /srv/src/sub/denied.txt: permission denied",
        'rsync: [sender] send_files failed to open "/srv/x": Permission denied (13)\n'
        "rsync error: some files/attrs were not transferred (see previous errors) (code 23)",
        "tar: s/f2: Cannot open: Permission denied\ntar: Exiting with failure status due to previous errors",
        "tar: s/f2: Funktion open fehlgeschlagen: Keine Berechtigung",
        "tar: s/f2 : open impossible: Permission non accordée",
        'rsync: [receiver] chown "/srv/cap/d1/.o2.D7SiCw" failed: Operation not permitted (1)',
        "warning: Skipping file /srv/src/sub/denied.txt. File/Directory is not readable.",
        "The backup vault service account lacks compute.disks.createSnapshot",
        "The remote server returned an error: (403) Forbidden.",
        "An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
        "User is not authorized to perform: backup:StartBackupJob",
    ],
    "wrong-arguments": [
        "rsync: --bogus: unknown option\nrsync error: syntax or usage error (code 1) at main.c(1886)",
        "Fatal error: unknown flag: --bogus",
        "aws: error: the following arguments are required: paths",
        "tar: unrecognized option '--bogus'\nTry 'tar --help' for more information.",
    ],
    "damaged": [
        "repository contains errors: pack 4f1b: hash mismatch",
        "error for tree 2d0c: ciphertext verification failed",
        'ERROR: backup manifest checksum is "0c5" but expected "91a"',
        "Data Integrity Error: Segment entry checksum mismatch [segment 12, offset 8]",
        "Difference found: File f2 has mtime Sat Nov 28 18:35:03 2026, expected Sat Nov 28\n"
        "Verify complete: 7 files compared, 2 differences found.",
        "dd: error reading '/dev/sdb': Input/output error",
    ],
    "changed": [
        "tar: s/grow: file changed as we read it",
        "tar: s/grow: Datei hat sich beim Lesen geändert.",
        'file has vanished: "/var/spool/x.tmp"\n'
        "rsync warning: some files vanished before they could be transferred (code 24)",
    ],
    "no-memory": ["fatal error: runtime: out of memory", "fork: Cannot allocate memory", "ended by signal 9 (SIGKILL)"],
    "missing": [
        'rsync: [sender] change_dir "/srv/nope" failed: No such file or directory (2)',
        "pg_dump: error: no matching tables were found",
        "fatal error: An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The "
        "specified bucket does not exist",
        "Repository /srv/nob does not exist.",
        "Fatal: unable to open config file: stat /srv/none/config: no such file or directory\n"
        "Is there a repository at the following location?\n/srv/none",
        "nice: \u2018borg\u2019: No such file or directory",
        "tar: nowhere: Funktion stat fehlgeschlagen: Datei oder Verzeichnis nicht gefunden\n"
        "tar: Beende mit Fehlerstatus aufgrund vorheriger Fehler",
        "Source directories or root pattern paths do not exist: /srv/nowhere",
        "proxyServer=10.42.0.222:8501 destination=10.42.0.222:10003: failed to backup snapshot: cannot find s3 bucket",
    ],
    "not-started": ["did not start; expected 02:00 Europe/Berlin, 1 h grace"],
    "silent": ["presumed: no sign of life since 2026-11-23T02:00:00Z\nlast words"],
}


@pytest.mark.parametrize(("code", "comments"), [(code, one) for code, every in GROUPS.items() for one in every])
def test_a_message_has_the_cause_of_its_group(code: str, comments: str) -> None:
    found = cause_of(comments)
    assert found is not None
    assert found.code == code


def test_there_are_messages_of_every_known_cause_and_enough_of_them() -> None:
    assert {known.cause.code for known in KNOWN} == set(GROUPS)
    assert sum(map(len, GROUPS.values())) >= 60


@pytest.mark.parametrize(
    "same",
    [
        ['tape 0017 in drive "LTO-2" is worn', 'tape 0421 in drive "LTO-1" is worn'],
        ["Snapshot snap-0a1b2c3d failed after 12.5 s", "Snapshot snap-99ffee00 failed after 7 s"],
        [
            "error: job 7c9e6679-7425-40de-944b-e07fc1f90ae7 gave 3 warnings",
            "error: job 00000000-0000-0000-0000-000000000001 gave 12 warnings",
        ],
        ["2026-11-23 02:14:08 failed at C:\\Data\\a.mdf", "2026-11-24 03:00:59 failed at D:\\Other\\b.ldf"],
        ["plan weekly is odd: see https://a.example/1", "plan weekly is odd: see https://b.example/2?x=y"],
    ],
)
def test_what_differs_from_job_to_job_makes_no_other_cause(same: list[str]) -> None:
    first, second = map(cause_of, same)
    assert first == second
    assert first is not None
    assert first.code.startswith("x-")


def test_different_words_are_different_causes() -> None:
    words = ["the moon is full", "the sun is full", "backup window closed", "nothing matched the rule"]
    found = [cause_of(word) for word in words]
    assert len(set(found)) == len(words)
    assert [one.text for one in found if one] == words


def test_no_comments_name_no_cause() -> None:
    assert cause_of("") is None
    assert cause_of(" \n\t\n") is None


@given(st.text())
def test_any_comments_have_a_cause_with_a_short_code_and_text(comments: str) -> None:
    found = cause_of(comments)
    if found is None:
        assert not comments.split()
        return
    assert len(found.code) <= 20
    assert found.code.isascii()
    assert len(found.text) <= MAX_TEXT


@given(st.text(st.characters(categories=["Ll", "Lu", "Zs"]), max_size=60), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_number_makes_no_other_pattern(words: str, one: int, other: int) -> None:
    assert pattern_of(f"{words} {one} files") == pattern_of(f"{words} {other} files")


PIECES = (
    "ended by signal ",
    "signal ",
    "401",
    "2",
    "15",
    "9",
    "0",
    "7",
    " ",
    "x",
    " unauthorized",
    ", no space left",
    "٣",
)


@settings(max_examples=200)
@given(line=st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_number_names_a_cause_only_where_a_known_one_does(line: str) -> None:
    assert known_cause(line) == next((known.cause for known in KNOWN if known.said.search(line)), None)
