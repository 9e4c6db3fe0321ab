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
SIZES = st.sampled_from(parameters.PAGE_SIZES)


@given(QUERIES, SIZES, ZONES)
def test_a_question_comes_back_from_its_address_in_every_zone(query: JobQuery, size: int, zone: str) -> None:
    asked = replace(query, size=size)
    assert parameters.job_query(parameters.written_jobs(asked), zone) == asked


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
    found = parameters.job_query([("endedSince", typed)], "Europe/Berlin")
    assert found.where.ended_since == ticks.from_iso("2026-11-20T17:00:00Z")
    assert parameters.written_jobs(found) == [("endedSince", "2026-11-20T17:00:00Z")]


def test_a_day_alone_is_one_of_the_tenant_and_may_have_23_hours() -> None:
    found = parameters.job_query([("startTime", "2026-03-29"), ("finishTime", "2026-03-29")], "Europe/Berlin").where
    assert found.since == ticks.from_iso("2026-03-28T23:00:00Z")
    assert found.until == ticks.from_iso("2026-03-29T21:59:59.9999999Z")


@pytest.mark.parametrize("typed", ["yesterday noon", "2026-13-01 18:00", "18:00 2026-11-20", "2026-11-20 25:00"])
def test_what_is_no_time_is_told_with_what_is(typed: str) -> None:
    with pytest.raises(InvalidInputError, match=r"endedSince: .*such as 2026-11-2"):
        parameters.job_query([("endedSince", typed)], "Europe/Berlin")


def test_a_page_has_one_of_the_sizes_that_are_offered() -> None:
    assert parameters.job_query([], "UTC").size == parameters.series_query([], "UTC").size == 50
    assert parameters.job_query([("pageSize", "200")], "UTC").size == 200
    for size in ("10", "201", "10000"):
        with pytest.raises(InvalidInputError, match="pageSize: must be one of 50, 100, 200"):
            parameters.job_query([("pageSize", size)], "UTC")


def test_series_are_asked_at_a_time_of_the_tenant() -> None:
    found = parameters.series_query([("at", "2026-11-20 18:00"), ("sort", "lastGood")], "Europe/Berlin")
    assert found.at == ticks.from_iso("2026-11-20T17:00:00Z")
    assert parameters.written_series(found) == [("sort", "lastGood"), ("at", "2026-11-20T17:00:00Z")]
    assert parameters.written_series(SeriesQuery(size=50)) == []


def test_the_tenant_is_no_part_of_the_question() -> None:
    assert parameters.of_question([("Tenant", "acme"), ("plan", "nightly")]) == [("plan", "nightly")]


def test_a_file_has_all_jobs_of_a_question_in_a_form() -> None:
    query, form = parameters.export_query([("format", "csv"), ("plan", "nightly")], "UTC")
    assert (query.where.plans, form and form.name) == (("nightly",), "csv")
    assert parameters.export_query([], "UTC")[1] is None
