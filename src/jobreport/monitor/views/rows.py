"""The rows of series that are not well: what each one is, why it is listed, its last good copy, and its nights."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import msgspec

from jobreport.model.catalog import SERVICE_LABELS, JobState
from jobreport.model.good_copy_age import COPIES, Agreed
from jobreport.model.need import Mark, Need
from jobreport.model.need_words import WORDS
from jobreport.model.nights import NightHours
from jobreport.model.series import SeriesStatus
from jobreport.model.why import why
from jobreport.monitor.views.strips import Bar, strip_of, told
from jobreport.store.query.nights.endings import Ended
from jobreport.store.query.reasons import Why
from jobreport.watch.series_now import SeriesNow

_KINDS: Final = {
    JobState.Failed: ("failed", "Failed"),
    JobState.Exception: ("exceptions", "Exceptions"),
    JobState.Stopped: ("stopped", "Stopped"),
}


SIGNS: Final = {
    Need.WELL: "good",
    Need.NO_RHYTHM: "no-data",
    Need.NO_COPY: "no-data",
    Need.NOT_STARTED: "not-started",
    Need.TOO_OLD: "not-started",
    Need.NOT_GOOD: "failed",
    Need.OVERLONG: "exceptions",
    Need.SHRUNK: "exceptions",
    Need.NO_DATA: "no-data",
    Need.MAINTENANCE: "skipped",
}
"""The sign of each way in which a series can stand. What is not good has that of its state."""
_BY_SENTENCE: Final = frozenset({Need.OVERLONG, Need.SHRUNK, Need.NO_DATA, Need.MAINTENANCE})
"""Of these the sentence of the judgement says why."""


class Past(NamedTuple):
    """The nights that are shown, which follow each other; the jobs that ended in them, and which states are good."""

    hours: NightHours
    days: Sequence[date]
    ended: Sequence[Ended]
    good: frozenset[JobState]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One series. `kind` and `word`: its state; `times`: how often in a row; `since`: when that began, in ticks.

    `what` names it, `about` says of what kind it is; `why` is empty if nothing is said.
    `good` is when its last good copy was made (ticks; 0: never), `agreed` how old that may be; None: nothing
    tells. `leaves_copy`: a clean-up or a restore leaves none. `due`: when a job
    should have started that has not (ticks; 0: none). `runs`: it runs now. `mark`: who has it.
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
    agreed: Agreed | None
    leaves_copy: bool
    due: int
    runs: bool
    mark: Mark | None
    bars: list[Bar]
    bars_told: str


def row_of(judged: SeriesNow, causes: Mapping[str, Why], past: Past) -> Row:
    """Returns the row of a series. `causes` are known by the ID of its newest job that has ended."""
    one = judged.series
    status = one.status
    kind, word = state_of(judged)
    because = causes.get(status.ended_id) if status.not_good else None
    is_bad = judged.need in (Need.NOT_GOOD, Need.NOT_STARTED)
    quiet = status.newest_filed if kind in ("not-started", "no-data") else 0
    jobs = [(job.finish, job.state) for job in past.ended if job.series == one.number]
    bars = strip_of(past.hours, past.days, jobs, good=past.good, quiet_since=quiet)
    return Row(
        number=one.number,
        kind=kind,
        word=word,
        times=status.not_good if is_bad else 0,
        since=status.not_good_since if judged.need is Need.NOT_GOOD else 0,
        due=judged.due,
        mark=judged.holds,
        what=one.plan or one.resource,
        resource=one.resource if one.plan else "",
        about=f"{SERVICE_LABELS[one.service]} · {one.type.name}",
        why=judged.judgement.sentence if judged.need in _BY_SENTENCE else _why(status, because),
        good=status.good_finish,
        agreed=judged.agreed if status.good_id else None,
        leaves_copy=one.type in COPIES,
        runs=bool(status.unfinished) and status.newest_state == JobState.InProgress,
        bars=bars,
        bars_told=told(bars),
    )


def state_of(judged: SeriesNow) -> tuple[str, str]:
    """Returns the sign of a series, and its state in a word."""
    if judged.need is Need.NOT_GOOD:
        return _KINDS.get(JobState(judged.series.status.ended_state), ("skipped", "Skipped"))
    return SIGNS[judged.need], WORDS[judged.need].word


def _why(status: SeriesStatus, because: Why | None) -> str:
    """Returns in words why a series is not good."""
    if not status.not_good:
        return ""
    if status.ended_state not in _KINDS:
        return "The newest run was skipped; before it, a run was not good"
    return why(because.code, because.text, because.comments) if because else ""
