"""Captured runs of real tools, and the states, counts, bytes and comments that each must be read as."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from tool_runs import feed, read

from jobreport.model.catalog import JobState
from jobreport.runner.tools.known import recognise

CAPTURES = Path(__file__).parent / "captures"


class Expected(NamedTuple):
    """What a capture is read as; `words` are somewhere in its comments, which are empty where there are none."""

    state: str
    failed: int
    successful: int
    skipped: int
    total: int
    size: int
    words: str


EXPECTED = {
    "restic/dump_log_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "postgres/pg_dump_stdout_terminated_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "restic/backup_missing_source_rc0": Expected(
        "Exception", 1, 1, 0, 2, 20_000, "/nonexistent does not exist, skipping"
    ),
    "restic/backup_no_repo_rc1": Expected(
        "Failed", 1, 0, 0, 1, 0, "Fatal: unable to open config file: stat /srv/none/config: no"
    ),
    "restic/backup_ok_rc0": Expected("Successful", 0, 2, 0, 2, 60_000, "snapshot 2b65ea4f, 61,097 bytes added"),
    "restic/backup_wrong_password_rc1": Expected("Failed", 1, 0, 0, 1, 0, "Fatal: wrong password or no key found"),
    "restic/check_rc0": Expected("Successful", 0, 1, 0, 1, 0, "no errors were found"),
    "restic/forget_rc0": Expected("Successful", 0, 2, 0, 2, 0, "2 snapshots removed, 1 kept"),
    "restic/restore_rc0": Expected(
        "Successful", 0, 1, 0, 1, 0, "restoring <Snapshot 9c5ce920 of [/srv/src/f1.bin] at 2026-11"
    ),
    "restic/snapshots_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "borg/check_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "borg/create_duplicate_rc2": Expected("Failed", 1, 0, 0, 1, 0, "Archive a1 already exists"),
    "borg/create_missing_source_rc1": Expected(
        "Exception", 1, 1, 0, 2, 20_597, "/nonexistent: [Errno 2] No such file or directory: 'nonexist"
    ),
    "borg/create_no_repo_rc2": Expected("Failed", 1, 0, 0, 1, 0, "Repository /srv/nob does not exist."),
    "borg/create_ok_rc0": Expected("Successful", 0, 2, 0, 2, 60_595, "archive a1, 60,555 bytes added"),
    "borg/extract_rc0": Expected("Successful", 0, 6, 0, 6, 300_003, "6 files restored"),
    "borg/info_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "borg/list_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "rclone/copy_missing_source_rc3": Expected("Failed", 1, 0, 0, 1, 0, "Failed to copy: directory not found"),
    "rclone/copy_nothing_new_rc0": Expected("Successful", 0, 6, 0, 6, 0, "nothing to transfer, 6 unchanged, 0 bytes"),
    "rclone/copy_ok_rc0": Expected(
        "Successful", 0, 6, 0, 6, 300_003, "6 objects transferred, 0 unchanged, 300,003 bytes"
    ),
    "rclone/copy_partial_rc1": Expected(
        "Exception", 1, 6, 0, 7, 300_003, "Failed to copy: failed to open source object: open /srv/src/"
    ),
    "rclone/usage_rc1": Expected("Failed", 1, 0, 0, 1, 0, "Fatal error: unknown flag: --bogus"),
    "rsync/bad_dest_rc3": Expected(
        "Failed", 1, 0, 0, 1, 0, "rsync error: errors selecting input/output files, dirs (code"
    ),
    "rsync/missing_source_rc23": Expected(
        "Failed", 1, 0, 0, 1, 0, "rsync error: some files/attrs were not transferred (see prev"
    ),
    "rsync/ok_rc0": Expected("Successful", 0, 2, 0, 2, 60_000, "2 files transferred of 2, 60,000 bytes"),
    "rsync/partial_rc23": Expected(
        "Exception", 1, 6, 0, 7, 300_003, "rsync error: some files/attrs were not transferred (see prev"
    ),
    "rsync/usage_rc1": Expected(
        "Failed", 1, 0, 0, 1, 0, "rsync error: syntax or usage error (code 1) at main.c(1886) "
    ),
    "azcopy/copy_interrupted_rc1": Expected("Stopped", 0, 0, 0, 5, 0, "Cancelled: 0 of 5 transferred, 0 failed"),
    "azcopy/copy_missing_source_rc1": Expected(
        "Failed", 1, 0, 0, 1, 0, "Cannot perform copy due to error: failed to scan path /srv/n"
    ),
    "azcopy/copy_ok_rc0": Expected("Successful", 0, 5, 0, 5, 300_000, "5 objects transferred, 300,000 bytes"),
    "azcopy/copy_partial_rc1": Expected(
        "Exception", 1, 6, 0, 7, 300_003, "CompletedWithErrors: 6 of 7 transferred, 1 failed"
    ),
    "aws-s3/sync_excluded_but_unreadable_rc2": Expected(
        "Exception", 1, 6, 0, 7, 0, "warning: Skipping file /srv/src/sub/denied.txt. File/Directo"
    ),
    "aws-s3/sync_missing_source_rc255": Expected(
        "Failed", 1, 0, 0, 1, 0, "The user-provided path nope does not exist."
    ),
    "aws-s3/sync_no_bucket_rc1": Expected(
        "Failed", 1, 0, 0, 1, 0, "fatal error: An error occurred (NoSuchBucket) when calling t"
    ),
    "aws-s3/sync_ok_rc0": Expected("Successful", 0, 6, 0, 6, 0, "6 objects copied"),
    "aws-s3/usage_rc2": Expected("Failed", 1, 0, 0, 1, 0, "aws: error: the following arguments are required: paths"),
    "postgres/pg_basebackup_dir_not_empty_rc1": Expected(
        "Failed", 1, 0, 0, 1, 0, 'pg_basebackup: error: directory "/srv/pg/bb" exists but is n'
    ),
    "postgres/pg_basebackup_ok_rc0": Expected("Successful", 0, 1, 0, 1, 44_215_296, "44,215,296 bytes"),
    "postgres/pg_dump_interrupted_rc1": Expected("Stopped", 0, 0, 0, 1, 0, "pg_dump: terminated by user"),
    "postgres/pg_dump_no_db_rc1": Expected(
        "Failed", 1, 0, 0, 1, 0, 'pg_dump: error: connection to server on socket "/srv/pg/.s.P'
    ),
    "postgres/pg_dump_no_table_rc1": Expected("Failed", 1, 0, 0, 1, 0, "pg_dump: error: no matching tables were found"),
    "postgres/pg_dump_ok_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "postgres/pg_restore_ok_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "postgres/pg_verifybackup_ok_rc0": Expected("Successful", 0, 1, 0, 1, 0, "backup successfully verified"),
    "azcopy/sync_text_rc0": Expected("Successful", 0, 8, 0, 8, 15193, "8 objects transferred, 15,193 bytes"),
    "borg/not_found_rc127": Expected("Failed", 1, 0, 0, 1, 0, "No such file or directory"),
    "borg/sudo_rc1": Expected("Failed", 1, 0, 0, 1, 0, "sudo: a password is required"),
    "borg/timeout_rc124": Expected("Failed", 1, 0, 0, 1, 0, "exit code 124, and no message"),
    "postgres/pg_restore_errors_de_rc1": Expected("Exception", 1, 1, 0, 2, 0, "ignorierte Fehler: 1"),
    "rclone/default_retries_rc1": Expected("Exception", 1, 5, 0, 6, 26, "denied: Failed to copy"),
    "rclone/sync_all_changed_none_written_rc1": Expected("Failed", 4, 0, 0, 4, 0, "q1: Failed to copy"),
    "restic/files_from_mount_missing_rc0": Expected("Exception", 1, 8, 0, 9, 15193, "does not match any files"),
    "restic/forget_append_only_rc0": Expected("Failed", 3, 0, 0, 3, 0, "unable to remove snapshot/aaaa"),
    "restic/forget_text_groups_rc0": Expected("Successful", 0, 12, 0, 12, 0, "12 snapshots removed"),
    "rsync/chown_refused_rc23": Expected("Exception", 0, 4, 0, 4, 8, "chown"),
    "rsync/stats_de_rc0": Expected("Successful", 0, 1234, 0, 1234, 5063, "1,234 files transferred of 1,234"),
    "rsync/v_all_failed_rc23": Expected("Exception", 2, 0, 0, 2, 0, "mkstemp"),
    "borgmatic/all_actions_rc0": Expected("Successful", 0, 2, 0, 2, 0, ""),
    "borgmatic/create_json_rc0": Expected("Successful", 0, 12, 0, 12, 1692, "2 archives, 12 files"),
    "borgmatic/create_stats_rc0": Expected("Successful", 0, 12, 0, 12, 1694, "2 archives, 12 files"),
    "borgmatic/create_unreadable_rc0": Expected("Exception", 2, 0, 0, 2, 0, ": read: [Errno 5] Input/output error"),
    "borgmatic/create_unreadable_stats_rc0": Expected("Exception", 2, 12, 0, 14, 1740, "rno 5] Input/output error"),
    "borgmatic/missing_source_rc1": Expected("Failed", 2, 0, 0, 2, 0, "/srv/w.yaml: An error occurred"),
    "borgmatic/no_configuration_rc1": Expected("Failed", 1, 0, 0, 1, 0, "e.yaml: Error parsing configuration file"),
    "borgmatic/one_repository_missing_quiet_rc1": Expected("Failed", 1, 0, 0, 1, 0, "/srv/m.yaml: An error occurred"),
    "borgmatic/one_repository_missing_rc1": Expected("Exception", 1, 6, 0, 7, 857, "/srv/m.yaml: An error occurred"),
    "duplicity/backup_missing_source_rc13": Expected("Failed", 1, 0, 0, 1, 0, "directory nowhere does not exist."),
    "duplicity/backup_rc0": Expected("Successful", 0, 6, 0, 6, 8200, "6 files and folders, 217 bytes added"),
    "duplicity/backup_unreadable_rc0": Expected("Exception", 1, 6, 0, 7, 8200, "ssing possibly locked file src/f1"),
    "duplicity/restore_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "duplicity/verify_different_de_rc1": Expected("Exception", 2, 5, 0, 7, 0, "rglichen, 2 Unterschiede gefunden."),
    "duplicity/verify_different_rc1": Expected("Exception", 2, 5, 0, 7, 0, "files compared, 2 differences found."),
    "git/fetch_all_bad_de_rc1": Expected("Failed", 2, 0, 0, 2, 0, "Fehler: konnte bad nicht anfordern"),
    "git/fetch_all_jobs_one_bad_nothing_new_de_rc1": Expected("Exception", 1, 1, 0, 2, 0, "rdern (Exit-Code: 128)"),
    "git/fetch_all_jobs_one_bad_nothing_new_fr_rc1": Expected("Exception", 1, 1, 0, 2, 0, "(code de sortie : 128)"),
    "git/fetch_all_jobs_one_bad_nothing_new_rc1": Expected("Exception", 1, 1, 0, 2, 0, "ch 'bad' (exit code: 128)"),
    "git/fetch_all_one_bad_de_rc1": Expected("Exception", 1, 2, 0, 3, 0, "Fehler: konnte bad nicht anfordern"),
    "git/fetch_all_one_bad_fr_rc1": Expected("Exception", 1, 2, 0, 3, 0, "erreur : impossible de récupérer bad"),
    "git/fetch_all_one_bad_rc1": Expected("Exception", 1, 2, 0, 3, 0, "error: could not fetch bad"),
    "git/remote_update_one_bad_nothing_new_de_rc1": Expected("Exception", 1, 1, 0, 2, 0, "nte bad nicht anfordern"),
    "git/remote_update_one_bad_nothing_new_fr_rc1": Expected("Exception", 1, 1, 0, 2, 0, "ssible de récupérer bad"),
    "git/remote_update_one_bad_nothing_new_rc1": Expected("Exception", 1, 1, 0, 2, 0, "error: could not fetch bad"),
    "postgres/pg_basebackup_progress_fr_rc0": Expected("Successful", 0, 1, 0, 1, 38846464, "38,846,464 bytes"),
    "postgres/pg_dump_no_database_fr_rc1": Expected("Failed", 1, 0, 0, 1, 0, 'database "nothere" does not exist'),
    "postgres/pg_dump_no_database_ja_rc1": Expected("Failed", 1, 0, 0, 1, 0, 'database "nothere" does not exist'),
    "postgres/pg_dump_no_database_rc1": Expected("Failed", 1, 0, 0, 1, 0, ':  database "nothere" does not exist'),
    "postgres/pg_restore_exit_on_error_fr_rc1": Expected("Failed", 1, 0, 0, 1, 0, 'lation "more" already exists'),
    "postgres/pg_restore_exit_on_error_ja_rc1": Expected("Failed", 1, 0, 0, 1, 0, 'lation "more" already exists'),
    "postgres/pg_restore_exit_on_error_rc1": Expected("Failed", 1, 0, 0, 1, 0, 'relation "more" already exists'),
    "postgres/pg_restore_ignored_fr_rc1": Expected("Exception", 2, 1, 0, 3, 0, "2 errors ignored on restore"),
    "postgres/pg_restore_ignored_ja_rc1": Expected("Exception", 2, 1, 0, 3, 0, "2 errors ignored on restore"),
    "postgres/pg_restore_ignored_rc1": Expected("Exception", 2, 1, 0, 3, 0, "2 errors ignored on restore"),
    "tar/create_changed_de_rc1": Expected("Exception", 0, 5, 0, 5, 0, "/grow: Datei hat sich beim Lesen geändert."),
    "tar/create_changed_rc1": Expected("Exception", 0, 5, 0, 5, 0, "tar: s/grow: file changed as we read it"),
    "tar/create_no_place_de_rc2": Expected("Failed", 1, 0, 0, 1, 0, "tar: Error is not recoverable: exiting now"),
    "tar/create_no_place_fr_rc2": Expected("Failed", 1, 0, 0, 1, 0, "tar: Error is not recoverable: exiting now"),
    "tar/create_no_place_rc2": Expected("Failed", 1, 0, 0, 1, 0, "tar: Error is not recoverable: exiting now"),
    "tar/create_nothing_there_de_rc2": Expected("Failed", 1, 0, 0, 1, 0, "Fehlerstatus aufgrund vorheriger Fehler"),
    "tar/create_nothing_there_fr_rc2": Expected("Failed", 1, 0, 0, 1, 0, "d'échec à cause des erreurs précédentes"),
    "tar/create_nothing_there_rc2": Expected("Failed", 1, 0, 0, 1, 0, "with failure status due to previous errors"),
    "tar/create_unreadable_de_rc2": Expected("Exception", 1, 1, 0, 2, 0, "Fehlerstatus aufgrund vorheriger Fehler"),
    "tar/create_unreadable_fr_rc2": Expected("Exception", 1, 1, 0, 2, 0, "d'échec à cause des erreurs précédentes"),
    "tar/create_unreadable_names_rc2": Expected("Exception", 1, 3, 0, 4, 0, "ailure status due to previous errors"),
    "tar/create_unreadable_rc2": Expected("Exception", 1, 1, 0, 2, 0, "with failure status due to previous errors"),
    "pgbackrest/backup_damaged_rc0": Expected(
        "Exception", 1, 1, 0, 2, 23278387, "e checksum found in file /srv/pg/data/base/5/16388 at page 1"
    ),
    "pgbackrest/backup_locked_rc50": Expected(
        "Failed", 1, 0, 0, 1, 0, "pgb/lock/demo-backup.lock': Resource temporarily unavailable"
    ),
    "pgbackrest/backup_no_database_rc56": Expected(
        "Failed", 1, 0, 0, 1, 0, "RROR: [056]: unable to find primary cluster - cannot proceed"
    ),
    "pgbackrest/backup_no_stanza_rc37": Expected(
        "Failed", 1, 0, 0, 1, 0, "ERROR: [037]: backup command requires option: pg1-path"
    ),
    "pgbackrest/backup_quiet_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "pgbackrest/backup_terminated_rc63": Expected(
        "Stopped", 0, 0, 0, 1, 0, " warning), set option 'repo1-retention-full' to the maximum."
    ),
    "pgbackrest/check_no_archive_rc68": Expected(
        "Failed", 1, 0, 0, 1, 0, " %p /srv/pg/barman/main/incoming/%f' must contain pgbackrest"
    ),
    "pgbackrest/expire_rc0": Expected("Successful", 0, 5, 0, 5, 0, ""),
    "pgbackrest/restore_not_empty_rc40": Expected(
        "Failed", 1, 0, 0, 1, 0, "restore to path '/srv/pg/restored' because it contains files"
    ),
    "pgbackrest/restore_rc0": Expected("Successful", 0, 1, 0, 1, 23278387, "967 files"),
    "pgbackrest/verify_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "barman/backup_all_rc0": Expected("Successful", 0, 1, 0, 1, 23173529, "1 backup made"),
    "barman/backup_damaged_rc1": Expected("Failed", 1, 0, 0, 1, 0, "pg_basebackup: error: checksum error occurred"),
    "barman/backup_locked_rc1": Expected("Failed", 1, 0, 0, 1, 0, "ERROR: Another backup process is running"),
    "barman/backup_no_database_rc1": Expected(
        "Failed", 1, 0, 0, 1, 0, ". Check the log for more details, or run 'barman check main'"
    ),
    "barman/backup_quiet_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "barman/backup_rc0": Expected("Successful", 0, 1, 0, 1, 23173529, "1 backup made"),
    "barman/backup_unknown_rc1": Expected("Failed", 1, 0, 0, 1, 0, "ERROR: Unknown server 'nope'"),
    "barman/check_rc1": Expected("Exception", 1, 20, 0, 21, 0, "failed backups: FAILED (there are 8 failed backups)"),
    "barman/cron_rc0": Expected("Successful", 0, 1, 0, 1, 0, "Starting WAL archiving for server main"),
    "barman/delete_rc0": Expected(
        "Successful", 0, 1, 0, 1, 0, "art time: Mon Nov 30 05:20:06 2026, elapsed time: 3 seconds)"
    ),
    "barman/recover_rc0": Expected(
        "Successful", 0, 1, 0, 1, 0, "stgreSQL server has been successfully prepared for recovery!"
    ),
    "barman/verify_rc0": Expected("Successful", 0, 1, 0, 1, 0, "backup successfully verified"),
    "mysqldump/broken_view_force_rc2": Expected(
        "Exception", 2, 1, 0, 3, 0, "s) or definer/invoker of view lack rights to use them (1356)"
    ),
    "mysqldump/broken_view_rc2": Expected(
        "Failed", 1, 0, 0, 1, 0, 'oker of view lack rights to use them" when using LOCK TABLES'
    ),
    "mysqldump/dump_rc0": Expected("Successful", 0, 1, 0, 1, 0, ""),
    "mysqldump/no_database_rc2": Expected(
        "Failed", 1, 0, 0, 1, 0, " 1049: \"Unknown database 'nope'\" when selecting the database"
    ),
    "mysqldump/no_place_rc1": Expected(
        "Failed", 1, 0, 0, 1, 0, "o file '/nowhere/o' (Errcode: 2 \"No such file or directory\")"
    ),
    "mysqldump/no_right_rc2": Expected(
        "Failed", 1, 0, 0, 1, 0, "r 'x'@'localhost' to database 'shop'\" when using LOCK TABLES"
    ),
    "mysqldump/no_server_before_a_pipe_rc0": Expected(
        "Failed", 1, 0, 0, 1, 0, "rver through socket '/nowhere/s' (2)\" when trying to connect"
    ),
    "mysqldump/no_server_rc2": Expected(
        "Failed", 1, 0, 0, 1, 0, "rver through socket '/nowhere/s' (2)\" when trying to connect"
    ),
    "mysqldump/no_table_rc6": Expected("Failed", 1, 0, 0, 1, 0, 'mariadb-dump: Couldn\'t find table: "nope"'),
    "mysqldump/wrong_password_rc2": Expected(
        "Failed", 1, 0, 0, 1, 0, "'x'@'localhost' (using password: ***\" when trying to connect"
    ),
}

# Ended by a signal, which the runner judges before a tool is asked: only the counts so far are read.
SIGNALLED = {"rclone/copy_interrupted_sigint": (6, 118_304)}


def capture(name: str) -> dict[str, object]:
    return json.loads((CAPTURES / f"{name}.json").read_text())


def test_every_capture_is_expected() -> None:
    found = {path.relative_to(CAPTURES).with_suffix("").as_posix() for path in CAPTURES.rglob("*.json")}
    assert found == EXPECTED.keys() | SIGNALLED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_capture_is_read_as_expected(name: str) -> None:
    run, expected = capture(name), EXPECTED[name]
    outcome = read(run["argv"], run["exit_code"], run.get("stdout") or "", run.get("stderr") or "")
    assert outcome.state is JobState[expected.state]
    counts = outcome.counts
    assert (counts.failed, counts.successful, counts.skipped, counts.total, counts.size) == expected[1:6]
    assert expected.words in outcome.comments
    assert bool(expected.words) == bool(outcome.comments)


@pytest.mark.parametrize("name", SIGNALLED)
def test_capture_of_a_signalled_run_has_counts_so_far(name: str) -> None:
    run = capture(name)
    counts = feed(recognise(run["argv"]).reader(run["argv"]), run.get("stdout") or "", run.get("stderr") or "").counts()
    assert (counts.total, counts.size) == SIGNALLED[name]


@pytest.mark.parametrize("name", [*EXPECTED, *SIGNALLED])
def test_the_capture_folder_names_the_tool_that_is_recognised(name: str) -> None:
    folder = name.partition("/")[0].replace("aws-s3", "aws s3")
    assert recognise(capture(name)["argv"]).name == folder
