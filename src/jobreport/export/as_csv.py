"""Writes jobs as CSV (RFC 4180) in UTF-8, with every text guarded, so that no spreadsheet takes it for a formula."""

import csv
import io
from collections.abc import Iterator
from functools import lru_cache

from jobreport.contract.formula_guard import guarded
from jobreport.contract.job_row import COLUMNS, Row, times
from jobreport.export.batches import Result, counted
from jobreport.export.texts import SERVICES, STATES, TYPES, moment, seconds

_known = lru_cache(maxsize=20_000)(guarded)
"""`guarded` with a cache, because the same texts occur in many jobs."""


def encode(result: Result) -> Iterator[bytes]:
    """Gives a line with the column names, then one line for each job."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for batch in counted(result):
        writer.writerows([_cells(row, result.now) for row in batch])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _cells(row: Row, now: int) -> tuple[object, ...]:
    job_id, service, kind, state, start, finish, observed, *rest = row
    counts, comments, texts, reference, sees = rest[:5], str(rest[5]), map(str, rest[6:-2]), str(rest[-2]), rest[-1]
    start, finish, duration = times(state, start, finish, now)
    return (
        guarded(job_id),
        SERVICES[service],
        TYPES[kind],
        STATES[state],
        moment(start) if start else "",
        moment(finish) if finish else "",
        seconds(duration),
        moment(observed) if observed else "",
        *counts,
        guarded(comments) if comments else "",
        *map(_known, texts),
        guarded(reference) if reference else "",
        sees,
    )
