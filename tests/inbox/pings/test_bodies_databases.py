"""Bodies of tools for databases and machines: known by their own words, and no success where they break off."""

import pytest
from test_bodies import capture, output, told

from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal

PGBACKREST = output(capture("pgbackrest/backup_damaged_rc0")).replace("WARN: invalid page checksum", "WARN: some page")
VZDUMP = """INFO: starting new backup job: vzdump 101 --storage nas
INFO: Starting Backup of VM 101 (qemu)
INFO: Finished Backup of VM 101 (00:02:30)
INFO: Backup job finished successfully
"""
CLIENT = """Starting backup protocol: Mon Nov 30 01:00:00 2026
Upload directory '/' to 'backup@pbs@b1:store' as root.pxar.didx
Duration: 1.02s
End Time: Mon Nov 30 01:00:02 2026
"""


@pytest.mark.parametrize(
    ("body", "end"),
    [
        (PGBACKREST, "INFO: backup command end: completed"),
        (VZDUMP, "INFO: Backup job finished"),
        (CLIENT, "End Time: "),
    ],
)
def test_what_ends_before_its_last_words_is_no_success(body: str, end: str) -> None:
    assert told(body).state is JobState.Successful
    cut = told(body.partition(end)[0])
    assert cut.state is not JobState.Successful
    assert "ends before its summary" in cut.comments


@pytest.mark.parametrize(
    ("body", "state", "words"),
    [
        (output(capture("pgbackrest/backup_damaged_rc0")), JobState.Exception, "invalid page checksum"),
        (output(capture("mysqldump/no_server_rc2")), JobState.Failed, "Can't connect to local server"),
        (output(capture("barman/backup_damaged_rc1")), JobState.Exception, "checksum error occurred"),
        (
            VZDUMP.replace("Finished Backup of VM 101 (", "x (") + "ERROR: Backup of VM 101 failed - x",
            JobState.Failed,
            "VM 101",
        ),
    ],
)
def test_a_fault_in_their_words_is_found_though_the_ping_says_success(body: str, state: JobState, words: str) -> None:
    found = told(body)
    assert found.state is state
    assert words in found.comments


def test_only_the_exit_code_of_a_failure_is_a_failure_of_duplicati() -> None:
    """An exit code of 1 only means that nothing had changed."""
    assert told("The folder /b does not exist", Signal.FAIL, tool="duplicati").state is JobState.Failed
    assert told("  Files added: 0", Signal.SUCCESS, tool="duplicati", status=1).state is JobState.Successful
