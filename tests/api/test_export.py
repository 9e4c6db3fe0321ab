"""`GET /api/export`: what a question finds, whole, as a file; or an error that nobody can take for one."""

import json
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from refused import fault_of

from connecting import connect
from jobreport.server import job_export as api
from jobreport.store import open_store
from jobs import AUGUST, DAY, MINUTE, job, unfinished
from reading import FORMATS, lines
from serving import EXPORT, PATIENCE, WRITE_OWN, App, Server, program_with, serve, until

TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
MANY = 30_000


@pytest.fixture
def filled(app: App) -> App:
    found = [
        job(
            f"j{n:02}",
            startTime=AUGUST + n // 3 * MINUTE,
            finishTime=AUGUST + n * MINUTE,
            state=("Successful", "Failed", "Exception")[n % 3],
            serviceType=("VM", "AKS")[n % 2],
            jobType="Backup",
            failedCount=n % 3 and n,
            plan=("a", "=b")[n // 12],
            comments="näher" if n % 4 else "",
        )
        for n in range(24)
    ]
    assert app.write(found).status_code == 200
    assert app.write(unfinished("runs", "InProgress", startTime=AUGUST + DAY)).status_code == 200
    return app


@pytest.fixture(scope="module")
def full(server: Server) -> App:
    """A tenant with more jobs than the buffers between a server and its client hold."""
    app = server.app("export-full")
    about = "x" * 900
    for first in range(0, MANY, 10_000):
        found = [job(f"j{n:06}", startTime=AUGUST + n, comments=f"{n}{about}") for n in range(first, first + 10_000)]
        assert app.write(found).status_code == 200
    return app


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"serviceType": "VM", "jobType": "Backup", "state": "Failed"},
        {"state": "Failed,Exception", "sort": "-failedCount"},
        {"searchText": "J1", "sort": "startTime"},
        {"plan": ["a", "=b"], "comments": "NÄHER"},
        {"sort": "duration", "minFailed": 2},
        {"startTime": AUGUST + MINUTE, "finishTime": AUGUST + 5 * MINUTE},
        {"searchText": "nothing at all"},
    ],
    ids=str,
)
def test_file_has_what_the_same_question_finds(
    filled: App, form: str, parameters: dict[str, Any], tmp_path: Path
) -> None:
    found = filled.find(**parameters, pageSize=10_000).json()
    answer = filled.export(format=form, **parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == TYPES[form]
    assert answer.headers["total-count"] == str(found["totalCount"])
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    read = lines(form, answer.content, tmp_path)
    assert [line["jobId"] for line in read] == [one["jobId"] for one in found["jobs"]]
    assert [line["comments"] for line in read] == [one["comments"] for one in found["jobs"]]


def test_format_is_asked_for_in_any_case(filled: App) -> None:
    assert filled.export(FORMAT="CSV", state="Failed").headers["total-count"] == "8"


@pytest.mark.parametrize(
    ("parameters", "field", "words"),
    [
        ({}, "format", "is required: one of csv, ndjson, xlsx, parquet"),
        ({"format": ""}, "format", "is required"),
        ({"format": "pdf"}, "format", "must be one of csv, ndjson, xlsx, parquet"),
        ({"format": ["csv", "xlsx"]}, "format", "is there 2 times"),
        ({"format": "csv", "pageSize": "5"}, "pageSize", "is not a known parameter"),
        ({"format": "csv", "skiptoken": "x"}, "skiptoken", "is not a known parameter"),
        ({"format": "csv", "state": "Broken"}, "state", "Failed 16"),
        ({"format": "csv", "resource": [f"{n}{'x' * 2000}" for n in range(10)]}, "", "longer than 16384 bytes"),
    ],
    ids=str,
)
def test_refusal_names_the_parameter_and_what_would_be_right(
    idle: App, parameters: dict[str, Any], field: str, words: str
) -> None:
    answer = idle.export(**parameters)
    fault = fault_of(answer)
    assert fault["field"] == field
    assert words in fault["message"]


@pytest.mark.parametrize("form", FORMATS)
def test_head_says_what_get_would_begin_with(full: App, form: str) -> None:
    answer = full.server.http.head(EXPORT, params={"format": form}, headers=full.bearer)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == TYPES[form]
    assert answer.headers["total-count"] == str(MANY)
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    assert full.server.http.head(EXPORT, headers=full.bearer).status_code == 400


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_http_1_0_is_refused_since_it_has_no_chunks(filled: App, method: str) -> None:
    with socket.create_connection(("127.0.0.1", filled.server.port), timeout=PATIENCE) as client:
        request = f"{method} {EXPORT}?format=csv HTTP/1.0\r\nAuthorization: Bearer {filled.token}\r\n\r\n"
        client.sendall(request.encode())
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    head, _, document = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode().lower().split("\r\n")
    assert status == "http/1.1 426 upgrade required"
    assert "transfer-encoding: chunked" not in fields
    assert {"upgrade: http/1.1", "connection: upgrade", "connection: close"} <= {*fields}
    if method == "GET":
        assert "takes HTTP/1.1 or newer" in json.loads(document)["detail"]


def test_other_tenants_jobs_are_never_in_it(filled: App, tenant: str) -> None:
    other = filled.server.app(f"{tenant}-other")
    assert other.export(format="ndjson").content == b""
    assert other.export(format="ndjson").headers["total-count"] == "0"
    assert filled.server.app(tenant, WRITE_OWN).export(format="csv").status_code == 403


def test_jobs_that_come_and_go_meanwhile_change_nothing_in_it(full: App, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            full.write(
                [job(f"j{number:06}", startTime=AUGUST + number, comments="changed", observedAt="2024-09-01T00:00:00Z")]
            )

    writer = threading.Thread(target=write)
    with full.server.http.stream("GET", EXPORT, params={"format": "ndjson"}, headers=full.bearer) as answer:
        pieces = answer.iter_bytes()
        file = next(pieces)
        writer.start()
        for piece in pieces:
            time.sleep(0.005)  # as slow as a network
            file += piece
    stop.set()
    writer.join()
    read = lines("ndjson", file, tmp_path)
    assert len(read) == int(answer.headers["total-count"]) == MANY
    assert [line["jobId"] for line in read] == [f"j{n:06}" for n in reversed(range(MANY))]
    assert not any(line["comments"] == "changed" for line in read)


# Who stops, and who is in the way


def opened(app: App, stack: ExitStack) -> httpx.Response:
    """An export of which no more than the buffers hold is read."""
    client = stack.enter_context(connect(app.server.url))
    return stack.enter_context(client.stream("GET", EXPORT, params={"format": "csv"}, headers=app.bearer))


def test_tenant_has_two_at_a_time_and_the_process_three(full: App, tenant: str) -> None:
    other = full.server.app(tenant)
    with ExitStack() as stack:
        for _ in range(api.MOST_OF_TENANT):
            assert opened(full, stack).status_code == 200
        refused = full.export(format="csv")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, str(api.RETRY_SECONDS))
        assert refused.json()["detail"] == "2 exports of this tenant are under way."
        # Others go on, and so does everything else.
        assert other.export(format="csv").status_code == 200
        assert full.report({}).status_code == 200
        fuller = full.server.app("export-full-too")
        for first in range(0, 10_000, 10_000):
            fuller.write([job(f"j{n:06}", comments="x" * 3000) for n in range(first, first + 5_000)])
        assert opened(fuller, stack).status_code == 200
        busy = other.export(format="csv")
        assert (busy.status_code, busy.headers["retry-after"]) == (503, str(api.RETRY_SECONDS))
    # Who went away makes room.
    until(lambda: full.export(format="csv", searchText="nothing").status_code == 200, "a slot")


def test_client_that_stops_reading_is_cut_off_and_the_snapshot_ends(tmp_path: Path) -> None:
    script = program_with(tmp_path, "jobreport.server.streams", "streams.STALLED_SECONDS = 1")
    with serve(tmp_path, program=script) as server:
        app = server.app("slow")
        for first in range(0, 10_000, 5_000):
            app.write([job(f"j{n:06}", comments="x" * 3000) for n in range(first, first + 5_000)])
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            request = f"GET {EXPORT}?format=csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {app.token}\r\n\r\n"
            client.sendall(request.encode())
            until(lambda: "answer cut off" in server.log, "the end")
            assert "the client took nothing for 1 s" in server.log
            assert broken(client)
        assert app.export(format="csv").status_code == 200
        assert "Traceback" not in server.log


def broken(client: socket.socket) -> bool:
    """Whether what comes ends without the end of an answer."""
    got = b""
    try:
        while piece := client.recv(65536):
            got = (got + piece)[-100:]
    except ConnectionError:
        return True
    return not got.endswith(b"0\r\n\r\n")


def test_client_that_goes_away_ends_the_export(full: App) -> None:
    before = full.server.log.count("answer cut off")
    with ExitStack() as stack:
        assert opened(full, stack).status_code == 200
    until(lambda: full.server.log.count("answer cut off") > before, "the end")
    assert "the client is gone" in full.server.log


def test_answer_that_breaks_off_is_an_error_for_its_reader(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("broken")
        for first in range(0, 6_000, 2_000):
            app.write([job(f"j{n:06}", comments="x" * 3000) for n in range(first, first + 2_000)])
        # One more than there is, as after somebody wrote into the tables.
        store = open_store(server.store)
        with store.writing() as connection:
            connection.exec_driver_sql("UPDATE job_count SET jobs = jobs + 1")
        store.close()
        # HEAD reads none of the jobs, and so finds no fault.
        head = server.http.head(EXPORT, params={"format": "csv"}, headers=app.bearer)
        assert head.headers["total-count"] == "6001"
        until(lambda: '"method":"HEAD"' in server.log, "the end of HEAD")
        assert "answer cut off" not in server.log
        with pytest.raises(httpx.HTTPError):
            app.export(format="csv")
        assert "jobreport check --repair" in server.log
        assert "Traceback" not in server.log
        assert app.report({}).status_code == 200


def test_server_that_stops_cuts_what_is_under_way(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("stopped")
        for first in range(0, 10_000, 5_000):
            app.write([job(f"j{n:06}", comments="x" * 3000) for n in range(first, first + 5_000)])
        with ExitStack() as stack:
            answer = opened(app, stack)
            server.kill()
            with pytest.raises(httpx.HTTPError):
                list(answer.iter_bytes())


@pytest.fixture(autouse=True)
def _room(idle: App) -> None:
    """Each test begins when those before have left."""
    until(lambda: idle.export(format="csv").status_code == 200, "room")
