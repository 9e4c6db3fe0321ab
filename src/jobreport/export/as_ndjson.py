"""Writes jobs as lines of JSON (NDJSON), with the field names of `POST /api/jobs`."""

from collections.abc import Iterator
from typing import Final

import msgspec

from jobreport.contract.job_row import COLUMNS, Row, times
from jobreport.export.batches import Result, counted
from jobreport.export.texts import SERVICES, STATES, TYPES, moment, seconds

_Line: Final = msgspec.defstruct(
    "_Line", [(name, object) for name in COLUMNS], namespace={"__doc__": "One line."}, gc=False
)
_encode: Final = msgspec.json.Encoder().encode_lines


def encode(result: Result) -> Iterator[bytes]:
    """Gives one line for each job. A time that is unset is null."""
    for batch in counted(result):
        yield _encode([_line(row, result.now) for row in batch])


def _line(row: Row, now: int) -> msgspec.Struct:
    job_id, service, kind, state, start, finish, observed, *rest = row
    start, finish, duration = times(state, start, finish, now)
    return _Line(
        job_id,
        SERVICES[service],
        TYPES[kind],
        STATES[state],
        moment(start) if start else None,
        moment(finish) if finish else None,
        seconds(duration),
        moment(observed) if observed else None,
        *rest,
    )
