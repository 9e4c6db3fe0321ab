"""The times of a job that mostly repeat another one of it. The table has 0 there instead of the same number again.

Most jobs are reported once, and were observed as they ended. In a file a 0 takes no room, and a time eight bytes.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, case, literal_column

from jobreport.store.schema.jobs import job as table

_SAME: Final = literal_column("0", BigInteger)


def _or_as(name: str, other: str) -> ColumnElement[int]:
    return case((table.c[name] == _SAME, table.c[other]), else_=table.c[name])


OBSERVED: Final = _or_as("observed", "finish")
"""When the origin saw the job so, in ticks."""
HEARD: Final = _or_as("heard", "received")
"""When the job was last reported, in ticks."""
_TIMES: Final = {"observed": OBSERVED, "heard": HEARD}


def whole(name: str) -> ColumnElement[Any]:
    """Returns the value of a column of jobs, under its name, as it was before it was stored."""
    return _TIMES[name].label(name) if name in _TIMES else table.c[name]


def unless_same(time: int, other: int) -> int:
    """Returns what is stored of a time."""
    return 0 if time == other else time
