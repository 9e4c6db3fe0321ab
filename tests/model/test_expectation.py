"""To which series an expectation applies: its patterns, whatever they are, and however long."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from jobreport.model.expectation import matches


@given(st.text("ab.\n", max_size=12), st.text("ab.*?\n", min_size=1, max_size=8))
def test_a_pattern_matches_as_file_names_are(text: str, pattern: str) -> None:
    assert matches(text, pattern) is fnmatchcase(text, pattern)


def test_no_pattern_takes_long() -> None:
    assert not matches("a" * 5_000, "*a" * 100 + "b")
    assert matches("a" * 5_000, "*a" * 100)
