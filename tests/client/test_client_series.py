"""The clients' calls for series: a page, every page, one series; by threads and by tasks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from jobreport.client import JobState, RequestRefusedError, SeriesOfJob, ServiceType
from jobreport.client.question import SERIES_KEYWORDS, SeriesQuestion, pairs_of
from jobreport.contract import query_language
from jobreport.contract.series import PARAMETERS
from jobs import AUGUST, DAY, job
from serving import App

TRUE_END = datetime(2024, 8, 22, 16, 1, 48, 185969, UTC)


@pytest.fixture
def filled(app: App) -> App:
    answer = app.write(
        [
            job(
                f"j{n}",
                plan=f"plan-{n}",
                serviceType=("VM", "AKS")[n % 2],
                state=("Successful", "Failed")[n % 3 == 1],
                startTime=AUGUST + n * DAY,
                totalCount=n,
            )
            for n in range(7)
        ]
    )
    assert answer.status_code == 200, answer.text
    return app


def plans(found: Any) -> str:
    return "".join(one.plan.removeprefix("plan-") for one in found)


def test_a_page_is_found_by_keywords_with_its_total(filled: App, asking: Any) -> None:
    page = asking.find_series(state=JobState.Failed, sort="-name", page_size=1)
    assert (page.total_count, plans(page.series)) == (2, "4")
    assert plans(asking.find_series(skiptoken=page.next_link).series) == "1"
    assert plans(asking.find_series([("plan", "plan-2"), ("plan", "plan-3")], service_type="VM").series) == "2"
    then = TRUE_END + timedelta(days=2, seconds=-59)
    assert asking.find_series(at=then).total_count == 3


@pytest.mark.parametrize("page_size", [1, 3, 7, 1000])
def test_every_page_is_walked(filled: App, asking: Any, page_size: int) -> None:
    assert plans(asking.series(page_size=page_size)) == "0123456"
    assert plans(asking.series(service_type={ServiceType.AKS}, sort="-lastGood", page_size=page_size)) == "531"


def test_a_series_says_its_times_as_datetimes(filled: App, asking: Any) -> None:
    first, second = list(asking.series())[:2]
    assert (first.last_good_at, second.last_good_at) == (TRUE_END, None)
    for name in (first.number, str(first.number), first.key):
        shown = asking.one_series(name)
        assert (shown.plan, shown.runs[0].took, shown.usual.runs) == ("plan-0", timedelta(minutes=1), 1)
    with pytest.raises(RequestRefusedError, match="no series of this number or key"):
        asking.one_series("nothing")


def test_a_job_says_its_series_which_can_be_had_typed(filled: App, asking: Any) -> None:
    found = msgspec.convert(asking.history("j1")["series"], SeriesOfJob)
    assert (found.plan, found.not_good, found.usual, found.previous, found.last_good_at) == (
        "plan-1",
        1,
        None,
        None,
        None,
    )


def test_every_parameter_is_a_keyword_under_its_name_in_python() -> None:
    known = {parameter.name for parameter in (*PARAMETERS, query_language.TENANT)}
    assert {pairs_of({name: "1"}, SERIES_KEYWORDS)[0][0] for name in SeriesQuestion.__annotations__} == known
