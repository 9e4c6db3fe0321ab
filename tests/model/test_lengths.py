"""How lengths of time are written."""

import pytest

from jobreport.model import lengths
from jobreport.model.ticks import PER_SECOND


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        *[(0, "0 s"), (4, "4 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (11520, "3 h 12 min")],
        *[(86400, "1 d"), (3 * 86400 + 6 * 3600 + 59, "3 d 6 h"), (1500 * 86400, "1,500 d")],
    ],
)
def test_a_length_of_time_is_written_in_its_two_largest_units(seconds: int, written: str) -> None:
    assert lengths.duration(seconds * PER_SECOND) == written
