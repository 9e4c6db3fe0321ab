"""Jobs in; CSV (RFC 4180) that no spreadsheet takes for formulas, in UTF-8, out.

What begins like a formula, or with the guard itself, gets an apostrophe before it (OWASP, "CSV Injection"): a
spreadsheet shows it as text. So the guard is taken off by dropping one apostrophe from the beginning of a text.
"""

import csv
import io
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from jobreport.contract.job_row import COLUMNS, Row, times
from jobreport.export.batches import Result, counted
from jobreport.export.texts import SERVICES, STATES, TYPES, moment, seconds

GUARD: Final = "'"
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", GUARD)  # noqa: RUF001 - they are meant


def guarded(text: str) -> str:
    """The text as a cell that is no formula."""
    return f"{GUARD}{text}" if text.startswith(_DANGEROUS) else text


def unguarded(cell: str) -> str:
    """The text of a cell that `guarded` made."""
    return cell.removeprefix(GUARD)


_known = lru_cache(maxsize=20_000)(guarded)
"""What jobs are about comes back night after night."""


def encode(result: Result) -> Iterator[bytes]:
    """A line of names, then a line a job, as long as they come."""
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
    job_id, service, kind, state, start, finish, *counts, comments, description, plan, resource, origin = row
    start, finish, duration = times(state, start, finish, now)
    return (
        guarded(job_id),
        SERVICES[service],
        TYPES[kind],
        STATES[state],
        moment(start) if start else "",
        moment(finish) if finish else "",
        seconds(duration),
        *counts,
        guarded(comments) if comments else "",
        _known(description),
        _known(plan),
        _known(resource),
        _known(origin),
    )
