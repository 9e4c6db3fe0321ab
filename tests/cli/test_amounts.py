"""Amounts as people read them: an agreed age is told as it can be typed."""

from hypothesis import given
from hypothesis import strategies as st

from jobreport.cli.options.types import Age
from jobreport.cli.output.amounts import counted, told_age
from jobreport.model import ticks


def test_ages_are_told_in_the_largest_unit_that_is_exact() -> None:
    told = [told_age(age) for age in ("14.00:00:00", "1.02:00:00", "01:30:00", "default")]
    assert told == ["14d", "26h", "90m", "default"]


@given(st.integers(10, 3650 * 1440))
def test_an_age_that_is_told_can_be_typed(minutes: int) -> None:
    age = minutes * 60 * ticks.PER_SECOND
    assert Age().convert(told_age(ticks.duration(0, age)), None, None) == age


def test_one_thing_is_no_plural() -> None:
    assert [counted(number, "entry") for number in (0, 1, 1200)] == ["0 entries", "1 entry", "1,200 entries"]
