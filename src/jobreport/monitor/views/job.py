"""What the page of one job shows: all that is kept of it, beside what is usual of its series."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import msgspec
from markupsafe import Markup

from jobreport.contract.job_fields import FIELDS, FieldKind
from jobreport.model.catalog import NOT_GOOD, SERVICE_LABELS, STATE_LABELS, JobState
from jobreport.model.cause import cause_of_job
from jobreport.model.job import Job
from jobreport.model.lengths import duration
from jobreport.model.need import is_to_come
from jobreport.model.ordinals import nth
from jobreport.model.series_query import JobSeries, SeriesRuns
from jobreport.monitor.links import Go, job_address
from jobreport.monitor.texts import Times, size
from jobreport.monitor.views.runs import RunRow, Scale, UsualWords, run_rows, scale, usual_words
from jobreport.monitor.views.standing import StandingView, series_address, standing
from jobreport.store.jobs.history import History
from jobreport.watch.series_now import SeriesNow

MOOD: Final = {
    JobState.Successful: "good",
    JobState.Exception: "warn",
    JobState.Stopped: "warn",
    JobState.Failed: "bad",
}


class Change(msgspec.Struct, frozen=True):
    """One field that a correction changed: what it was, and what came after it."""

    field: str
    was: str
    became: str


class Earlier(msgspec.Struct, frozen=True):
    """An earlier version of the job: until when it counted, and what changed then."""

    until: Markup
    presumed: bool
    changes: tuple[Change, ...]


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a job. `name` is what it is a job of. What the job does not tell is empty."""

    job: Job
    name: str
    mood: str
    head: str
    then: str | Markup
    presumed: bool
    started: str | Markup
    ended: str | Markup
    took: str
    scale: Scale | None
    usual: UsualWords | None
    objects: str
    bytes: str
    service: str
    cause_code: str
    cause_text: str
    series: StandingView | None
    series_address: str
    series_number: int
    runs: tuple[RunRow, ...]
    older: str
    newer: str
    earlier: tuple[Earlier, ...]
    received: Markup
    heard: Markup
    observed: Markup
    reported_by: str
    is_running: bool


def job_view(
    found: History,
    of: SeriesRuns | None,
    judged: SeriesNow | None,
    good: frozenset[JobState],
    times: Times,
    go: Go,
) -> JobView:
    """Returns what the page shows of a job. `of` is its series with the last runs, and `judged` how that stands; both
    are None if it belongs to none. `good` are the states that the tenant takes for good.
    """
    stored, job, place = found.current, found.current.job, found.series
    state = job.state
    took = (job.finish or times.now) - job.start if job.start and state is not JobState.NotStarted else 0
    why = cause_of_job(job)
    usual = place.usual if place else None
    return JobView(
        job=job,
        name=" · ".join(filter(None, (job.plan, job.resource))) or job.description or job.job_id,
        mood="good" if state in good else MOOD.get(state, "none"),
        head=_head(job, took, times.now),
        then=_then(job, place, good, times),
        presumed=stored.presumed,
        started=times.full(job.start) if job.start else "",
        ended=times.full(job.finish) if job.finish else "",
        took=duration(took) if took or job.finish else "",
        scale=scale(took, usual) if took else None,
        usual=usual_words(usual),
        objects=f"{job.successful:,} good · {job.failed:,} failed · {job.skipped:,} skipped · {job.total:,} in all",
        bytes=size(job.size),
        service=SERVICE_LABELS[job.service],
        cause_code=why.code if why else "",
        cause_text=why.text if why else "",
        series=standing(judged, times) if judged else None,
        series_address=series_address(go, place.series.number) if place else "",
        series_number=place.series.number if place else 0,
        runs=tuple(reversed(run_rows(of.runs, times, go, job.job_id))) if of else (),
        older=job_address(go, place.previous.job_id) if place and place.previous else "",
        newer=job_address(go, place.next.job_id) if place and place.next else "",
        earlier=tuple(_earlier(found, times)),
        received=times.full(stored.received),
        heard=times.full(stored.heard),
        observed=times.full(job.observed),
        reported_by=stored.app,
        is_running=not state.finished,
    )


def _head(job: Job, took: int, now: int) -> str:
    state = job.state
    if is_to_come(state, job.start, now):
        return "Due"
    if state is JobState.InProgress:
        return f"Running for {duration(took)}"
    return f"{STATE_LABELS[state]} after {duration(took)}" if state.finished else STATE_LABELS[state]


def _then(job: Job, place: JobSeries | None, good: frozenset[JobState], times: Times) -> str | Markup:
    """Returns what the job means for its series: whether it failed in a row, and what came after it."""
    if place is None:
        return "It names neither plan nor resource, so it belongs to no series."
    status = place.series.status
    last = (
        Markup("last good copy {} ({} ago)").format(times.short(status.good_finish), times.ago(status.good_finish))
        if status.good_id
        else Markup("there never was a good copy")
    )
    is_bad = job.state in NOT_GOOD - good
    if is_bad and status.not_good and job.job_id == status.ended_id:
        row = f"Not good for the {nth(status.not_good)} time in a row" if status.not_good > 1 else "The first in a row"
        return Markup("{}; {}.").format(row, last)
    if is_bad and status.good_id and (job.start, job.job_id) < (status.good_filed, status.good_id):
        return Markup("Good again since: {}.").format(last)
    if job.job_id == status.good_id:
        return Markup("This is the newest good copy, {} old.").format(times.ago(status.good_finish))
    return Markup("Of its series: {}.").format(last)


def _earlier(found: History, times: Times) -> Iterator[Earlier]:
    """Yields the earlier versions, newest first, each with what the next one changed."""
    versions = [found.current.job, *(version.job for version in found.versions)]
    for version, (later, was) in zip(found.versions, pairwise(versions), strict=True):
        yield Earlier(times.full(version.replaced), version.presumed, tuple(_changes(was, later, times)))


def _changes(was: Job, later: Job, times: Times) -> Iterator[Change]:
    for field in FIELDS:
        before, after = getattr(was, field.name), getattr(later, field.name)
        if before != after:
            if field.kind is FieldKind.RECORD:
                yield Change(field.wire, "another record", "the one below")
            else:
                yield Change(field.wire, *(_value(field.kind, value, times) for value in (before, after)))


def _value(kind: FieldKind, value: Any, times: Times) -> str:
    if kind is FieldKind.TIME:
        return times.plain(value) if value else "none"
    if kind is FieldKind.CODE:
        return STATE_LABELS[value] if isinstance(value, JobState) else str(value.name)
    return f"{value:,}" if kind is FieldKind.NUMBER else str(value) or "nothing"
