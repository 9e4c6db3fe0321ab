"""The overview: what needs somebody now, what happened in the night, and what cannot be known.

The sentence is about now. What failed and has succeeded since is recovered, and what runs does not hide what failed. A
series that is not heard of is not good: it needs somebody as soon as its last good copy is older than agreed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from statistics import median_low
from typing import Final

import msgspec

from jobreport.contract.job_row import JobRow
from jobreport.model.catalog import JobState
from jobreport.model.series_query import Series
from jobreport.monitor.texts import Times
from jobreport.monitor.views.period import Period
from jobreport.monitor.views.rows import Past, Row, row_of
from jobreport.store.query.nights.bad_jobs import Bad
from jobreport.store.query.nights.endings import Ended
from jobreport.store.query.reasons import Why
from jobreport.store.query.series.long_runs import LongRun
from jobreport.watch.numbers import NeedsNow
from jobreport.watch.sentence import sentence, silence
from jobreport.watch.series_now import SeriesNow

SHOWN: Final = 10
"""The most series that are shown of those that need somebody, and of other lists."""
USUAL_WEEKS: Final = 4
"""What is usual is that of so many same weekdays before."""
_TILES: Final = (
    (JobState.Failed, "failed", "Failed"),
    (JobState.NotStarted, "not-started", "Not started"),
    (JobState.Exception, "exceptions", "Exceptions"),
    (JobState.Stopped, "stopped", "Stopped"),
    (JobState.InProgress, "running", "Running"),
    (JobState.Waiting, "waiting", "Waiting"),
    (JobState.Successful, "good", "Successful"),
    (JobState.Skipped, "skipped", "Skipped"),
)
Nights = Mapping[date, Mapping[JobState, int]]
"""How many jobs ended in each state, by night. A night without jobs need not be there."""


class Running(msgspec.Struct, frozen=True):
    """A job that runs, and how long its series usually takes: the median and the 90th percentile of the last good runs,
    in ticks; 0 if there are none.
    """

    job: JobRow
    usual: int = 0
    longest: int = 0

    def took(self, now: int) -> int:
        """For how long it has been running, in ticks."""
        return max(0, now - self.job.start)

    def is_long(self, now: int) -> bool:
        """Whether it takes longer than nine of ten good runs, and a quarter more than the usual one."""
        return bool(self.usual) and self.took(now) > max(self.longest, self.usual * 5 // 4)


class Unseen(msgspec.Struct, frozen=True):
    """What connectors cannot see, in words: of each that has no data, what it `lacks`, and which times are `lost`."""

    lacks: Sequence[str] = ()
    lost: Sequence[str] = ()

    @property
    def first(self) -> list[str]:
        """As many as the page has room for."""
        return [*self.lacks, *self.lost][:SHOWN]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the store answered, all at `now` (ticks). `good` are the states that the tenant takes for good.

    `silent`: since when nothing is reported for longer than the tenant's rhythm (ticks; 0: it is not so).

    `ended`: the jobs of the listed series in the nights of `past`.

    `bad`: the jobs of the period that were not good; `recovered`: the numbers of their series that are good again, and
    `again` the first of these.

    `long`: the jobs that run far longer than usual; `waits_since`: when the first job began to wait that waits (ticks).

    `unfinished`: the numbers of jobs that run, wait, or should have started; `is_scheduled`: a schedule
    is declared, or some job that has not started is known, due now or later.
    """

    now: int
    silent: int
    good: frozenset[JobState]
    period: Period
    past: list[date]
    needs: NeedsNow
    why: Mapping[str, Why]
    ended: Sequence[Ended]
    bad: Sequence[Bad]
    recovered: Collection[int]
    again: Sequence[Series]
    nights: Nights
    running: Sequence[Running]
    long: Sequence[LongRun]
    waits_since: int
    unseen: Unseen
    unfinished: Mapping[JobState, int]
    is_scheduled: bool
    has_jobs: bool


class Tile(msgspec.Struct, frozen=True):
    """How many jobs are in one state, and how many are usually. `usual` is None for what has not ended. `since`:
    when the first of them began to wait (ticks; 0: they do not wait).
    """

    state: JobState
    kind: str
    word: str
    jobs: int
    usual: int | None
    since: int = 0


class Reason(msgspec.Struct, frozen=True):
    """One cause of many jobs: how many jobs and series, and since when (ticks)."""

    code: str
    text: str
    jobs: int
    series: int
    since: int


class NightTotal(msgspec.Struct, frozen=True):
    """How the jobs of one night ended. `failed` is failed and stopped ones. `not_good`: all that were not good."""

    day: date
    jobs: int
    failed: int
    exceptions: int
    not_good: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. `mood`: good, warn, bad, or none if nothing can be said. `detail` goes on with the sentence
    after a colon; it may be empty. `rows` are the first of those that `need` somebody, `held` of those that are
    `in_hands`, `unjudged` of those that are `not_judged`, and `again` of those that `recovered`.
    """

    mood: str
    sentence: str
    detail: str
    rest: str
    tiles: list[Tile]
    need: int
    rows: list[Row]
    in_hands: int
    held: list[Row]
    not_judged: int
    unjudged: list[Row]
    no_rhythm: int
    retired: int
    recovered: int
    again: Sequence[Series]
    reasons: list[Reason]
    totals: list[NightTotal]
    highest: int


def view(facts: Facts) -> Overview:
    """Returns what the page shows of these facts."""
    needs = facts.needs
    mood, main, detail = sentence(needs, len(facts.long), len(facts.unseen.lacks))
    if facts.silent:
        since = Times(facts.period.hours.zone, facts.now).moment(facts.silent)
        mood, main, detail = silence(needs, since)
    past = Past(facts.period.hours, facts.past, facts.ended, facts.good)

    def rows(several: Sequence[SeriesNow]) -> list[Row]:
        return [row_of(one, facts.why, past) for one in several]

    return Overview(
        mood=mood,
        sentence=main,
        detail=detail,
        rest=_rest(facts),
        tiles=_tiles(facts),
        need=needs.need,
        rows=rows(needs.needing),
        in_hands=len(needs.in_hands),
        held=rows(needs.in_hands[:SHOWN]),
        not_judged=needs.not_judged,
        unjudged=rows(needs.unjudged[: SHOWN // 2]),
        no_rhythm=needs.no_rhythm,
        retired=needs.retired,
        recovered=len(facts.recovered),
        again=facts.again,
        reasons=_reasons(facts.bad),
        totals=(totals := [_total(day, facts.nights.get(day, {}), facts.good) for day in facts.past]),
        highest=max((one.not_good for one in totals), default=0),
    )


def _rest(facts: Facts) -> str:
    old = "when its last good copy is older than agreed"
    if facts.is_scheduled:
        return f"What did not start is seen at once where it is known when it is due, and else {old}."
    return f"No schedule is declared: what did not start is seen {old}."


def _tiles(facts: Facts) -> list[Tile]:
    now = _states(facts.nights, facts.period.days)
    weeks = [
        _states(facts.nights, [day - timedelta(7 * week) for day in facts.period.days])
        for week in range(1, USUAL_WEEKS + 1)
    ]
    tiles = []
    for state, kind, word in _TILES:
        if state.finished:
            usual = median_low(states.get(state, 0) for states in weeks)
            tiles.append(Tile(state, "good" if state in facts.good else kind, word, now.get(state, 0), usual))
        elif state is not JobState.Waiting or facts.unfinished.get(state):
            since = facts.waits_since if state is JobState.Waiting else 0
            tiles.append(Tile(state, kind, word, facts.unfinished.get(state, 0), None, since))
    return tiles


def _states(nights: Nights, days: Sequence[date]) -> dict[JobState, int]:
    found: dict[JobState, int] = {}
    for day in days:
        for state, jobs in nights.get(day, {}).items():
            found[state] = found.get(state, 0) + jobs
    return found


def _reasons(bad: Sequence[Bad]) -> list[Reason]:
    found = [Reason(one.code, one.text, one.jobs, len(one.series), one.since) for one in bad if one.code]
    return sorted(found, key=lambda one: (-one.jobs, one.since, one.code))


def _total(day: date, states: Mapping[JobState, int], good: frozenset[JobState]) -> NightTotal:
    failed = states.get(JobState.Failed, 0) + states.get(JobState.Stopped, 0)
    exceptions = states.get(JobState.Exception, 0)
    not_good = failed + (0 if JobState.Exception in good else exceptions)
    return NightTotal(day, sum(states.values()), failed, exceptions, not_good)
