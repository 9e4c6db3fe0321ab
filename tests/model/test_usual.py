"""What is usual of some runs: their median and percentiles, in whole numbers however large."""

import statistics

from hypothesis import given
from hypothesis import strategies as st

from jobreport.model.usual import Range, Run, spread, usual

NUMBERS = st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=30)


@given(st.lists(st.integers(0, 2**20), min_size=2, max_size=30))
def test_percentiles_are_those_that_lie_between_the_values_of_the_sample(numbers: list[int]) -> None:
    found, deciles = spread(numbers), statistics.quantiles(numbers, n=10, method="inclusive")
    for mine, theirs in ((found.p10, deciles[0]), (found.median, deciles[4]), (found.p90, deciles[8])):
        assert abs(mine - theirs) <= 0.5


@given(NUMBERS)
def test_the_range_lies_within_the_numbers_in_order_whatever_their_order_was(numbers: list[int]) -> None:
    found = spread(numbers)
    assert min(numbers) <= found.p10 <= found.median <= found.p90 <= max(numbers)
    assert spread(reversed(numbers)) == found


def test_of_one_run_everything_is_as_usual() -> None:
    found = usual([Run("a", 2, 100, 160, 5, 2**62 + 1)])
    assert found is not None
    assert (found.runs, found.duration, found.objects) == (1, Range(60, 60, 60), Range(5, 5, 5))
    assert found.bytes == Range(2**62 + 1, 2**62 + 1, 2**62 + 1)
    assert usual([]) is None


def test_half_of_a_whole_number_is_rounded_up() -> None:
    assert spread([1, 2]).median == 2
