"""Signals: SIGTERM finishes what is in hand, Ctrl-C ends cleanly, a killed worker is replaced, nothing is lost."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from jobs import job, unfinished
from serving import JOBS, LINUX, PATIENCE, REPORT, App, Server, serve, typed, until

ENDED = {signal.SIGTERM: (0, -15, 143), signal.SIGINT: (0, -2, 130)}


def begin_upload(app: App, body: bytes) -> socket.socket:
    """A connection on which half of a request is sent."""
    connection = socket.create_connection(("127.0.0.1", app.server.port), timeout=PATIENCE)
    head = (
        f"POST {JOBS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {app.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body[: len(body) // 2])
    return connection


def nothing_runs(server: Server) -> bool:
    """Whether no process is left of the group that it began."""
    try:
        os.killpg(server.process.pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_sigterm_finishes_an_upload_that_is_in_hand(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("default")
        body = b'{"serviceType": 1, "jobType": 1, "state": 0, "jobId": "slow"}'
        with begin_upload(app, body) as connection:
            time.sleep(0.2)  # the half must have arrived; nothing shows from outside that it has
            server.process.send_signal(signal.SIGTERM)
            until(lambda: "Shutting down" in server.log, "the signal")
            connection.sendall(body[len(body) // 2 :])
            answer = b""
            while part := connection.recv(65536):
                answer += part
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b'"created":1' in answer
        assert server.process.wait(PATIENCE) in ENDED[signal.SIGTERM]
        until(lambda: nothing_runs(server), "the end of each of its processes")
    with serve(tmp_path) as again:
        assert App(again, app.document).found() == ["slow"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_signal_ends_it_without_a_trace(tmp_path: Path, how: signal.Signals, workers: str) -> None:
    with serve(tmp_path, "--workers", workers, preloaded=False) as server:
        until(lambda: server.http.get("/readyz").status_code == 200)
        assert server.stop(how) in ENDED[how]
        assert "Traceback" not in server.log
        assert "Aborted" not in server.log
        until(lambda: nothing_runs(server), "the end of each of its processes")


def test_acknowledged_job_is_there_after_the_process_was_killed(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("default")
        names = [f"k{n}" for n in range(20)]
        for name in names:
            assert app.write(job(name)).status_code == 200
        server.stop(signal.SIGKILL)
    with serve(tmp_path) as again:
        assert sorted(App(again, app.document).found(pagination={"pageSize": 100})) == sorted(names)


@LINUX
def test_two_workers_take_each_others_tokens_and_a_killed_one_is_replaced(tmp_path: Path) -> None:
    with serve(tmp_path, "--workers", "2", "--log-format", "json") as server:
        until(lambda: server.log.count("Application startup complete") == 2, "both workers")
        app = server.app("default")
        for _ in range(40):  # each on a connection of its own, so that both workers get some
            answer = server.http.post(REPORT, json={}, headers={**app.bearer, "Connection": "close"})
            assert answer.status_code == 200
        before = server.workers
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        until(lambda: len(server.workers) == 2 and before[0] not in server.workers, "a new worker")
        until(lambda: server.log.count("Application startup complete") == 3, "its start")
        for n in range(20):
            assert app.write(job(f"w{n}"), Connection="close").status_code == 200
        assert app.report().json()["totalCount"] == 20
        left = server.workers
        assert server.stop() in ENDED[signal.SIGTERM]
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), "the workers' end")


def test_job_that_falls_silent_is_presumed_failed_and_a_later_report_takes_that_back(app: App) -> None:
    app.write([unfinished("silent", "InProgress", heartbeat=1, successfulCount=7), unfinished("calm", "InProgress")])
    shown = until(lambda: (found := app.show("silent").json())["state"] == 16 and found, "the presumption")
    assert shown["presumed"] is True
    assert shown["comments"].startswith("presumed: no sign of life since ")
    assert shown["successfulCount"] == 7
    told = typed("jobs", "show", "silent", "--store", app.server.store, "--tenant", app.document["tenant"])
    assert "State          Failed (presumed: nobody reported that)\n" in told.stdout
    assert shown["finishTime"] >= shown["startTime"]
    listed = {one["jobId"]: one["state"] for one in app.report().json()["jobs"]}
    assert listed == {"silent": 16, "calm": 1}
    again = app.write(unfinished("silent", "InProgress", successfulCount=8))
    assert again.status_code == 200
    assert again.json()["updated"] == 1
    shown = app.show("silent").json()
    assert (shown["state"], shown["presumed"], shown["successfulCount"], shown["finishTime"]) == (1, False, 8, 0)


def test_job_that_gives_signs_of_life_is_not_presumed_failed(app: App) -> None:
    """Kept up for longer than a silent job of the same heartbeat needs to be presumed failed."""
    app.write(unfinished("dead", "InProgress", heartbeat=1))

    def alive() -> bool:
        assert app.write(unfinished("alive", "InProgress", heartbeat=1)).status_code == 200
        assert app.show("alive").json()["state"] == 1
        return app.show("dead").json()["state"] == 16

    until(alive, "the other's presumption")
