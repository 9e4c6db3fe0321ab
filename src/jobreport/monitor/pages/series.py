"""The pages of series: the list of what repeats and how it stands, and one series with its last runs."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.parameters import SKIPTOKEN
from jobreport.contract.query_language import read
from jobreport.contract.series import SERIES
from jobreport.identity.cursors import SkipTokens
from jobreport.model.catalog import NOT_GOOD, SERVICE_LABELS
from jobreport.model.errors import InvalidInputError
from jobreport.model.incident import Incident
from jobreport.model.need import Standing
from jobreport.model.series_query import SeriesQuery, SeriesRuns
from jobreport.model.why import why
from jobreport.monitor import parameters
from jobreport.monitor.html import go_of, moved, render, times_of
from jobreport.monitor.links import Go, by_name
from jobreport.monitor.page import Page, tenant_of
from jobreport.monitor.pages.filter_again import filter_again
from jobreport.monitor.views.commands import command_line, curl
from jobreport.monitor.views.filters import series_fields
from jobreport.monitor.views.incidents import incident_row
from jobreport.monitor.views.period import LONGEST, bounds, past
from jobreport.monitor.views.question import NOT_GOOD_NAMES
from jobreport.monitor.views.rows import Past, state_of
from jobreport.monitor.views.runs import run_rows, usual_words
from jobreport.monitor.views.series import PATH, FoundSeries, series_list_address, series_view
from jobreport.monitor.views.standing import jobs_of, standing
from jobreport.server import query_string
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.query import reasons
from jobreport.store.query.nights import endings
from jobreport.store.query.reasons import Why
from jobreport.store.query.series import runs
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import incidents
from jobreport.threads import READS, SEARCHES, in_thread
from jobreport.watch import lists
from jobreport.watch.numbers import count_standing
from jobreport.watch.sentence import NAMES
from jobreport.watch.series_now import SeriesNow, series_now

INCIDENTS_SHOWN: Final = 5
"""The page of a series shows its last incidents."""
_BAD: Final = (Standing.NEEDS_YOU, Standing.IN_HANDS)
_OF_API: Final = (*SERIES.chosen, *SERIES.paging, SKIPTOKEN)


async def find(request: Request) -> Response:
    """Answers with the series that the query string asks for, and how many of them need somebody."""
    of, has, go, times = tenant_of(request), services(request), go_of(request), times_of(request)
    pairs = parameters.of_question(query_string.pairs(request))
    token = str(
        read([pair for pair in pairs if pair[0].casefold() == SKIPTOKEN.name], [SKIPTOKEN]).get("skiptoken", "")
    )
    asked = [pair for pair in pairs if pair[0].casefold() != SKIPTOKEN.name]
    try:
        query = await in_thread(READS, parameters.series_query, asked, of.night.zone, times.now)
    except InvalidInputError as error:
        return filter_again(request, PATH, "series", series_fields(by_name(asked), error.errors), error.errors)
    written = parameters.written_series(query)
    if sorted(asked) != sorted(written):
        return moved(series_list_address(go, query))
    at = await in_thread(READS, _position, has.skiptokens, of.number, token, query) if token else query
    days = past(of.night, query.at or times.now)
    found = await in_thread(READS if query.is_short else SEARCHES, _list, has.store, of, at, days)
    following = has.skiptokens.issue(of.number, SERIES.cursor(query, found.page.next)) if found.page.next else ""
    return render(
        request,
        "series.html",
        live=True,
        t=times,
        view=series_view(query, found, Past(of.night, days, found.ended, of.good), following, times, go),
        is_first=not token,
        first=series_list_address(go, query),
        fields=series_fields(by_name(written)),
        shortcuts=[*_shortcuts(query, go)],
        programs=[
            command_line("series", written),
            curl(has.tokens.issuer, "/api/series", written),
        ],
    )


def _position(skiptokens: SkipTokens, tenant: int, token: str, query: SeriesQuery) -> SeriesQuery:
    """Returns the question from where the token says. Raises InvalidInputError if the token is none of its pages."""
    if not skiptokens.knows(token):
        skiptokens.look_again()
    pairs = [*parameters.written_series(query), (SKIPTOKEN.name, token)]
    found = SERIES.question(pairs, _OF_API, lambda given: skiptokens.read(tenant, given))
    if replace(found, after=None) != query:
        raise InvalidInputError.of(SKIPTOKEN.name, "belongs to another question; leave it out to begin with this one")
    return found


def _shortcuts(query: SeriesQuery, go: Go) -> Iterator[tuple[str, str]]:
    """Yields the questions that are asked each day: their names and addresses."""
    if query.at is None:
        for standing, words in NAMES.items():
            asked = replace(query.where, standings=(standing,))
            if asked != query.where:
                yield words, series_list_address(go, replace(query, where=asked))


def _list(store: Store, of: Tenant, query: SeriesQuery, days: list[date]) -> FoundSeries:
    # All from one snapshot, so that the numbers of the sentence are those of the list.
    with store.reading_series(query) as transaction:
        now = store.clock()
        page, stand = lists.find(transaction, of, query, now)
        bad = count_standing(transaction, of, query, _BAD, now)
        numbers = [one.number for one in page.series]
        usual = runs.usual_of_each(transaction, of.number, numbers)
        ended = endings.ended(transaction, of.number, numbers, *bounds(of.night, days), longest=LONGEST)
    took = {number: one.duration.median for number, one in usual.items()}
    return FoundSeries(page, stand, bad[Standing.NEEDS_YOU], bad[Standing.IN_HANDS], took, ended)


async def show(request: Request) -> Response:
    """Answers with the series whose number or key is in the path."""
    go, times = go_of(request), times_of(request)
    found, judged = await found_series(request)
    one, status = found.series, found.series.status
    how = standing(judged, times)
    past = await in_thread(READS, _incidents, services(request).store, tenant_of(request).number, one.number)
    causes = await in_thread(READS, _causes, services(request).store, tenant_of(request).number, found)
    because = causes.get(status.ended_id) if status.not_good else None
    shown = run_rows(found.runs, times, go, causes=causes)
    return render(
        request,
        "one_series.html",
        live=True,
        t=times,
        one=one,
        name=" · ".join(filter(None, (one.plan, one.resource))),
        service=SERVICE_LABELS[one.service],
        how=how,
        mood=_mood(judged),
        expected=judged.judgement.sentence,
        runs=shown,
        why=why(because.code, because.text, because.comments) if because else "",
        same_cause=go("/jobs", state=NOT_GOOD_NAMES, cause=because.code) if because and because.code else "",
        usual=usual_words(found.usual),
        jobs=go("/jobs", **jobs_of(one)),
        incidents=[incident_row(each, (), times) for each in past],
        first=times.full(status.first),
        heard=times.full(status.heard),
        good=times.full(status.good_finish) if status.good_id else "",
        programs=[
            command_line("series show", [], str(one.number)),
            curl(services(request).tokens.issuer, f"/api/series/{one.key}", []),
        ],
    )


def _incidents(store: Store, number: int, series: int) -> list[Incident]:
    with store.reading() as transaction:
        return incidents.of_series(transaction, number, series, INCIDENTS_SHOWN)


def _causes(store: Store, number: int, found: SeriesRuns) -> Mapping[str, Why]:
    """Returns why runs of the series were not good, by their IDs. To be called in a thread."""
    ended = found.series.status.ended_id
    bad = {run.job_id for run in found.runs if run.state in NOT_GOOD} | ({ended} if ended else set())
    with store.reading() as transaction:
        return reasons.why(transaction, number, bad)


async def found_series(request: Request) -> tuple[SeriesRuns, SeriesNow]:
    """Returns the series whose number or key is in the path, and how it stands. Raises ProblemError 404 if there is
    none.
    """
    return await series_of(request, request.path_params["series"])


async def series_of(request: Request, which: str) -> tuple[SeriesRuns, SeriesNow]:
    """Returns the series of this number or key of the tenant, and how it stands. Raises ProblemError 404."""
    return await in_thread(READS, _one, services(request).store, tenant_of(request), which)


def _mood(judged: SeriesNow) -> str:
    match judged.standing:
        case None:
            return "good"
        case Standing.RETIRED | Standing.NO_RHYTHM | Standing.MAINTENANCE:
            return "none"
        case Standing.NOT_JUDGED:
            return "warn"
    return "warn" if state_of(judged)[0] in ("exceptions", "stopped") else "bad"


def _one(store: Store, of: Tenant, name: str) -> tuple[SeriesRuns, SeriesNow]:
    found = store.one_series(of.number, name)
    if found is None:
        raise ProblemError(404, "There is no series of this number that has jobs.")
    with store.reading() as transaction:
        (judged,) = series_now(transaction, of, [found.series], store.clock())
    return found, judged


FIND: Final = Page(handler=find, id="series", compress=True)
SHOW: Final = Page(handler=show, id="one_series", compress=True)
