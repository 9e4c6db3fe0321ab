"""When a connector is due, whatever clocks of several servers say."""

import pytest

from jobreport.model import ticks
from jobreport.model.streams import NAMED, ConnectorState, first_of

MINUTE = 60 * ticks.PER_SECOND
NOW = ticks.YEAR_2000


@pytest.mark.parametrize(
    ("begun", "held", "due"),
    [
        (0, 0, True),
        (NOW - 5 * MINUTE, 0, True),
        (NOW - 4 * MINUTE, 0, False),
        (NOW + MINUTE, 0, False),
        (NOW + ticks.PER_DAY, 0, True),
        (NOW - 5 * MINUTE, NOW + MINUTE, False),
        (NOW - 5 * MINUTE, NOW, True),
        (NOW - 5 * MINUTE, NOW + ticks.PER_DAY, True),
    ],
)
def test_it_is_due_when_its_interval_is_over_and_nobody_reads_it(begun: int, held: int, due: bool) -> None:
    state = ConnectorState(connector="nas", kind="exec", every=300, begun=begun, held=held)
    assert state.is_due(300, NOW) is due


@pytest.mark.parametrize(("number", "last"), [(NAMED, str(NAMED - 1)), (NAMED + 2, "and 2 more")])
def test_of_many_names_the_others_are_counted(number: int, last: str) -> None:
    said = first_of([str(each) for each in range(number)])
    assert said[:NAMED] == [str(each) for each in range(NAMED)]
    assert said[-1] == last
