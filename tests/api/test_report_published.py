"""The publisher's own client, its samples and its order, against the running server."""

import json

import pytest

from jobs import AUGUST, DAY, PUBLISHED, job, published_answer
from serving import REPORT, App

# What the publisher's sample client sends, byte for byte, when it was told nothing.
CLIENT_BODY = (
    b'{"SearchText":"","ServiceType":0,"JobType":0,"Pagination":{"PageNumber":0,"PageSize":0},'
    b'"StartTime":0,"FinishTime":0}'
)


def written(app: App, jobs: list[dict[str, object]]) -> None:
    answer = app.write(jobs)
    assert answer.status_code == 200, answer.text


def published(app: App, more: int = 0) -> None:
    """Writes the published jobs, and `more` older ones."""
    jobs = [job(name, startTime=start, finishTime=end) for name, start, end, _ in PUBLISHED]
    jobs += [job(f"IB-older-{n:02}", startTime=AUGUST - (10 + n) * DAY) for n in range(more)]
    written(app, jobs)


def test_the_publishers_client_is_answered_as_an_empty_object_is(app: App) -> None:
    published(app, 46)
    theirs = app.report(CLIENT_BODY, Content_Type="application/json-patch+json", Accept="text/plain")
    assert theirs.status_code == 200
    assert theirs.headers["content-type"] == "application/json"
    assert theirs.content == app.report(b"{}").content
    assert theirs.json()["totalCount"] == 51
    assert len(theirs.json()["jobs"]) == 10


def test_the_publishers_client_may_ask_in_lower_case_scope(app: App) -> None:
    answer = app.server.ask_token(
        client_id=app.client_id, client_secret=app.secret, scope="platformbackup.readwrite.all"
    )
    assert answer.status_code == 200
    assert answer.json()["scope"] == "platformbackup.readwrite.all"  # spelled as it was asked for
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert app.server.http.post(REPORT, content=CLIENT_BODY, headers=bearer).status_code == 200


def test_published_jobs_come_back_exactly(app: App) -> None:
    published(app, 46)
    answer = app.report({"pagination": {"pageNumber": 0, "pageSize": 5}})
    assert answer.json() == {"totalCount": 51, "jobs": published_answer()}


def test_answers_have_the_documented_fields_in_camel_case_and_integers(app: App) -> None:
    written(app, [job("a", failedCount=1, successfulCount=2, skippedCount=3, comments="c", state="Exception")])
    document = json.loads(app.report().content)
    assert list(document) == ["totalCount", "jobs"]
    assert document["jobs"] == [
        {
            "jobId": "a",
            "state": 8,
            "failedCount": 1,
            "successfulCount": 2,
            "skippedCount": 3,
            "totalCount": 6,
            "startTime": AUGUST,
            "finishTime": AUGUST + 600_000_000,
            "duration": 600_000_000,
            "comments": "c",
        }
    ]


def test_order_is_newest_start_first_then_job_id_descending_by_code_point(app: App) -> None:
    names = ["a", "B", "ä", "Z", "10", "9", "😀", "\uffee", "a b"]
    written(app, [job(name) for name in names] + [job("newest", startTime=AUGUST + 1)])
    assert app.found() == ["newest", *sorted(names, reverse=True)]


def test_pages_follow_one_another_without_gap_or_repetition(app: App) -> None:
    names = [f"j{n:02}" for n in range(25)]
    written(app, [job(name) for name in names])
    pages = [app.found(pagination={"pageNumber": page, "pageSize": 7}) for page in range(5)]
    assert [len(page) for page in pages] == [7, 7, 7, 4, 0]
    assert [name for page in pages for name in page] == sorted(names, reverse=True)


def test_page_past_the_end_is_empty_with_the_true_total(app: App) -> None:
    published(app)
    for page in (1, 2, 1000, 2**31 - 1):
        answer = app.report({"pagination": {"pageNumber": page, "pageSize": 5}}).json()
        assert answer == {"totalCount": 5, "jobs": []}, page
    assert app.report({"pagination": {"pageNumber": 2**31 - 1, "pageSize": 10_000}}).json()["jobs"] == []


def test_total_counts_matches_of_the_filter_on_every_page(app: App) -> None:
    written(app, [job(f"x{n}", serviceType="VM" if n % 3 else "AKS") for n in range(20)])
    for page in (0, 1, 9):
        answer = app.report({"serviceType": 1, "pagination": {"pageNumber": page, "pageSize": 4}}).json()
        assert answer["totalCount"] == 13


def test_tenant_without_jobs_gets_an_empty_page(app: App) -> None:
    assert app.report().json() == {"totalCount": 0, "jobs": []}


@pytest.mark.parametrize(
    "pagination",
    [
        None,
        {},
        {"pageNumber": None, "pageSize": None},
        {"PAGENUMBER": 0},
        {"pagesize": 0},
        {"pageSize": 10},
    ],
)
def test_page_defaults_are_the_first_page_of_ten(app: App, pagination: object) -> None:
    written(app, [job(f"d{n:02}") for n in range(12)])
    assert app.found(pagination=pagination) == [f"d{n:02}" for n in range(11, 1, -1)]


@pytest.mark.parametrize("size", [1, 11, 10_000])
def test_page_size_is_taken_up_to_ten_thousand(app: App, size: int) -> None:
    written(app, [job(f"s{n:02}") for n in range(12)])
    assert len(app.found(pagination={"pageSize": size})) == min(size, 12)
