"""The client: what it sends, what it makes of answers, and what it never shows."""

import time
from typing import Any

import pytest

from jobreport.client import (
    ConnectionFailedError,
    JobReportError,
    RequestRefusedError,
    ServerUnavailableError,
    SignInRefusedError,
    UnexpectedAnswerError,
)
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from runs import SECRET, Recorder

JOB = Job(job_id="a", service=ServiceType.VM, type=JobType.Backup, state=JobState.InProgress, start=ticks.UNIX_EPOCH)


def test_jobs_are_written_with_one_token(recorder: Recorder, client: Any) -> None:
    assert client.record([JOB]).received == 1
    assert client.record([JOB, JOB.evolve(job_id="b")]).job_ids == ("a", "b")
    assert recorder.tokens == 1
    assert [job.job_id for job in recorder.reports] == ["a", "a", "b"]
    path, headers, body = recorder.requests[0]
    assert path == "/connect/token"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert body == f"grant_type=client_credentials&client_id=app&client_secret={SECRET}".encode()
    assert headers["User-Agent"].startswith("jobreport/")


def test_a_scope_and_another_token_endpoint(recorder: Recorder, connect: Any) -> None:
    connect(recorder.url, "app", SECRET, scope="x y", token_url=f"{recorder.url}/connect/token").record([JOB])
    assert recorder.requests[0][2].endswith(b"&scope=x+y")


def test_a_token_that_is_refused_is_renewed_once(recorder: Recorder, client: Any) -> None:
    client.record([JOB])
    recorder.status = 401
    with pytest.raises(SignInRefusedError) as refused:
        client.record([JOB])
    assert refused.value.status == 401
    assert recorder.tokens == 2
    recorder.status = 200
    client.record([JOB])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, UnexpectedAnswerError),
        (400, RequestRefusedError),
        (403, SignInRefusedError),
        (404, RequestRefusedError),
        (409, RequestRefusedError),
        (429, ServerUnavailableError),
        (500, ServerUnavailableError),
        (503, ServerUnavailableError),
    ],
)
def test_each_status_has_its_error(recorder: Recorder, client: Any, status: int, kind: type[JobReportError]) -> None:
    recorder.status, recorder.retry_after = status, "7"
    with pytest.raises(JobReportError) as raised:
        client.record([JOB])
    error = raised.value
    assert type(error) is kind
    assert error.temporary == (kind is ServerUnavailableError)
    assert SECRET not in f"{error!r} {error} {error.__dict__}"
    assert "token-" not in f"{error!r} {error} {error.__dict__}"
    if isinstance(error, ServerUnavailableError):
        assert error.retry_after == 7
    if isinstance(error, RequestRefusedError):
        assert (error.status, error.detail) == (status, "told to")
        assert error.errors[0].field == "[0].state"


def test_refused_credentials_say_why_and_no_secret(recorder: Recorder, client: Any) -> None:
    recorder.token_status = 401
    with pytest.raises(SignInRefusedError, match="no such app") as refused:
        client.record([JOB])
    assert SECRET not in repr(refused.value)
    assert SECRET not in repr(client)


def test_no_answer_is_temporary(recorder: Recorder, client: Any) -> None:
    recorder.close()
    with pytest.raises(ConnectionFailedError) as failed:
        client.record([JOB])
    assert failed.value.temporary
    assert failed.value.__cause__ is None


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://x", "http://[::1"])
def test_an_address_that_is_none_fails_as_no_answer_and_is_not_tried_again(url: str, connect: Any) -> None:
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError) as failed:
        connect(url, "app", SECRET).record([JOB])
    assert not failed.value.temporary
    assert time.monotonic() - began < 3  # the pauses between four tries are longer


def test_a_password_in_the_address_is_not_shown(recorder: Recorder, connect: Any) -> None:
    url = recorder.url.replace("//", "//me:hidden@")
    recorder.status = 302
    client = connect(url, "app", SECRET)
    with pytest.raises(UnexpectedAnswerError) as raised:
        client.record([JOB])
    assert "hidden" not in f"{raised.value} {client!r}"
