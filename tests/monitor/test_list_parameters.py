"""The parameters of the monitor's lists: typed in the tenant's zone, and written so that everybody reads the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jobreport.contract.query_language import FILTERS, PAGING, SORT, list_query, read
from jobreport.model import ticks
from jobreport.model.errors import InvalidInputError
from jobreport.model.query import JobQuery
from jobreport.model.series_query import SeriesQuery
from jobreport.monitor import parameters
from questions import QUERIES

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"])
NOW = ticks.from_iso("2026-11-25T14:30:00Z")
SIZES = st.sampled_from(parameters.PAGE_SIZES)


@given(QUERIES, SIZES, ZONES)
def test_a_question_comes_back_from_its_address_in_every_zone(query: JobQuery, size: int, zone: str) -> None:
    asked = replace(query, size=size)
    assert parameters.job_query(parameters.written_jobs(asked), zone, NOW) == asked


@given(QUERIES, SIZES)
def test_the_api_understands_the_address_of_a_list_as_the_page_does(query: JobQuery, size: int) -> None:
    asked = replace(query, size=size)
    of_api = list_query(read(parameters.written_jobs(asked), (*FILTERS, SORT, *PAGING)))
    assert of_api.where == asked.where
    assert of_api.sort == asked.sort


@pytest.mark.parametrize(
    "typed", ["2026-11-20 18:00", "2026-11-20T18:00", " 2026-11-20 18:00:00 ", "2026-11-20T17:00Z"]
)
def test_a_time_that_names_no_zone_is_that_of_the_tenant(typed: str) -> None:
    found = parameters.job_query([("endedSince", typed)], "Europe/Berlin", NOW)
    assert found.where.ended_since == ticks.from_iso("2026-11-20T17:00:00Z")
    assert parameters.written_jobs(found) == [("endedSince", "2026-11-20T17:00:00Z")]


def test_a_day_alone_is_one_of_the_tenant_and_may_have_23_hours() -> None:
    found = parameters.job_query(
        [("startTime", "2026-03-29"), ("finishTime", "2026-03-29")], "Europe/Berlin", NOW
    ).where
    assert found.since == ticks.from_iso("2026-03-28T23:00:00Z")
    assert found.until == ticks.from_iso("2026-03-29T21:59:59.9999999Z")


@pytest.mark.parametrize("typed", ["yesterday noon", "2026-13-01 18:00", "18:00 2026-11-20", "2026-11-20 25:00"])
def test_what_is_no_time_is_told_with_what_is(typed: str) -> None:
    with pytest.raises(InvalidInputError, match=r"endedSince: .*such as 2026-11-2"):
        parameters.job_query([("endedSince", typed)], "Europe/Berlin", NOW)


def test_a_page_has_one_of_the_sizes_that_are_offered() -> None:
    assert parameters.job_query([], "UTC", NOW).size == parameters.series_query([], "UTC", NOW).size == 50
    assert parameters.job_query([("pageSize", "200")], "UTC", NOW).size == 200
    for size in ("10", "201", "10000"):
        with pytest.raises(InvalidInputError, match="pageSize: must be one of 50, 100, 200"):
            parameters.job_query([("pageSize", size)], "UTC", NOW)


def test_series_are_asked_at_a_time_of_the_tenant() -> None:
    found = parameters.series_query([("at", "2026-11-20 18:00"), ("sort", "lastGood")], "Europe/Berlin", NOW)
    assert found.at == ticks.from_iso("2026-11-20T17:00:00Z")
    assert parameters.written_series(found) == [("sort", "lastGood"), ("at", "2026-11-20T17:00:00Z")]
    assert parameters.written_series(SeriesQuery(size=50)) == []


def test_the_tenant_is_no_part_of_the_question() -> None:
    assert parameters.of_question([("Tenant", "acme"), ("plan", "nightly")]) == [("plan", "nightly")]


def test_a_file_has_all_jobs_of_a_question_in_a_form() -> None:
    query, form = parameters.export_query([("format", "csv"), ("plan", "nightly")], "UTC", NOW)
    assert (query.where.plans, form and form.name) == (("nightly",), "csv")
    assert parameters.export_query([], "UTC", NOW)[1] is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yesterday", "2026-11-23T23:00:00Z"),
        ("last monday 18:00", "2026-11-23T17:00:00Z"),
        ("7d", "2026-11-18T14:30:00Z"),
        ("1h30m ago", "2026-11-25T13:00:00Z"),
    ],
)
def test_times_in_words_are_those_of_the_tenants_clock(typed: str, meant: str) -> None:
    found = parameters.job_query([("endedSince", typed)], "Europe/Berlin", NOW)
    assert found.where.ended_since == ticks.from_iso(meant)


def test_a_length_of_time_is_typed_as_people_write_it() -> None:
    for typed in ("1h30m", "90m", "PT1H30M"):
        assert parameters.job_query([("minDuration", typed)], "UTC", NOW).where.min_duration == 5400 * ticks.PER_SECOND
