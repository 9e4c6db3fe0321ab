"""The customers of a provider: one line each, worst first, with the most important reason.

A customer needs a call if something has been without a good copy for longer than agreed, if nothing was received at
all, or if a whole service fails. A customer that never sent anything is one of these: silence is the worst news.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from jobreport.model.catalog import SERVICE_LABELS, JobState, ServiceType
from jobreport.model.good_copy_age import DAILY, Ages, Agreed, Source
from jobreport.model.need import Mark, Need, Standing
from jobreport.model.need_words import counted
from jobreport.model.tenant_summary import TenantSummary
from jobreport.model.why import why as why_of
from jobreport.monitor.texts import plural
from jobreport.monitor.views.strips import Bar, bar, kind_of, short_strip
from jobreport.store.query.reasons import Why
from jobreport.watch.copies import Copies
from jobreport.watch.numbers import Numbers
from jobreport.watch.sentence import by_state
from jobreport.watch.series_now import SeriesNow

NIGHTS: Final = 14
"""The number of nights that are shown of each customer."""
_BUSY: Final = 4
"""Whoever sent jobs in so many of the nights before is expected to send some each day."""
_RECENT: Final = 2
"""The nights that are looked at for what was not good and is good again: the last one, and one that has begun."""
_WHOLE: Final = 2
"""A service fails as a whole if it has at least so many series, and all of them are not good."""

Nights = Mapping[date, JobState]
"""The worst state in which a job ended, by night. Those without jobs are left out."""


class Level(IntEnum):
    """How urgent a customer is."""

    Call = 1
    Watched = 2
    Well = 3


class Reason(IntEnum):
    """Why a customer needs a call, the costliest first."""

    Silent = 1
    TooOld = 2
    Service = 3
    NotGood = 4
    Long = 5
    Unseen = 6
    Unjudged = 7
    Nothing = 8


_FAILS: Final = (Need.NOT_GOOD, Need.NOT_STARTED)
_REASONS: Final = (Need.NOT_STARTED, Need.TOO_OLD, Need.OVERLONG, Need.SHRUNK, Need.NO_DATA)
"""For what series need somebody that are not failing."""
_CAUSED: Final = (Reason.TooOld, Reason.Service, Reason.NotGood)


class Facts(NamedTuple):
    """What the store answered of one tenant. `days`: the nights that are shown; `ages`: what is agreed with the
    tenant; `good`: the states that it takes for good; `numbers`: how its series stand; `held`: those of which what
    somebody said holds, but for the retired ones.

    `silent`: since when nothing is reported for longer than its rhythm (ticks; 0: it is not so). `long`: how many jobs
    run far longer than usual. `unseen`: how many connectors have no data.
    """

    number: int
    summary: TenantSummary
    old: Copies
    numbers: Numbers
    nights: Nights
    days: Sequence[date]
    ages: Ages
    good: frozenset[JobState]
    held: Sequence[SeriesNow]
    silent: int = 0
    long: int = 0
    unseen: int = 0


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `bad` of `series` need somebody. `good` is the last good copy that is oldest against `agreed` (ticks;
    None: there is none; 0: all copies are younger than agreed). `since`: when the last report was received, in ticks;
    0: never; `silent`: as in `Facts`, if it needs a call for that. `cause`: why its worst series is not good, in words.
    `marks`: what was said of the series that somebody has.
    """

    name: str
    level: Level
    reason: Reason
    kind: str
    why: str
    worst: Copies | None
    bad: int
    series: int
    good: int
    agreed: Agreed | None
    since: int
    silent: int
    cause: str = ""
    marks: list[Mark]
    free: int
    bars: list[Bar]

    @property
    def strip(self) -> Markup:
        """Its nights as a picture."""
        return short_strip(self.bars)


class Customers(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows: all customers, worst first, and in words how they stand."""

    mood: str
    sentence: str
    detail: str
    rest: str
    rows: list[Customer]

    def caused(self, most: int) -> list[Customer]:
        """Returns the first `most` of which a series is not good: its cause is to be told."""
        return [one for one in self.rows if one.reason in _CAUSED][:most]

    def with_causes(self, causes: Mapping[str, Why | None]) -> "Customers":
        """Returns the customers with their causes, which `causes` gives by the names of the customers."""

        def told(one: Customer) -> str:
            cause = causes.get(one.name)
            return why_of(cause.code, cause.text, cause.comments) if cause else ""

        return replace(self, rows=[replace(one, cause=told(one)) if one.name in causes else one for one in self.rows])

    def at(self, level: int) -> list[Customer]:
        """Returns the customers of one level."""
        return [one for one in self.rows if one.level == level]


def view(facts: Sequence[Facts], now: int) -> Customers:
    """Returns what the page shows of these tenants at `now` (ticks)."""
    rows = sorted((customer(one, now) for one in facts), key=lambda one: _rank(one, now))
    levels = {level: sum(one.level is level for one in rows) for level in Level}
    call, watched, well = levels[Level.Call], levels[Level.Watched], levels[Level.Well]
    if not rows:
        return Customers(mood="none", sentence="You may not see any customer yet", detail="", rest="", rows=[])
    every = plural(len(rows), "customer")
    if call:
        sentence = f"{call:,} of {every} {'needs' if call == 1 else 'need'} a call"
    else:
        sentence = f"No customer of {len(rows):,} needs a call" if len(rows) > 1 else "The only customer needs no call"
    mood = "bad" if call else "warn" if watched else "good"
    detail = ", ".join(f"{number:,} {word}" for number, word in ((watched, "watched"), (well, "well")) if number)
    return Customers(mood=mood, sentence=sentence, detail=detail, rest=_rest(rows), rows=rows)


def customer(facts: Facts, now: int) -> Customer:
    """Returns the line of one tenant."""
    summary, old, found = facts.summary, facts.old, facts.numbers
    reason, why = _needs_a_call(facts) or _is_watched(facts)
    level = Level.Well if reason is Reason.Nothing else Level.Call if reason <= Reason.Service else Level.Watched
    if facts.unseen and level is Level.Watched and reason is not Reason.Unseen:
        why += "; not all is seen"
    usual = Agreed(facts.ages.tenant or DAILY, Source.TENANT if facts.ages.tenant else Source.DEFAULT)
    # The oldest copy of all may be none of a backup.
    young = summary.oldest_good if now - summary.oldest_good <= usual.age else 0
    return Customer(
        name=summary.name,
        level=level,
        reason=reason,
        kind={Level.Call: "failed", Level.Watched: "exceptions", Level.Well: "good"}[level],
        why=why,
        worst=old if reason is Reason.TooOld else None,
        bad=_bad(found),
        series=found.series,
        good=old.good_finish or young,
        agreed=old.agreed if old.series else usual if summary.oldest_good else None,
        since=summary.last_report,
        silent=facts.silent if reason is Reason.Silent else 0,
        marks=[one.mark for one in facts.held if one.mark],
        free=old.series if reason is Reason.TooOld and old.series not in _numbers(facts.held) else 0,
        bars=[_bar(place, day, facts) for place, day in enumerate(facts.days)],
    )


def _needs_a_call(facts: Facts) -> tuple[Reason, str] | None:
    """Why somebody must call this customer, in words; None if nobody must."""
    if not facts.summary.last_report:
        return Reason.Silent, "nothing was ever received"
    if facts.silent:
        return Reason.Silent, "nothing reported since"
    if facts.old.over:
        return Reason.TooOld, "no good copy for"
    if failing := _whole_service(facts.numbers):
        return Reason.Service, failing
    return None


def _is_watched(facts: Facts) -> tuple[Reason, str]:
    """Why a customer who needs no call is looked at, in words; Reason.Nothing if all is well."""
    found = facts.numbers
    needs, states = found.needs(), found.not_good(held=True)
    if not_good := states.total():
        return Reason.NotGood, f"{plural(not_good, 'series', 'series')} not good: {', '.join(by_state(states))}"
    if _bad(found):
        others = Counter(stand.need for stand in (*found.free.elements(), *found.held.elements()))
        return Reason.NotGood, ", ".join(counted(one, others[one]) for one in _REASONS if others[one])
    if facts.long:
        run = "runs" if facts.long == 1 else "run"
        return Reason.Long, f"{plural(facts.long, 'job')} {run} longer than usual"
    if facts.unseen:
        return Reason.Unseen, f"{plural(facts.unseen, 'connector')} without data: not all is seen"
    if (unjudged := needs[Need.NO_COPY]) > 0:
        return Reason.Unjudged, f"{plural(unjudged, 'series', 'series')} with no good run yet"
    if not (series := found.series):
        none = "all its series are retired" if found.retired else "no job names its plan or its resource"
        return Reason.Unjudged, none
    if needs[Need.MAINTENANCE] == series:
        return Reason.Unjudged, "all its series are in maintenance"
    if needs[Need.NO_RHYTHM] == series:
        return Reason.Unjudged, "no series has a known rhythm"
    if any((state := facts.nights.get(day)) and state not in facts.good for day in facts.days[-_RECENT:]):
        # What was not good is good again, or belongs to no series.
        return Reason.Nothing, "well; some jobs of the last two nights were not good"
    return Reason.Nothing, ""


def _bad(found: Numbers) -> int:
    """How many series need somebody, or have somebody already."""
    return found.standing[Standing.NEEDS_YOU] + found.standing[Standing.IN_HANDS]


def _rank(one: Customer, now: int) -> tuple[int, bool, int, int, str]:
    beyond = now - one.good - (one.agreed.age if one.agreed else 0) if one.good else now
    # Of who sends nothing, nothing at all is known.
    return one.level, one.reason is not Reason.Silent, -beyond if one.level is Level.Call else 0, -one.bad, one.name


def _numbers(several: Sequence[SeriesNow]) -> set[int]:
    return {one.series.number for one in several}


def _is_busy(facts: Facts) -> bool:
    return len(facts.nights) >= _BUSY


def _whole_service(found: Numbers) -> str:
    """Returns in words of which service no series is good; empty if there is none."""
    failed, absent = Counter[int](), Counter[int]()
    for stand, number in (*found.free.items(), *found.held.items()):
        (failed if stand.need is Need.NOT_GOOD else absent)[stand.service] += number if stand.need in _FAILS else 0
    whole = [
        service
        for service, number in found.services.items()
        if number >= _WHOLE and failed[service] + absent[service] == number
    ]
    if not whole:
        return ""
    worst = max(whole, key=lambda one: found.services[one])
    label = SERVICE_LABELS[ServiceType(worst)]
    return f"all of {label} fails" if failed[worst] else f"nothing of {label} started"


def _bar(place: int, day: date, facts: Facts) -> Bar:
    state = facts.nights.get(day)
    kind = kind_of({state: 1}, facts.good) if state else "none"
    # Where jobs came each night, a night without any has no data; so has every night of who never sent one.
    if kind == "none" and day != facts.days[-1] and (not facts.summary.last_report or _is_busy(facts)):
        kind = "no-data"
    return _drawn(kind, day, place)


@lru_cache(maxsize=1024)
def _drawn(kind: str, day: date, place: int) -> Bar:
    return bar(kind, f"{day:%a} {day.day} {day:%b}", place)


def _rest(rows: Sequence[Customer]) -> str:
    counts = {reason: sum(one.reason is reason for one in rows) for reason in Reason}
    words = (
        (Reason.TooOld, "with a backup whose last good copy is older than its limit"),
        (Reason.Silent, "that reported nothing for longer than usual, or never"),
        (Reason.Service, "in which a whole service fails"),
    )
    said = ", ".join(f"{counts[reason]:,} {word}" for reason, word in words if counts[reason])
    return f"{said}." if said else ""
