"""A question as keywords: the same for the server as the query language's own, whatever is asked."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.client.question import Question, ReportQuestion, body_of, pairs_of
from jobreport.contract import query_language
from jobreport.contract.report_request import parse_query
from jobreport.contract.values import written_sort
from jobreport.model import ticks
from jobreport.model.catalog import GENERATION_1_SERVICES, GENERATION_1_TYPES, JobState, JobType, ServiceType
from jobreport.model.job import INT32_MAX
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from strategies import TIMES, texts

ALL = (*query_language.FILTERS, query_language.SORT, *query_language.PAGING)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = TIMES.map(lambda found: found // 10 * 10)


def codes(of: type[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(of), unique=True, max_size=4).map(lambda found: tuple(sorted(found)))


def names(limit: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts(limit, least=1), unique=True, max_size=3).map(lambda found: tuple(sorted(found)))


@st.composite
def times(draw: st.DrawFn, moment: int) -> Any:
    """One of the ways to write it."""
    zone = draw(ZONES)
    return draw(
        st.sampled_from(
            [moment, ticks.to_iso(moment), ticks.to_datetime(moment), ticks.to_datetime(moment).astimezone(zone)]
        )
    )


@st.composite
def spellings(draw: st.DrawFn, values: tuple[Any, ...]) -> Any:
    """One of the ways to give these codes."""
    one = [draw(st.sampled_from([code, int(code), code.name])) for code in values]
    return one[0] if len(one) == 1 and draw(st.booleans()) else draw(st.sampled_from([tuple, list, set]))(one)


@st.composite
def questions(draw: st.DrawFn) -> tuple[dict[str, Any], JobQuery]:
    """Keywords, and the query that they mean."""
    since, until = sorted((draw(MOMENTS), draw(MOMENTS)))
    where = JobFilter(
        search=draw(texts(256)),
        since=since,
        until=until,
        services=draw(codes(ServiceType)),
        types=draw(codes(JobType)),
        states=draw(codes(JobState)),
        plans=draw(names(256)),
        resources=draw(names(1024)),
        origins=draw(names(128)),
        comments=draw(texts(256)),
        min_duration=draw(st.integers(0, 10**13)) * 10,
        min_failed=draw(st.integers(0, INT32_MAX)),
        ended_since=since,
        ended_until=until,
    )
    sort = Sort(draw(st.sampled_from(SortKey)), draw(st.booleans()))
    query = JobQuery(where=where, sort=sort, page=draw(st.integers(0, INT32_MAX)), size=draw(st.integers(1, 10_000)))
    return {
        "search_text": where.search,
        "start_time": draw(times(since)),
        "finish_time": draw(times(until)),
        "service_type": draw(spellings(where.services)),
        "job_type": draw(spellings(where.types)),
        "state": draw(spellings(where.states)),
        "plan": list(where.plans),
        "resource": where.resources,
        "origin": where.origins[0] if len(where.origins) == 1 else where.origins,
        "comments": where.comments or None,
        "min_duration": timedelta(microseconds=where.min_duration // 10),
        "min_failed": where.min_failed,
        "ended_since": draw(times(since)),
        "ended_until": draw(times(until)),
        "sort": draw(st.sampled_from([sort, written_sort(sort)])),
        "page_number": query.page,
        "page_size": query.size,
    }, query


@given(questions())
def test_the_keywords_of_a_question_are_read_as_what_they_mean(asked: tuple[dict[str, Any], JobQuery]) -> None:
    keywords, query = asked
    assert query_language.list_query(query_language.read(pairs_of(keywords), ALL)) == query


@given(questions())
def test_a_query_as_pairs_is_the_same_question(asked: tuple[dict[str, Any], JobQuery]) -> None:
    _, query = asked
    assert query_language.list_query(query_language.read(query_language.written(query), ALL)) == query


def test_every_parameter_is_a_keyword_under_its_name_in_python() -> None:
    known = {parameter.name for parameter in (*ALL, query_language.SKIPTOKEN, query_language.TENANT)}
    assert {pairs_of({name: "1"})[0][0] for name in Question.__annotations__} == known


def test_what_is_left_out_or_none_asks_nothing() -> None:
    assert pairs_of({}) == []
    assert pairs_of(dict.fromkeys(Question.__annotations__)) == []
    assert body_of({}, dict.fromkeys(ReportQuestion.__annotations__)) == {}


@pytest.mark.parametrize("make", [pairs_of, lambda question: body_of({}, question)])
def test_a_time_needs_a_zone_and_a_name_must_be_there(make: Any) -> None:
    with pytest.raises(ValueError, match="start_time: a time needs a zone"):
        make({"start_time": datetime(2026, 11, 23)})  # noqa: DTZ001 - without a zone, as it must not be
    with pytest.raises(TypeError, match="'since' is no keyword of a question; there are search_text, start_time"):
        make({"since": 1})


def test_a_length_of_time_is_not_negative() -> None:
    with pytest.raises(ValueError, match="min_duration"):
        pairs_of({"min_duration": timedelta(seconds=-1)})


@given(
    texts(256),
    st.tuples(MOMENTS, MOMENTS).map(sorted),
    st.sampled_from(GENERATION_1_SERVICES),
    st.sampled_from(GENERATION_1_TYPES),
    st.integers(0, INT32_MAX),
    st.integers(1, 10_000),
    st.data(),
)
def test_the_keywords_of_generation_1_are_its_body(
    search: str, range_: list[int], service: ServiceType, kind: JobType, page: int, size: int, data: st.DataObject
) -> None:
    keywords = {
        "search_text": search,
        "start_time": data.draw(times(range_[0])),
        "finish_time": data.draw(times(range_[1])),
        "service_type": service,
        "job_type": int(kind),
        "page_number": page,
        "page_size": size,
    }
    said_before = {"SearchText": "another", "pagination": {"pageSize": 3}}
    since, until = range_
    where = JobFilter(search=search, since=since, until=until, services=(service,), types=(kind,))
    assert parse_query(body_of(said_before, keywords)) == JobQuery(where=where, page=page, size=size)


def test_a_time_is_written_in_utc() -> None:
    moment = datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=1)))
    assert pairs_of({"start_time": moment}) == [("startTime", "2026-11-23T08:00:00.0000000Z")]
    assert body_of({}, {"start_time": moment.astimezone(UTC)}) == {"startTime": 639310176000000000}
