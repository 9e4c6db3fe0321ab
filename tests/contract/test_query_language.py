"""The query language: every parameter as it may be written, and what is said of what may not."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.contract import query_language
from jobreport.contract.query_language import FILTERS, PAGING, SORT, job_filter, list_query, read, written
from jobreport.contract.summary import summary_query
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.errors import InvalidInputError
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from questions import QUERIES

EVERY = (*FILTERS, SORT, *PAGING)
AUGUST = 638_599_392_481_859_693
"""2024-08-22T16:00:48.1859693Z."""


def where(*pairs: tuple[str, str]) -> JobFilter:
    return job_filter(read(pairs, FILTERS))


def faults(*pairs: tuple[str, str]) -> dict[str, str]:
    """What is said of each parameter."""
    with pytest.raises(InvalidInputError) as refused:
        read(pairs, EVERY)
    return {fault.field: fault.message for fault in refused.value.errors}


def test_nothing_asks_for_the_newest_ten_of_all() -> None:
    assert list_query(read([], EVERY)) == JobQuery()
    assert (JobQuery().size, JobQuery().sort.descending) == (10, True)


@pytest.mark.parametrize("parameter", EVERY, ids=lambda parameter: parameter.name)
def test_an_empty_value_is_as_if_left_out_and_the_example_is_not(parameter: query_language.Parameter) -> None:
    assert read([(parameter.name, "")], EVERY) == {}
    assert parameter.field in read([(parameter.name, parameter.example)], EVERY)


@pytest.mark.parametrize(
    ("name", "text"),
    [("serviceType", "0"), ("jobType", "0"), ("startTime", "0"), ("finishTime", "0"), ("pageSize", "0")],
)
def test_what_an_unset_number_of_a_dotnet_client_says_is_as_if_left_out(name: str, text: str) -> None:
    assert read([(name, text)], EVERY) == {}
    assert read([("startTime", "0001-01-01T00:00:00Z")], EVERY) == {}


def test_state_zero_is_a_state() -> None:
    assert where(("state", "0")).states == (JobState.NotStarted,)


@pytest.mark.parametrize(
    "pairs",
    [
        [("serviceType", "1,256"), ("jobType", "Backup")],
        [("serviceType", "AmazonEC2"), ("serviceType", "VM"), ("jobType", "1")],
        [("serviceType", "amazonec2, vm"), ("servicetype", "1"), ("JOBTYPE", "backup")],
    ],
)
def test_several_codes_by_repetition_or_commas_by_number_or_name_are_one_question(pairs: list[Any]) -> None:
    assert where(*pairs) == JobFilter(services=(ServiceType.VM, ServiceType.AmazonEC2), types=(JobType.Backup,))


def test_a_plan_is_taken_as_it_is_with_its_commas() -> None:
    assert where(("plan", "a, b"), ("plan", "A"), ("plan", "A")).plans == ("A", "a, b")


@pytest.mark.parametrize(
    "text",
    [
        "2024-08-22T16:00:48.1859693Z",
        "2024-08-22T16:00:48.1859693",
        "2024-08-22T18:00:48.1859693+02:00",
        str(AUGUST),
    ],
)
def test_a_time_is_iso_8601_in_utc_where_no_zone_is_named_or_ticks(text: str) -> None:
    assert where(("startTime", text), ("finishTime", text)) == JobFilter(since=AUGUST, until=AUGUST)


def test_a_day_alone_is_its_first_moment_as_start_and_its_last_as_finish() -> None:
    whole = where(("startTime", "2024-01-01"), ("finishTime", "2024-01-01"))
    assert whole.since == ticks.from_iso("2024-01-01T00:00:00Z")
    assert whole.until == ticks.from_iso("2024-01-01T23:59:59.9999999Z")
    leap = where(("startTime", "2024-02-29"), ("finishTime", "2024-02-29T12:00:00Z"))
    assert leap.until - leap.since == 12 * 3600 * ticks.PER_SECOND
    assert where(("finishTime", "2199-12-31")).until == ticks.YEAR_2200 - 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"])
def test_a_day_alone_is_one_of_the_time_zone_of_a_summary(zone: str) -> None:
    pairs = [("startTime", "2024-01-01"), ("tz", zone.lower()), ("finishTime", "2024-01-02"), ("by", "day")]
    asked = summary_query(pairs)
    days = timedelta(microseconds=(asked.where.until + 1 - asked.where.since) // 10)
    assert (asked.zone, days) == (zone, timedelta(days=2))
    local = ticks.to_datetime(asked.where.since).astimezone(ZoneInfo(zone))
    assert local.isoformat()[:19] == "2024-01-01T00:00:00"
    # Other forms are as without a zone, and may stand beside it.
    mixed = summary_query([("startTime", "2024-01-01"), ("finishTime", "2024-01-01T15:00:00Z"), ("TZ", "Asia/Tokyo")])
    assert mixed.where.until == ticks.from_iso("2024-01-01T15:00:00Z")
    upside_down = [("startTime", "2024-01-01"), ("finishTime", "2023-12-31T15:30:00Z")]
    assert summary_query([*upside_down, ("tz", "Asia/Tokyo")]).where.since == ticks.from_iso("2023-12-31T15:00:00Z")
    with pytest.raises(InvalidInputError, match="must not lie after finishTime"):
        summary_query(upside_down)
    with pytest.raises(InvalidInputError, match=r"tz: .*is no time zone"):
        summary_query([*pairs[:1], ("tz", "localtime")])


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31T23:59:59Z", "3155378975999999999", str(2**63 - 1)])
def test_an_upper_end_from_the_year_9999_on_is_open(text: str) -> None:
    assert where(("finishTime", text)) == JobFilter()
    assert "startTime" in faults(("startTime", text))


@pytest.mark.parametrize("text", ["PT90M", "PT1H30M", "01:30:00", "1:30:00", "0.01:30:00.0000000"])
def test_a_length_of_time_is_iso_8601_or_what_the_answer_gives(text: str) -> None:
    assert where(("minDuration", text)).min_duration == 90 * 60 * ticks.PER_SECOND


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT0.0000001S", 1),
        ("00:00:00.0000001", 1),
        ("PT1.1234567S", 11_234_567),
        ("00:00:01.1234567", 11_234_567),
        ("P1DT2H3M4.5S", 26 * 36_000_000_000 + 3 * 600_000_000 + 45_000_000),
        ("P2D", 2 * ticks.PER_DAY),
        ("PT90.25S", 902_500_000),
    ],
)
def test_a_length_of_time_is_exact_to_the_tick(text: str, length: int) -> None:
    assert where(("minDuration", text)).min_duration == length


@given(st.integers(0, ticks.YEAR_2200))
def test_any_length_of_time_comes_back_from_iso_8601(length: int) -> None:
    seconds, fraction = divmod(length, ticks.PER_SECOND)
    text = f"P{seconds // 86_400}DT{seconds // 3600 % 24}H{seconds // 60 % 60}M{seconds % 60}.{fraction:07d}S"
    assert where(("minDuration", text)).min_duration == length


@pytest.mark.parametrize("key", SortKey)
def test_an_order_is_a_key_with_a_minus_for_descending(key: SortKey) -> None:
    assert read([("sort", key)], EVERY)["sort"] == Sort(key, descending=False)
    assert read([("sort", f"-{key.upper()}")], EVERY)["sort"] == Sort(key, descending=True)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("startTime", "1724342448", "looks like Unix seconds, which would be 638599392480000000 in ticks"),
        ("startTime", "2024-02-30", "no day of the calendar"),
        ("startTime", "2024-W34-4", "a date alone is not a time"),
        ("startTime", "1969-12-31", "outside the years 1970 to 2199"),
        ("finishTime", "2200-01-01", "outside the years 1970 to 2199"),
        ("startTime", "2024-08-22T18:00:00 02:00", "a + is written %2B"),
        ("startTime", "1969-12-31T23:59:59Z", "outside the years 1970 to 2199"),
        ("finishTime", "2200-01-01T00:00:00Z", "outside the years 1970 to 2199"),
        ("finishTime", str(2**63), "outside the years 1970 to 2199"),
        ("serviceType", "3", "VM 1, AAD 2"),
        ("serviceType", "1;2", "VM 1, AAD 2"),
        ("jobType", "Backups", "Backup 1, Restore 2"),
        ("state", "9" * 5000, "NotStarted 0"),
        ("searchText", "x" * 257, "at most 256"),
        ("comments", "a\0b", "NUL"),
        ("resource", "x" * 1025, "at most 1024"),
        ("minDuration", "90", "such as PT1H30M"),
        ("minDuration", "24:00:00", "such as PT1H30M"),
        ("minDuration", "P1M", "such as PT1H30M"),
        ("minDuration", "-PT1H", "such as PT1H30M"),
        ("minFailed", "-1", "from 0 to 2147483647"),
        ("minFailed", "1.0", "whole number, not '1.0'"),
        ("minFailed", "\u0661", "whole number"),
        ("pageNumber", str(2**31), "from 0 to 2147483647"),
        ("pageSize", "10001", "from 0 to 10000"),
        ("sort", "jobId", "-startTime, finishTime"),
    ],
)
def test_a_fault_names_its_parameter_and_says_what_would_be_right(name: str, text: str, words: str) -> None:
    found = faults((name, text))
    assert list(found) == [name]
    assert words in found[name]


def test_an_unknown_parameter_is_named_with_the_nearest() -> None:
    assert faults(("serviceTypes", "1")) == {"serviceTypes": "is not a known parameter; did you mean serviceType?"}
    assert "there are searchText, startTime" in faults(("x", "1"))["x"]


@pytest.mark.parametrize("parameter", [one for one in EVERY if not one.several], ids=lambda parameter: parameter.name)
def test_a_parameter_of_one_value_may_not_be_there_twice(parameter: query_language.Parameter) -> None:
    found = faults((parameter.name, parameter.example), (parameter.name.upper(), parameter.example))
    assert found == {parameter.name: "is there 2 times; it takes one value"}


def test_every_fault_is_named_at_once_but_no_more_than_are_read() -> None:
    assert len(faults(("startTime", "x"), ("state", "x"), ("nonsense", ""))) == 3
    assert len(faults(*((f"nonsense{n}", "") for n in range(1000)))) <= 101


def test_a_range_must_not_be_upside_down() -> None:
    found = faults(("startTime", "2024-08-22T00:00:01Z"), ("finishTime", "2024-08-22T00:00:00Z"))
    assert found == {"startTime": "must not lie after finishTime"}


def test_no_more_names_are_taken_than_an_address_has_room_for() -> None:
    assert "at most 10" in faults(*(("plan", str(n)) for n in range(11)))["plan"]
    assert "at most 100" in faults(("state", ",".join(["Failed"] * 101)))["state"]
    assert len(where(*(("plan", str(n % 3)) for n in range(10))).plans) == 3


@given(QUERIES)
def test_any_question_comes_back_from_the_parameters_that_say_it(query: JobQuery) -> None:
    assert list_query(read(written(query), EVERY)) == query


@given(st.lists(st.tuples(st.sampled_from([one.name for one in EVERY]) | st.text(), st.text()), max_size=6))
def test_whatever_is_given_is_a_question_or_an_error_for_people(pairs: list[tuple[str, str]]) -> None:
    try:
        list_query(read(pairs, EVERY))
    except InvalidInputError as error:
        assert error.errors  # noqa: PT017 - it may be either
