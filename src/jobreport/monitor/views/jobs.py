"""What the page of jobs shows: the question in words, its chips, the rows, the order, and the numbers of pages."""

from typing import Final

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from jobreport.contract.job_row import JobRow
from jobreport.model.catalog import NOT_GOOD, UNFINISHED, JobState
from jobreport.model.lengths import duration
from jobreport.model.need import is_to_come
from jobreport.model.query import JobQuery, Sort, SortKey
from jobreport.model.why import why
from jobreport.monitor import parameters
from jobreport.monitor.links import Go, by_name, job_address
from jobreport.monitor.texts import Times, size
from jobreport.monitor.views import question
from jobreport.monitor.views.page_numbers import Numbered, page_numbers
from jobreport.store.query.details import Details

PATH: Final = "/jobs"
_COLUMNS: Final = (
    (None, "State"),
    (SortKey.FINISH, "Ended"),
    (SortKey.START, "Started"),
    (None, "Plan / resource"),
    (SortKey.DURATION, "Took"),
    (SortKey.FAILED, "Objects"),
    (None, "Why"),
)


class Row(msgspec.Struct, frozen=True):
    """One job of the list. `ended` is empty until it has ended; `why` is empty if it is good, or nobody said why not.
    The times in UTC are empty if the tenant's zone shows the same. `due` is when it should start; empty if it has
    started, or if that is not known.
    """

    job_id: str
    address: str
    state: int
    due: str | Markup
    is_to_come: bool
    ended: str | Markup
    ended_utc: str
    started: str | Markup
    started_utc: str
    plan: str
    resource: str
    what: str
    took: str
    objects: str
    failed: int
    bytes: str
    why: str


class Column(msgspec.Struct, frozen=True):
    """The head of a column. `address` sorts by it, None: the list cannot be; `order` is `ascending`, `descending`, or
    empty if the list is not sorted by it.
    """

    name: str
    address: str | None
    order: str


class Chip(msgspec.Struct, frozen=True):
    """A part of the question, and the address of the question without it."""

    words: str | Markup
    without: str


class JobsView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of jobs. `asked` is the question in words, empty if it asks for all. `numbers` are the pages near this
    one; `first` and `last` are the places of the first and the last row, from 1; 0 if there is none.
    """

    total: int
    asked: Markup
    chips: tuple[Chip, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    pages: Numbered
    first: int
    last: int
    runs: bool


def jobs_address(go: Go, query: JobQuery) -> str:
    """Returns the address of the list that answers a question."""
    return go(PATH, **by_name(parameters.written_jobs(query)))


def jobs_view(query: JobQuery, found: Details, times: Times, go: Go) -> JobsView:
    """Returns what the page shows of the answer to a question."""
    parts = [*question.parts(query.where, times)]
    first = query.page * query.size
    return JobsView(
        total=found.total,
        asked=Markup(", ").join(part.words for part in parts),
        chips=tuple(
            Chip(
                part.words,
                jobs_address(go, replace(query, where=question.without(query.where, part.field), page=0)),
            )
            for part in parts
        ),
        columns=tuple(_column(key, name, query, go) for key, name in _COLUMNS),
        rows=tuple(_row(row, times, go) for row in found.rows),
        pages=page_numbers(
            query.page, -(-found.total // query.size), lambda page: jobs_address(go, replace(query, page=page))
        ),
        first=first + 1 if found.rows else 0,
        last=first + len(found.rows),
        runs=any(row.state == JobState.InProgress for row in found.rows),
    )


def _column(key: SortKey | None, name: str, query: JobQuery, go: Go) -> Column:
    if key is None:
        return Column(name, None, "")
    is_sorted = query.sort.key is key
    # The newest, the longest and the worst first; a second click turns the order round.
    descending = not query.sort.descending if is_sorted else True
    turned = replace(query, sort=Sort(key, descending), page=0)
    order = ("descending" if query.sort.descending else "ascending") if is_sorted else ""
    return Column(name, jobs_address(go, turned), order)


def _row(row: JobRow, times: Times, go: Go) -> Row:
    state = JobState(row.state)
    runs = state is JobState.InProgress
    ended = "" if state in UNFINISHED else times.short(row.finish)
    end = times.now if runs else row.finish
    start = 0 if state is JobState.NotStarted else row.start
    return Row(
        job_id=row.job_id,
        address=job_address(go, row.job_id),
        state=row.state,
        due=times.short(row.start) if row.start and not start else "",
        is_to_come=is_to_come(row.state, row.start, times.now),
        ended=ended,
        ended_utc=times.beside(row.finish) if ended else "",
        started=times.short(start) if start else "",
        started_utc=times.beside(start) if start else "",
        plan=row.plan,
        resource=row.resource,
        what=row.description if not (row.plan or row.resource) else "",
        took=duration(end - row.start) if runs or state not in UNFINISHED else "",
        objects=objects(row),
        failed=row.failed,
        bytes=size(row.size) if row.size else "",
        why=why(row.cause, row.cause_text, row.comments) if row.state in NOT_GOOD else "",
    )


def objects(row: JobRow) -> str:
    """Returns the numbers of a job's objects: `41,210, 3 failed`, `0 of 1`; empty if it tells none."""
    if not row.total:
        return ""
    missed = [f"{number:,} {word}" for number, word in ((row.failed, "failed"), (row.skipped, "skipped")) if number]
    whole = f"{row.successful:,} of {row.total:,}" if row.successful != row.total else f"{row.total:,}"
    return ", ".join([whole, *missed])
