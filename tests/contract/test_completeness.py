"""The header that says until when a report is complete reads as it was written, and no other text breaks its reader."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from jobreport.contract.completeness import Completeness, read, value
from jobreport.model import ticks

NAMES = st.lists(st.from_regex(r"\A[a-z][a-z0-9-]{0,20}\Z"), max_size=20)


@given(st.integers(ticks.UNIX_EPOCH, ticks.YEAR_2200 - 1), NAMES)
def test_what_was_written_is_read(until: int, lacking: list[str]) -> None:
    cut = until - until % ticks.PER_SECOND
    assert read(value(until, lacking)) == Completeness(ticks.to_datetime(cut), tuple(lacking))


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read(text)
    assert found is None or found.until.tzinfo is not None
    assert read(None) is None
    assert read('2026-11-23T05:58:00Z; other="x"') == Completeness(datetime(2026, 11, 23, 5, 58, tzinfo=UTC))
