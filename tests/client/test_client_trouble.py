"""A server that fails in every way: what is tried again, what is not, and which error says so. Over a real socket."""

import time
from email.utils import formatdate
from typing import Any

import pytest
from misbehaving import PAGE, Deed, Misbehaving, answer, raw, slow

from jobreport.client import (
    ConnectionFailedError,
    JobReportError,
    RequestRefusedError,
    ServerUnavailableError,
    SignInRefusedError,
    UnexpectedAnswerError,
)
from runs import SECRET
from serving import PATIENCE

BUSY = {"detail": "the store cannot be written now"}
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"


@pytest.fixture
def client(misbehaving: Misbehaving, connect: Any) -> Any:
    return connect(misbehaving.url, "app", SECRET, timeout=PATIENCE, retries=1)


@pytest.mark.parametrize(
    "deed",
    [
        answer(BUSY, 429, Retry_After="0"),
        answer(BUSY, 503),
        answer(b"<html>bad gateway</html>", 502),
        answer(b"", 504),
        raw(b""),
        raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        raw(LONG),
    ],
    ids=["429", "503", "502", "504", "cut off", "garbage", "cut off in the middle"],
)
def test_what_passes_is_tried_again(misbehaving: Misbehaving, client: Any, deed: Deed) -> None:
    misbehaving.deeds = [deed]
    assert client.find().total_count == 0
    first, second = misbehaving.requests
    assert second[0] - first[0] >= 0.5
    assert misbehaving.tokens == 1


def test_an_answer_that_comes_too_late_is_asked_for_again(misbehaving: Misbehaving, connect: Any) -> None:
    client = connect(misbehaving.url, "app", SECRET, timeout=1, retries=5)
    misbehaving.deeds = [slow(1.5)]
    assert client.find().total_count == 0
    first, second, *_ = misbehaving.requests
    assert second[0] - first[0] >= 0.5


@pytest.mark.parametrize(
    ("deed", "kind"),
    [
        (answer({"detail": "a fault of ours"}, 500), ServerUnavailableError),
        (answer({"detail": "later", "errors": []}, 503, Retry_After="3600"), ServerUnavailableError),
        (answer({"detail": "no"}, 400), RequestRefusedError),
        (answer({"detail": "no"}, 404), RequestRefusedError),
        (answer({"detail": "no"}, 403), SignInRefusedError),
        (answer(b"", 302, Location="/elsewhere"), UnexpectedAnswerError),
        (answer(b"<html>welcome to our hotel</html>"), UnexpectedAnswerError),
        (answer(b"\xff\xfe"), UnexpectedAnswerError),
        (answer(b"[" * 100_000), UnexpectedAnswerError),
        (answer([PAGE]), UnexpectedAnswerError),
        (answer({"totalCount": "many", "jobs": []}), UnexpectedAnswerError),
        (answer({"totalCount": 1, "jobs": [{"jobId": "a"}]}), UnexpectedAnswerError),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_does_not_pass_is_told_at_once(
    misbehaving: Misbehaving, client: Any, deed: Deed, kind: type[JobReportError]
) -> None:
    misbehaving.deeds = [deed]
    with pytest.raises(JobReportError) as raised:
        client.find()
    assert type(raised.value) is kind
    assert len(misbehaving.requests) == 1


def test_the_last_error_is_the_one_that_is_raised(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [raw(b""), answer(BUSY, 503, Retry_After="7", request_id="r-17")]
    with pytest.raises(ServerUnavailableError, match="cannot be written") as raised:
        client.find()
    assert (raised.value.status, raised.value.retry_after, raised.value.request_id) == (503, 7, "r-17")
    assert len(misbehaving.requests) == 2


def test_a_pause_that_is_asked_for_is_kept(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [answer(BUSY, 503, Retry_After="2")]
    client.find()
    first, second = misbehaving.requests
    assert second[0] - first[0] >= 2


def test_a_retry_after_may_be_a_date(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [answer(BUSY, 503, Retry_After=formatdate(time.time() + 600, usegmt=True))]
    with pytest.raises(ServerUnavailableError) as raised:
        client.find()
    assert raised.value.retry_after == pytest.approx(600, abs=30)


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "٣", "9" * 400, ""])
def test_a_retry_after_that_is_none_does_no_harm(misbehaving: Misbehaving, connect: Any, value: str) -> None:
    client = connect(misbehaving.url, "app", SECRET, retries=0)
    misbehaving.deeds = [answer(BUSY, 429, **({"Retry_After": value} if value.isascii() else {}))]
    with pytest.raises(ServerUnavailableError) as raised:
        client.find()
    assert raised.value.retry_after in (None, float("inf"))


def test_the_error_of_another_makers_generation_2_is_read(misbehaving: Misbehaving, client: Any) -> None:
    model = {"requestId": "1", "date": "2026-11-23T08:00:00Z", "code": "BadRequest", "message": "no such service"}
    misbehaving.deeds = [answer({"errorModel": model}, 400)]
    with pytest.raises(RequestRefusedError, match="no such service"):
        client.find()


def test_what_the_contract_lets_others_leave_out_is_filled_in(misbehaving: Misbehaving, client: Any) -> None:
    counts = dict.fromkeys(("failedCount", "successfulCount", "skippedCount", "totalCount"), 0)
    times = {"startTime": "2024-10-25T16:00:14", "finishTime": "2024-10-27T08:00:58Z", "duration": "1.16:00:44"}
    job = {"jobId": "FB1", "jobType": 7, "status": 2, **counts, **times, "comments": None, "region": "us"}
    misbehaving.deeds = [
        answer({"totalCount": 1, "jobs": [job]}),
        answer({"totalCount": 1, "jobs": [job], "nextLink": None}),
    ]
    for _ in range(2):
        page = client.find()
        assert (page.next_link, page.jobs[0].comments) == ("", "")
    row = page.jobs[0].row()
    assert (row["type"], row["took"].days, row["finished_at"].day) == ("7", 1, 27)
    assert row["started_at"].isoformat() == "2024-10-25T16:00:14+00:00"


def test_pages_without_an_end_are_noticed(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [
        answer({**PAGE, "nextLink": "a"}),
        answer({**PAGE, "nextLink": "b"}),
        answer({**PAGE, "nextLink": "a"}),
    ]
    with pytest.raises(UnexpectedAnswerError, match="no end"):
        list(client.iter_jobs())
    assert len(misbehaving.requests) == 3


def test_a_walk_repeats_the_question_beside_the_token(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [answer({**PAGE, "nextLink": "a"})]
    list(client.iter_jobs(service_type=1, page_number=3))
    first, second = (question for _, _, question, _ in misbehaving.requests)
    assert first == {"serviceType": ["1"], "pageNumber": ["3"], "pageSize": ["1000"]}
    assert second == {"serviceType": ["1"], "skiptoken": ["a"], "pageSize": ["1000"]}


def test_a_walk_goes_on_after_trouble_in_its_middle(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [
        answer({**PAGE, "nextLink": "a"}),
        raw(b""),
        answer({**PAGE, "nextLink": "b"}),
        answer(BUSY, 503),
    ]
    assert list(client.iter_jobs()) == []
    assert [question.get("skiptoken") for _, _, question, _ in misbehaving.requests] == [
        None,
        ["a"],
        ["a"],
        ["b"],
        ["b"],
    ]


@pytest.mark.parametrize("deed", [answer(BUSY, 503), raw(b"")], ids=["503", "cut off"])
def test_a_token_endpoint_that_is_busy_is_asked_again(misbehaving: Misbehaving, client: Any, deed: Deed) -> None:
    misbehaving.token_deeds = [deed]
    client.find()
    assert misbehaving.tokens == 2


@pytest.mark.parametrize(
    "document",
    [b"", b"<html>", {"token": "x"}, {"access_token": ""}, {"access_token": "a\r\nb"}, {"access_token": "töken"}],
    ids=str,
)
def test_an_answer_that_is_no_token_is_not_shown(misbehaving: Misbehaving, client: Any, document: object) -> None:
    misbehaving.token_deeds = [answer(document)]
    with pytest.raises(UnexpectedAnswerError) as raised:
        client.find()
    assert "ken" not in str(raised.value).replace("token", "")
    assert not misbehaving.requests


def test_a_token_of_a_short_life_is_renewed_before_its_end(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.expires_in = 2
    client.find()
    client.find()
    assert misbehaving.tokens == 1
    time.sleep(1.1)
    client.find()
    assert misbehaving.tokens == 2
    assert misbehaving.requests[-1][3]["Authorization"] == "Bearer token-2"


def test_a_token_that_is_refused_is_renewed_once_and_the_call_goes_on(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [answer({"detail": "expired"}, 401)]
    client.find()
    assert [headers["Authorization"] for *_, headers in misbehaving.requests] == ["Bearer token-1", "Bearer token-2"]


def test_a_tenant_is_named_in_every_request(misbehaving: Misbehaving, connect: Any) -> None:
    client = connect(misbehaving.url, "app", SECRET, tenant="acme")
    client.find()
    assert misbehaving.requests[0][3]["Jobreport-Tenant"] == "acme"


def test_the_tenant_of_a_question_stands_in_the_place_of_the_clients(misbehaving: Misbehaving, connect: Any) -> None:
    client = connect(misbehaving.url, "app", SECRET, tenant="acme")
    client.find(tenant="globex")
    _, _, question, headers = misbehaving.requests[0]
    assert question["tenant"] == ["globex"]
    assert "Jobreport-Tenant" not in headers
    client.find(tenant=None)
    assert misbehaving.requests[1][3]["Jobreport-Tenant"] == "acme"


def test_each_page_of_a_long_question_is_asked_for_the_same_tenant(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [answer({**PAGE, "nextLink": "next"})]
    assert list(client.iter_jobs(tenant="globex", plan=["p" * 256] * 9)) == []
    first, second = (question for _, _, question, _ in misbehaving.requests)
    assert "plan" in first
    assert second == {"tenant": ["globex"], "pageSize": ["1000"], "skiptoken": ["next"]}


def test_nobody_there_is_waited_for_as_often_as_was_said(misbehaving: Misbehaving, connect: Any) -> None:
    url = misbehaving.url
    misbehaving.__exit__()
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError) as failed:
        connect(url, "app", SECRET, retries=1).find()
    assert 0.5 <= time.monotonic() - began < 5
    assert SECRET not in repr(failed.value)
