"""The answers about series as types: the server writes them from these, and the client reads them into these."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from jobreport.contract.completeness import Reported
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import wire_times
from jobreport.model.judgement import Judgement
from jobreport.model.series_query import JobSeries, NeighbourJob, Series, SeriesPage, SeriesRuns
from jobreport.model.usual import RUNS, Range, Run, Usual

_INT32: Final = {"format": "int32"}
_INT64: Final = {"format": "int64"}
_DATE_TIME: Final = {"format": "date-time"}
Judgements = Mapping[int, Judgement]
"""What was judged of series, by their numbers."""
EMPTY: Final[Judgements] = MappingProxyType({})
_COUNT: Final = Meta(extra_json_schema=_INT64)
_STATE: Final = Meta(description="The name of its state.")


def _time(says: str | None = None) -> Meta:
    return Meta(description=says, extra_json_schema=_DATE_TIME)


class SeriesJob(msgspec.Struct, frozen=True, rename="camel"):
    """A job of a series; `GET /api/jobs/{jobId}` has all of it. Times are ISO 8601 in UTC."""

    job_id: str
    state: Annotated[str, _STATE]
    start_time: Annotated[str, _time("If it has not started: when it is due, or else when it was first reported.")]


class GoodJob(msgspec.Struct, frozen=True, rename="camel"):
    """The last good job of a series, which left the newest good copy. Times are ISO 8601 in UTC."""

    job_id: str
    start_time: Annotated[str, _time()]
    finish_time: Annotated[str, _time()]
    objects: Annotated[int, Meta(description="Objects in all.", extra_json_schema=_INT32)]
    bytes: Annotated[int, Meta(description="Bytes processed.", extra_json_schema=_INT64)]


class SeriesItem(msgspec.Struct, frozen=True, rename="camel"):
    """What repeats, and how it stands: all jobs of one service, type, plan, resource and origin. Times are ISO 8601 in
    UTC.

    A job is good if it is Successful; for a tenant that says so, also Exception. It is not good in the state Failed,
    Stopped, and otherwise Exception.
    """

    number: Annotated[int, Meta(description="Its number within the tenant.", extra_json_schema=_INT32)]
    key: Annotated[str, Meta(description="Names it in every store: a hash of the five texts and codes below.")]
    service: Annotated[str, Meta(description="The name of the code.")]
    type: Annotated[str, Meta(description="The name of the code.")]
    plan: str
    resource: str
    origin: str
    jobs: Annotated[int, Meta(description="How many are kept, exactly.", extra_json_schema=_INT64)]
    first_job: Annotated[str, _time("Start or due time of the oldest job.")]
    last_report: Annotated[str | None, _time("When the newest report of one of its jobs was received.")]
    newest: Annotated[SeriesJob | None, Meta(description="The newest job that has started; null: none has.")]
    last_ended: Annotated[SeriesJob | None, Meta(description="The newest job that has ended; null: none has.")]
    last_good: Annotated[GoodJob | None, Meta(description="The newest good job; null: there never was one.")]
    not_good: Annotated[
        int, Meta(description="Jobs that were not good since the last good one.", extra_json_schema=_INT64)
    ]
    not_good_since: Annotated[str | None, _time("The start of the first of them; null where the series is well.")]
    unfinished: Annotated[int, Meta(description="Jobs that have not ended.", extra_json_schema=_INT64)]
    unfinished_since: Annotated[str | None, _time("Start or due time of the first of them.")]
    verdict: Annotated[
        str | None, Meta(description="How it stands to what is expected of it, in a word; null: not judged yet.")
    ] = None
    sentence: Annotated[str | None, Meta(description="Why, in one sentence with its numbers.")] = None

    @property
    def last_good_at(self) -> datetime | None:
        """When the last good job ended, in UTC, cut to microseconds; None if there never was one."""
        return ticks.to_datetime(ticks.from_iso(self.last_good.finish_time)) if self.last_good else None


class SeriesList(Reported, frozen=True, rename="camel"):
    """The series on the page, how many match in all, and where the next page begins."""

    total_count: Annotated[int, Meta(description="Every series that matches, exactly, whatever the page.")]
    series: list[SeriesItem]
    next_link: Annotated[str, Meta(description="The skiptoken of the next page; empty on the last one.")]


class SeriesRun(msgspec.Struct, frozen=True, rename="camel"):
    """One run of a series. Times are ISO 8601 in UTC."""

    job_id: str
    state: Annotated[str, _STATE]
    start_time: Annotated[str, _time()]
    finish_time: Annotated[str | None, _time("Null until it ends.")]
    duration: Annotated[float, Meta(description="Seconds. Until it ends: since the start.")]
    objects: Annotated[int, Meta(description="Objects in all.", extra_json_schema=_INT32)]
    bytes: Annotated[int, Meta(description="Bytes processed.", extra_json_schema=_INT64)]

    @property
    def took(self) -> timedelta:
        """How long it took, or has been running; to the microsecond."""
        return timedelta(seconds=self.duration)


class UsualSeconds(msgspec.Struct, frozen=True):
    """The median of some durations in seconds, and their 10th and 90th percentile."""

    median: float
    p10: float
    p90: float


class UsualNumber(msgspec.Struct, frozen=True):
    """The median of some numbers, and their 10th and 90th percentile; rounded."""

    median: Annotated[int, _COUNT]
    p10: Annotated[int, _COUNT]
    p90: Annotated[int, _COUNT]


class UsualValues(msgspec.Struct, frozen=True):
    """What is usual of the last good runs: eight of ten lie between the 10th and the 90th percentile."""

    runs: Annotated[int, Meta(description=f"Of how many good runs: the last {RUNS}, or all if there are fewer.")]
    duration: UsualSeconds
    objects: UsualNumber
    bytes: UsualNumber


class SeriesDetail(SeriesItem, Reported, frozen=True, kw_only=True, rename="camel"):
    """A series, with its last runs and what is usual of the good ones."""

    runs: Annotated[list[SeriesRun], Meta(description=f"The last {RUNS} that have started, newest first.")]
    usual: Annotated[UsualValues | None, Meta(description="Null: it has no good run.")]


class SeriesOfJob(SeriesItem, frozen=True, kw_only=True, rename="camel"):
    """The series of a job: how it stands now, what is usual of its good runs, and the jobs before and after this one.

    Times are ISO 8601 in UTC, as in all answers about series.
    """

    usual: Annotated[UsualValues | None, Meta(description="Null: it has no good run.")]
    previous: Annotated[SeriesJob | None, Meta(description="The job before this one; null: this is the oldest.")]
    next: Annotated[SeriesJob | None, Meta(description="The job after this one; null: this is the newest.")]


def series_list(page: SeriesPage, next_link: str, judged: Judgements = EMPTY) -> SeriesList:
    """Returns the answer with this page. `judged`: what was judged of its series, by their numbers."""
    return SeriesList(page.total, [item(one, judged) for one in page.series], next_link)


def item(one: Series, judged: Judgements = EMPTY) -> SeriesItem:
    """Returns a series as the answer shows it."""
    return SeriesItem(**_fields(one), **_verdict(one, judged))


def _verdict(one: Series, judged: Judgements) -> dict[str, Any]:
    found = judged.get(one.number)
    return {"verdict": found.verdict.value, "sentence": found.sentence} if found else {}


def detail(found: SeriesRuns, now: int, judged: Judgements = EMPTY) -> SeriesDetail:
    """Returns a series with its runs as the answer shows it at `now` (ticks)."""
    return SeriesDetail(
        **_fields(found.series),
        **_verdict(found.series, judged),
        runs=[_run(run, now) for run in found.runs],
        usual=_usual(found.usual) if found.usual else None,
    )


def of_job(found: JobSeries, judged: Judgements = EMPTY) -> SeriesOfJob:
    """Returns the series of a job as the answer shows it."""
    return SeriesOfJob(
        **_fields(found.series),
        **_verdict(found.series, judged),
        usual=_usual(found.usual) if found.usual else None,
        previous=_neighbour(found.previous),
        next=_neighbour(found.next),
    )


def _neighbour(one: NeighbourJob | None) -> SeriesJob | None:
    return _job(one.job_id, one.state, one.filed) if one else None


def _fields(one: Series) -> dict[str, Any]:
    status = one.status
    good = GoodJob(
        status.good_id,
        ticks.to_iso(status.good_filed),
        ticks.to_iso(status.good_finish),
        status.good_objects,
        status.good_bytes,
    )
    return {
        "number": one.number,
        "key": one.key,
        "service": one.service.name,
        "type": one.type.name,
        "plan": one.plan,
        "resource": one.resource,
        "origin": one.origin,
        "jobs": status.jobs,
        "first_job": ticks.to_iso(status.first),
        "last_report": _iso(status.heard),
        "newest": _job(status.newest_id, status.newest_state, status.newest_filed),
        "last_ended": _job(status.ended_id, status.ended_state, status.ended_filed),
        "last_good": good if status.good_id else None,
        "not_good": status.not_good,
        "not_good_since": _iso(status.not_good_since),
        "unfinished": status.unfinished,
        "unfinished_since": _iso(status.unfinished_since),
    }


def _job(job_id: str, state: int, filed: int) -> SeriesJob | None:
    return SeriesJob(job_id, JobState(state).name, ticks.to_iso(filed)) if job_id else None


def _iso(time: int) -> str | None:
    return ticks.to_iso(time) if time else None


def _run(run: Run, now: int) -> SeriesRun:
    state = JobState(run.state)
    start, finish, duration = wire_times(state, run.start, run.finish, now)
    return SeriesRun(
        run.job_id, state.name, ticks.to_iso(start), _iso(finish), _seconds(duration), run.objects, run.bytes
    )


def _usual(usual: Usual) -> UsualValues:
    took = usual.duration
    return UsualValues(
        usual.runs,
        UsualSeconds(_seconds(took.median), _seconds(took.p10), _seconds(took.p90)),
        _number(usual.objects),
        _number(usual.bytes),
    )


def _number(found: Range) -> UsualNumber:
    return UsualNumber(found.median, found.p10, found.p90)


def _seconds(duration: int) -> float:
    return duration / ticks.PER_SECOND
