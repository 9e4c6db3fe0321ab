"""Requests that no HTTP library would send: what comes back is a refusal, and the server goes on."""

import contextlib
import json
import socket
import time
from typing import Any

import pytest

from jobreport.server import framing, protocol, timeouts
from serving import FIND, JOBS, PATIENCE, REPORT, App, Server, until


def exchange(server: Server, request: bytes, *, close: bool = False) -> bytes:
    """Sends bytes, and reads until the server closes or has answered."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        if close:
            connection.shutdown(socket.SHUT_WR)
        found = b""
        while part := connection.recv(65536):
            found += part
            if b"\r\n\r\n" in found:
                break
        return found


def status(server: Server, request: bytes, **more: bool) -> int:
    """The status of what comes back; 0 where the connection is closed without an answer."""
    found = exchange(server, request, **more)
    return int(found.split(b" ", 2)[1]) if found else 0


def head(app: App, *lines: str, method: str = "POST", path: str = REPORT) -> bytes:
    fields = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {app.token}", *lines]
    return ("\r\n".join(fields) + "\r\n\r\n").encode("latin-1")


def test_body_that_is_shorter_than_its_length_ends_the_request_and_is_no_server_error(idle: App) -> None:
    exchange(idle.server, head(idle, "Content-Length: 1000", "X-Cut: yes") + b"{", close=True)
    assert idle.report().status_code == 200
    until(lambda: '"status":200' in idle.server.log)
    assert "unforeseen" not in idle.server.log
    assert '"status":500' not in idle.server.log


def test_body_that_is_longer_than_its_length_is_cut_at_the_length(idle: App) -> None:
    assert status(idle.server, head(idle, "Content-Length: 2", "Connection: close") + b"{}{}{}") == 200


@pytest.mark.parametrize("length", ["-1", "abc", "1, 2", "99999999999999999999999999"])
def test_length_that_is_none_is_refused(idle: App, length: str) -> None:
    assert status(idle.server, head(idle, f"Content-Length: {length}") + b"{}", close=True) in (0, 400, 413)
    assert idle.report().status_code == 200


def test_declared_length_beyond_the_limit_is_refused_before_the_body_comes(idle: App) -> None:
    assert status(idle.server, head(idle, "Content-Length: 65537")) == 413
    assert status(idle.server, head(idle, "Content-Length: 16777217", path=JOBS)) == 413


def test_stranger_is_refused_before_the_body_comes(server: Server) -> None:
    request = f"POST {JOBS} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n".encode()
    assert status(server, request) == 401


def test_length_and_chunks_at_once_are_not_read_two_ways(idle: App) -> None:
    smuggled = head(idle, "Content-Length: 4", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"
    assert status(idle.server, smuggled) == 400
    assert idle.report().status_code == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET http://elsewhere/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /%ff%fe%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_nonsense_on_the_wire_is_no_server_error_and_the_server_goes_on(server: Server, request_: bytes) -> None:
    assert status(server, request_, close=True) < 500
    assert server.http.get("/healthz").status_code == 200
    assert "unforeseen" not in server.log


def test_path_that_leaves_the_assets_finds_nothing(server: Server) -> None:
    for path in ("../page.py", "..%2f..%2fpage.py", "%2e%2e/%2e%2e/x", "..\\..\\x", "/etc/passwd", "%00", "a" * 5000):
        request = f"GET /docs/assets/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        assert status(server, request) == 404, path


def test_two_authorization_headers_are_refused(idle: App) -> None:
    for other in ("Bearer nonsense", "Basic eDp5", f"Bearer {idle.token}"):
        assert status(idle.server, head(idle, f"Authorization: {other}", "Content-Length: 2") + b"{}") == 401


@pytest.mark.parametrize("garbage", [b"FROBNICATE / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\r\n\r\n"])
def test_what_is_no_http_request_has_the_one_error_shape_too(server: Server, garbage: bytes) -> None:
    answered, _, document = exchange(server, garbage).partition(b"\r\n\r\n")
    assert answered.startswith(b"HTTP/1.1 400 ")
    problem = json.loads(document)
    assert f"request-id: {problem['requestId']}".encode() in answered
    assert (problem["status"], problem["errors"]) == (400, [])
    until(lambda: problem["requestId"] in server.log)


GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


def test_head_of_many_or_long_fields_is_taken_up_to_the_limit_and_refused_beyond(server: Server) -> None:
    def fields(number: int, size: int) -> bytes:
        return b"".join(b"X-%d: %s\r\n" % (n, b"v" * size) for n in range(number))

    assert status(server, GET + fields(framing.MAX_FIELDS - 1, 10) + b"\r\n") == 200
    assert status(server, GET + fields(framing.MAX_FIELDS, 10) + b"\r\n") == 431
    assert status(server, GET + fields(1, framing.MAX_HEAD - 200) + b"\r\n") == 200
    assert status(server, GET + fields(1, framing.MAX_HEAD) + b"\r\n") == 431
    assert status(server, GET + fields(90, 1_000) + b"\r\n") == 431


@pytest.mark.parametrize("part", [b"X: " + b"v" * 100_000, b"X: y\r\n" * 20_000, b"X" * 100_000])
def test_head_without_end_is_refused_and_not_waited_for(server: Server, part: bytes) -> None:
    started = time.monotonic()
    assert status(server, GET + part) in (400, 431)
    assert time.monotonic() - started < timeouts.HEAD_SECONDS


def test_long_address_is_taken_up_to_the_limit_and_refused_beyond(server: Server) -> None:
    def request(size: int) -> bytes:
        return b"GET /" + b"a" * (size - 1) + b" HTTP/1.1\r\nHost: x\r\n\r\n"

    assert status(server, request(framing.MAX_URL)) == 404
    assert status(server, request(framing.MAX_URL + 1)) == 414
    assert status(server, b"GET /" + b"a" * 100_000) == 414


def test_head_that_comes_in_parts_is_one(idle: App) -> None:
    with socket.create_connection(("127.0.0.1", idle.server.port), timeout=PATIENCE) as connection:
        for part in (b"GET /he", b"althz HTTP/1.1\r\nHo", b"st: x\r\nX: ", b"v" * 20_000, b"\r\n", b"\r\n"):
            connection.sendall(part)
            time.sleep(0.05)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_some_requests_in_a_row_are_answered_in_their_order_and_thousands_are_not_kept(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        few = protocol.MAX_PIPELINED
        connection.sendall((GET + b"\r\n") * (few - 1) + GET + b"Connection: close\r\n\r\n")
        found = b""
        while part := connection.recv(65536):
            found += part
        assert found.count(b"HTTP/1.1 200 ") == few
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        found = b""
        with contextlib.suppress(ConnectionError):
            connection.sendall((GET + b"\r\n") * 5_000)
            while part := connection.recv(65536):
                found += part
        assert found.count(b"HTTP/1.1 200 ") <= protocol.MAX_PIPELINED + 1
    assert server.http.get("/healthz").status_code == 200


def test_trailers_are_read_over_and_those_without_end_are_refused(idle: App) -> None:
    chunked = head(idle, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n"
    assert status(idle.server, chunked + b"X-Late: y\r\nAuthorization: Bearer nonsense\r\n\r\n") == 200
    endless = head(idle, "Transfer-Encoding: chunked") + b"0\r\nX: " + b"v" * 200_000
    started = time.monotonic()
    assert status(idle.server, endless) in (0, 400)
    assert time.monotonic() - started < timeouts.HEAD_SECONDS


def test_another_protocol_is_not_spoken(idle: App) -> None:
    for name in ("websocket", "h2c"):
        request = GET + f"Connection: Upgrade\r\nUpgrade: {name}\r\nSec-WebSocket-Key: x\r\n\r\n".encode()
        assert status(idle.server, request) == 200
    assert "websocket" not in idle.server.log.lower()


def test_refusal_of_the_parser_says_to_browsers_and_caches_what_any_other_says(server: Server) -> None:
    answered = exchange(server, GET + b"X: " + b"v" * 100_000 + b"\r\n\r\n").partition(b"\r\n\r\n")[0].lower()
    for field in (
        b"x-content-type-options: nosniff",
        b"referrer-policy: no-referrer",
        b"content-security-policy: default-src 'none'; frame-ancestors 'none'",
        b"cache-control: no-store",
        b"connection: close",
    ):
        assert field in answered
    assert b"server:" not in answered


# Generation 2 has a shape of errors of its own

ASKED = b"GET " + FIND.encode()


@pytest.mark.parametrize(
    ("request_", "status_"),
    [
        (ASKED + b" HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (ASKED + b" HTTP/1.1\r\nHost: x\r\nX: " + b"v" * 100_000, 431),
        (ASKED + b"?state=Failed HTTP/1.1\r\nX: " + b"v" * 100_000, 431),
        (ASKED + b"?plan=" + b"x" * 63_500 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (ASKED + b"?plan=" + b"x" * 100_000, 414),
        (ASKED + b" HTTP/1.1\r\nBad Header: 1\r\n\r\n", 400),
        (ASKED.replace(b"jobs", b"%6Aobs") + b" HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n", 400),
    ],
    ids=["many fields", "a long field", "a first field", "414", "414 without end", "400", "escaped"],
)
def test_refusal_by_the_parser_has_the_shape_of_the_route(server: Server, request_: bytes, status_: int) -> None:
    problem = refused(server, request_)
    assert problem["status"] == status_
    model = problem.pop("errorModel")
    assert (model["requestId"], model["date"]) == (problem["requestId"], problem["timestamp"])
    assert model["message"] == problem["detail"]
    assert model["code"] == problem["title"].replace(" ", "")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
        ASKED + b"/more HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
        ASKED + b"\x00",
        b"nonsense " + FIND.encode() + b"\r\n\r\n",
        ASKED + b"x" * 100_000,
    ],
    ids=["another", "longer", "no address", "no method", "long"],
)
def test_refusal_of_another_route_or_of_none_has_not(server: Server, request_: bytes) -> None:
    assert "errorModel" not in refused(server, request_)


def test_refusal_of_a_later_request_goes_by_its_own_address(server: Server) -> None:
    asked, other = ASKED + b" HTTP/1.1\r\nHost: x\r\n\r\n", GET + b"\r\n"
    assert "errorModel" not in refused(server, b"nonsense\r\n\r\n", after=asked)
    assert "errorModel" not in refused(server, GET + b"Bad Header: 1\r\n\r\n", after=asked)
    assert "errorModel" in refused(server, ASKED + b" HTTP/1.1\r\nBad Header: 1\r\n\r\n", after=other)


def test_body_that_comes_after_the_answer_leaves_a_connection_like_any_other(server: Server) -> None:
    stranger = f"POST {JOBS} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(stranger)
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")
        connection.sendall(b"[{}]")
        connection.sendall(GET + b"X: " + b"v" * framing.MAX_HEAD + b"\r\n\r\n")
        assert last(connection)["status"] == 431


def test_request_that_is_too_slow_is_told_in_the_shape_of_its_route_once_that_has_come(server: Server) -> None:
    known: dict[tuple[bytes, ...], bool] = {
        (ASKED + b" HTTP/1.1\r\nHo",): True,
        (ASKED[:-2], ASKED[-2:] + b" HTTP/1.1\r\nHo"): True,
        (ASKED, b" ", b"H"): True,
        (ASKED + b"?st",): True,
        (ASKED,): False,
        (ASKED[:-2], ASKED[-2:]): False,
        (GET + b"\r\n" + ASKED,): False,
    }
    with contextlib.ExitStack() as stack:
        opened = []
        for parts in known:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
            opened.append(connection)
            for part in parts:
                connection.sendall(part)
                time.sleep(0.05)
        found = [last(connection) for connection in opened]
    for (parts, shaped), problem in zip(known.items(), found, strict=True):
        assert ("errorModel" in problem) == shaped, parts


def refused(server: Server, request: bytes, *, after: bytes = b"") -> dict[str, Any]:
    """The error that a request is answered, on a connection on which another one was answered before."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        if after:
            connection.sendall(after)
            connection.recv(65536)
        connection.sendall(request)
        return last(connection)


def last(connection: socket.socket) -> dict[str, Any]:
    """The document of the last answer before the connection ends."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            found += part
    document: dict[str, Any] = json.loads(found.rpartition(b"\r\n\r\n")[2])
    return document
