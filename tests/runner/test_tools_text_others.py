"""Output of PostgreSQL's programs, of pgBackRest's verify, of git and of any other command; what is read out of it."""

import pytest
from tool_runs import Case, assert_read_as, read

from jobreport.model.catalog import JobState

GIT_FETCH = """From /srv/g
   f6181bc..c49d097  main       -> origin/main
 * [new tag]         v2         -> v2
"""

CASES: dict[str, Case] = {
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
    assert_read_as(CASES[case])


def test_a_verification_by_pgbackrest_that_found_an_error_is_none_that_went_well() -> None:
    command = ["pgbackrest", "--stanza=demo", "verify"]
    assert read(command, 0, "stanza: demo\nstatus: ok").state is JobState.Successful
    assert read(command, 0, "stanza: demo\nstatus: error\n  missing: 1").state is JobState.Failed
