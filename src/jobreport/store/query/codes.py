"""Conditions on the codes of a job: its service, its type, its state.

A statement is made once for all questions that name so many services, types and states; which ones they are is in its
parameters, `service0`, `service1` and so on. The table of jobs and that of the kept counts are asked alike.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Integer, bindparam, literal_column

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import JobFilter

NAMES: Final = ("service", "type", "state")
EVERY: Final[Mapping[str, tuple[int, ...]]] = {
    name: tuple(map(int, codes)) for name, codes in zip(NAMES, (ServiceType, JobType, JobState), strict=True)
}
EACH: Final = -1
"""Instead of a number of codes: every code that there is, by itself."""
UNSUCCESSFUL: Final = -2
"""Instead of a number of states: every state but Successful."""


class Codes(NamedTuple):
    """How many services, types and states a question names, of which a job has one each; 0: it may have any."""

    service: int = 0
    type: int = 0
    state: int = 0

    @property
    def several(self) -> bool:
        """Whether jobs of different codes may match, of those that are named."""
        return not {*self} <= {0, 1}


def values(where: JobFilter) -> dict[str, Any]:
    """Which ones, as parameters."""
    given = ("service", where.services), ("type", where.types), ("state", where.states)
    return {f"{name}{number}": int(code) for name, each in given if each for number, code in enumerate(each)}


def one_of(column: ColumnElement[int], name: str, number: int) -> ColumnElement[bool]:
    """Whether the column is one of so many codes; the name is that of the parameters."""
    if number > 0:
        given: list[ColumnElement[int]] = [bindparam(f"{name}{place}", type_=column.type) for place in range(number)]
    else:
        left_out = JobState.Successful if number == UNSUCCESSFUL else None
        given = [constant(code) for code in EVERY[name] if code != left_out]
    return column == given[0] if len(given) == 1 else column.in_(given)


def constant(code: int) -> ColumnElement[int]:
    """A code that stands in the statement itself."""
    return literal_column(str(int(code)), Integer)
