"""Rows of series that are not well: what each is, why it is here, its last good copy, and its nights."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import msgspec

from jobreport.model.catalog import SERVICE_LABELS, JobState
from jobreport.model.nights import NightHours
from jobreport.model.series import SeriesStatus
from jobreport.model.series_query import Series
from jobreport.monitor.views.strips import Bar, strip_of, told
from jobreport.monitor.views.why import why
from jobreport.store.query.attention import Why
from jobreport.store.query.nights import Ended

_KINDS: Final = {
    JobState.Failed: ("failed", "Failed"),
    JobState.Exception: ("exceptions", "Exceptions"),
    JobState.Stopped: ("stopped", "Stopped"),
}


class Past(NamedTuple):
    """The nights that are shown, which follow each other; the jobs that ended in them, and which states are good."""

    hours: NightHours
    days: Sequence[date]
    ended: Sequence[Ended]
    good: frozenset[JobState]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One series. `kind` and `word`: its state; `times`: how often in a row; `since`: when that began, in ticks.

    `what` names it, `about` says of what kind it is; `why` is empty if nothing is said.
    `good` is when its last good copy was made (ticks; 0: never), `agreed` how old that may be (ticks; None: nothing
    tells). `runs`: it runs now.
    """

    number: int
    kind: str
    word: str
    times: int
    since: int
    what: str
    resource: str
    about: str
    why: str
    good: int
    agreed: int | None
    runs: bool
    bars: list[Bar]
    bars_told: str


def row_of(one: Series, agreed: int | None, causes: Mapping[str, Why], past: Past) -> Row:
    """Returns the row of a series. `causes` are known by the ID of its newest job that has ended."""
    status = one.status
    kind, word = _state(one)
    because = causes.get(status.ended_id) if status.not_good else None
    quiet = status.newest_filed if kind in ("not-started", "no-data") else 0
    jobs = [(job.finish, job.state) for job in past.ended if job.series == one.number]
    bars = strip_of(past.hours, past.days, jobs, good=past.good, quiet_since=quiet)
    return Row(
        number=one.number,
        kind=kind,
        word=word,
        times=status.not_good,
        since=status.not_good_since,
        what=one.plan or one.resource,
        resource=one.resource if one.plan else "",
        about=f"{SERVICE_LABELS[one.service]} · {one.type.name}",
        why=_why(status, because),
        good=status.good_finish,
        agreed=agreed,
        runs=bool(status.unfinished) and status.newest_state == JobState.InProgress,
        bars=bars,
        bars_told=told(bars),
    )


def _state(one: Series) -> tuple[str, str]:
    status = one.status
    if status.not_good:
        return _KINDS.get(JobState(status.ended_state), ("skipped", "Skipped"))
    return ("not-started", "Too old") if status.good_id else ("no-data", "No good copy")


def _why(status: SeriesStatus, because: Why | None) -> str:
    """Returns in words why a series is not good."""
    if not status.not_good:
        return ""
    if status.ended_state not in _KINDS:
        return "The newest run was skipped; before it, a run was not good"
    return why(because.code, because.text, because.comments) if because else ""
