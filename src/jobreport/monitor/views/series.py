"""What the page of series shows: how what repeats stands, with the plan as the heading over its series."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from jobreport.model.catalog import SERVICE_LABELS
from jobreport.model.lengths import duration
from jobreport.model.need import Standing
from jobreport.model.series_query import SeriesFilter, SeriesKeys, SeriesPage, SeriesQuery, SeriesSort
from jobreport.monitor import parameters
from jobreport.monitor.links import Go, by_name
from jobreport.monitor.texts import Times
from jobreport.monitor.views import question
from jobreport.monitor.views.jobs import Chip, Column
from jobreport.monitor.views.rows import Past
from jobreport.monitor.views.standing import StandingView, series_address, standing
from jobreport.monitor.views.strips import Bar, strip_of, told
from jobreport.store.query.nights.endings import Ended
from jobreport.watch.series_now import SeriesNow

PATH: Final = "/series"
_COLUMNS: Final = (
    (SeriesKeys.NAME, "Plan / resource"),
    (None, "Service"),
    (SeriesKeys.NOT_GOOD_SINCE, "How it stands"),
    (SeriesKeys.LAST_GOOD, "Last good copy"),
    (None, "Usual"),
    (None, "30 nights"),
    (None, "Jobs"),
)

_WORST: Final = ("failed", "not-started", "stopped", "exceptions", "no-data", "running", "good", "skipped")
"""The signs of series, the worst first."""


class SeriesRow(msgspec.Struct, frozen=True):
    """One series of the list. `usual` is how long a good run usually takes, empty if that is not known."""

    number: int
    address: str
    resource: str
    service: str
    type: str
    origin: str
    standing: StandingView
    usual: str
    jobs: int
    bars: list[Bar]
    told: str


class FoundSeries(NamedTuple):
    """What the store answered: the page, how its series stand, how many of all that match need somebody, and how many
    somebody has; of the page's series, by their numbers, how long a good run usually takes (ticks), and their jobs in
    the nights of their strips.
    """

    page: SeriesPage
    judged: Sequence[SeriesNow]
    need: int
    held: int
    usual: Mapping[int, int]
    ended: list[Ended]


class Plan(msgspec.Struct, frozen=True):
    """The series of one plan that are next to each other in the list. `need` is how many of these need somebody; `kind`
    and `word` are the sign and the state of the worst of them, since the plan is as bad.
    """

    name: str
    kind: str
    word: str
    rows: tuple[SeriesRow, ...]
    need: int


class SeriesView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of series. `after` is the address of the next page, None on the last one."""

    total: int
    need: int
    held: int
    asked: Markup
    chips: tuple[Chip, ...]
    columns: tuple[Column, ...]
    plans: tuple[Plan, ...]
    after: str | None


def series_list_address(go: Go, query: SeriesQuery, skiptoken: str = "") -> str:
    """Returns the address of the list that answers a question; with a skiptoken, of a later page of it."""
    return go(PATH, **by_name(parameters.written_series(query)), skiptoken=skiptoken)


def series_view(query: SeriesQuery, found: FoundSeries, past: Past, skiptoken: str, times: Times, go: Go) -> SeriesView:
    """Returns what the page shows. `past` has the nights of the strips; `skiptoken` names the next page, empty on the
    last one.
    """
    parts = [*question.parts(query.where, times)]
    needs_you = Standing.NEEDS_YOU in query.where.standings
    return SeriesView(
        total=found.page.total,
        need=found.need,
        held=found.held,
        # That they need somebody says the sentence itself.
        asked=Markup(", ").join(part.words for part in parts if part.field != "standings" or not needs_you),
        chips=tuple(
            Chip(part.words, series_list_address(go, replace(query, where=_without(query.where, part.field))))
            for part in parts
        ),
        columns=tuple(_column(key, name, query, go) for key, name in _COLUMNS),
        plans=tuple(_plans(found, past, times, go)),
        after=series_list_address(go, query, skiptoken) if skiptoken else None,
    )


def _without(where: SeriesFilter, field: str) -> SeriesFilter:
    return replace(where, **{field: getattr(SeriesFilter(), field)})


def _column(key: SeriesKeys | None, name: str, query: SeriesQuery, go: Go) -> Column:
    if key is None:
        return Column(name, None, "")
    is_sorted = query.sort.key is key
    descending = is_sorted and not query.sort.descending
    order = ("descending" if query.sort.descending else "ascending") if is_sorted else ""
    return Column(name, series_list_address(go, replace(query, sort=SeriesSort(key, descending))), order)


def _plans(found: FoundSeries, past: Past, times: Times, go: Go) -> Iterator[Plan]:
    for plan, several in groupby(found.judged, key=lambda one: one.series.plan):
        rows = tuple(_row(one, found.usual, past, times, go) for one in several)
        worst = min((row.standing for row in rows), key=lambda one: (not one.can_be_marked, _WORST.index(one.kind)))
        yield Plan(plan, worst.kind, worst.word, rows, sum(row.standing.needs_you for row in rows))


def _row(judged: SeriesNow, usual: Mapping[int, int], past: Past, times: Times, go: Go) -> SeriesRow:
    one = judged.series
    ended = [(job.finish, job.state) for job in past.ended if job.series == one.number]
    bars = strip_of(past.hours, past.days, ended, good=past.good)
    return SeriesRow(
        number=one.number,
        address=series_address(go, one.number),
        resource=one.resource,
        service=SERVICE_LABELS[one.service],
        type=one.type.name,
        origin=one.origin,
        standing=standing(judged, times),
        usual=duration(usual[one.number]) if one.number in usual else "",
        jobs=one.status.jobs,
        bars=bars,
        told=told(bars),
    )
