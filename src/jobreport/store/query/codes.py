"""Conditions on the codes of a job: its service, its type, its state.

All questions that name the same number of services, of types and of states share one statement. The codes themselves
are its parameters: `service0`, `service1` and so on. The conditions fit the table of jobs and that of the kept counts.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Integer, bindparam, literal_column

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import Clock, JobFilter

NAMES: Final = ("service", "type", "state")
EVERY: Final[Mapping[str, tuple[int, ...]]] = {
    name: tuple(map(int, codes)) for name, codes in zip(NAMES, (ServiceType, JobType, JobState), strict=True)
}
EACH: Final = -1
"""Stands in place of a number of codes, and means: every code that exists, each counted separately."""
UNSUCCESSFUL: Final = -2
"""Stands in place of a number of states, and means: every state except Successful."""


class Codes(NamedTuple):
    """The numbers of services, of types and of states that a question names. 0 means that it does not filter by this.

    Example: two services and one state are `Codes(2, 0, 1)`. `clock` says whether jobs count on the day of their start
    or on the day of their end.
    """

    service: int = 0
    type: int = 0
    state: int = 0
    clock: Clock = Clock.STARTED

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The three numbers, in the order of `NAMES`."""
        return self[:3]

    @property
    def several(self) -> bool:
        """Whether more than one service, more than one type or more than one state is named."""
        return not {*self.numbers} <= {0, 1}


def values(where: JobFilter) -> dict[str, Any]:
    """Returns the codes of the filters as parameters: `{"service0": 3, "service1": 5}`."""
    given = ("service", where.services), ("type", where.types), ("state", where.states)
    return {f"{name}{number}": int(code) for name, each in given if each for number, code in enumerate(each)}


def counted_values(where: JobFilter) -> dict[str, Any]:
    """Returns the values of those parameters that a filter by codes and times alone has, without the tenant."""
    parameters = {"since": where.since, "until": where.until, **values(where)}
    if where.ended:
        parameters |= {"ended_since": where.ended_since, "ended_until": where.ended_until}
    return parameters


def one_of(column: ColumnElement[int], name: str, number: int) -> ColumnElement[bool]:
    """Returns the condition that the column is one of `number` codes. `name` is that of the parameters, without digit.

    `number` may also be `EACH` or `UNSUCCESSFUL`; then the codes are constants.
    """
    if number > 0:
        given: list[ColumnElement[int]] = [bindparam(f"{name}{place}", type_=column.type) for place in range(number)]
    else:
        left_out = JobState.Successful if number == UNSUCCESSFUL else None
        given = [constant(code) for code in EVERY[name] if code != left_out]
    return column == given[0] if len(given) == 1 else column.in_(given)


def constant(code: int) -> ColumnElement[int]:
    """Returns a code as a constant of the statement, not as a parameter."""
    return literal_column(str(int(code)), Integer)
