"""Why a job is not good, in one line."""

import pytest

from jobreport.model.cause import cause_of
from jobreport.model.why import MAX_WHY, why

LOCKED = "unable to create lock: repository is already locked by PID 4711 on srv"


@pytest.mark.parametrize(
    ("comments", "line"),
    [
        ("", ""),
        ("\n  \n", ""),
        (f"  {LOCKED}\n", LOCKED),
        (f"scan began\n{LOCKED}\nscan ended", "Locked by another run"),
        ("checked 3 files\nerror: the frobnicator of 'db-7' refused 12 times\nbye", None),
    ],
)
def test_an_only_comment_or_a_known_cause_or_the_line_that_tells(comments: str, line: str | None) -> None:
    cause = cause_of(comments)
    code, text = cause or ("", "")
    expected = "error: the frobnicator of 'db-7' refused 12 times" if line is None else line
    assert why(code, text, comments) == expected


def test_a_long_comment_is_cut() -> None:
    assert why("", "", "x" * 1000) == "x" * (MAX_WHY - 1) + "…"
