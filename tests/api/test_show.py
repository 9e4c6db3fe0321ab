"""One job by its ID, whatever characters it has: by the path, and by a parameter where a client rewrites paths."""

import socket

import httpx
import pytest

from jobs import job
from serving import JOBS, App

IDS = [".", "..", "a/../b", "/", "//", "%2e", "?", "#", "a b", "+", "é", "x\ny", "..\\..", ";", "./", "../"]


@pytest.mark.parametrize("job_id", IDS)
def test_every_id_is_reached_by_the_parameter(app: App, job_id: str) -> None:
    assert app.write([job(job_id), job("other")]).status_code == 200
    answer = app.server.http.get(JOBS, params={"jobId": job_id}, headers=app.bearer)
    assert answer.status_code == 200
    assert answer.json()["jobId"] == job_id
    # The same answer as by the path, where it gets there.
    assert answer.json() == app.show(job_id).json()


@pytest.mark.parametrize("job_id", [".", ".."])
@pytest.mark.parametrize("dot", [".", "%2E", "%2e"])
def test_a_path_of_dots_that_comes_as_it_is_names_a_job(app: App, job_id: str, dot: str) -> None:
    assert app.write(job(job_id)).status_code == 200
    target = f"{JOBS}/{dot * len(job_id)}"
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {app.token}\r\n\r\n"
    # By hand: most clients resolve such a path before they send it.
    with socket.create_connection(("127.0.0.1", app.server.port)) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert f'"jobId":"{job_id}"'.encode() in answer


def test_the_parameter_is_required_and_names_one_job_exactly(app: App) -> None:
    assert app.write(job("one")).status_code == 200

    def ask(*pairs: tuple[str, str]) -> httpx.Response:
        return app.server.http.get(JOBS, params=[*pairs], headers=app.bearer)

    assert ask(("JOBID", "one")).status_code == 200
    for pairs in (
        (),
        (("jobId", ""),),
        (("jobId", "one"), ("jobId", "one")),
        (("jobId", "x" * 129),),
        (("id", "one"),),
    ):
        answer = ask(*pairs)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] in ("jobId", "id")
    assert "is required" in ask().json()["errors"][0]["message"]
    for other in ("ONE", "on", "one ", "none"):
        assert ask(("jobId", other)).status_code == 404


def test_head_is_answered_without_a_body(app: App) -> None:
    assert app.write(job("one")).status_code == 200
    answer = app.server.http.head(JOBS, params={"jobId": "one"}, headers=app.bearer)
    assert (answer.status_code, answer.content) == (200, b"")
