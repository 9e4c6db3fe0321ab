"""Where a request ends and for whom it is: what can be read in two ways is refused, and what is plain is answered."""

import re
import socket

import pytest

from serving import JOBS, REPORT, App, Server, until

BODY = b'{"pagination":{"pageSize":1}}'
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def statuses(server: Server, request: bytes) -> list[int]:
    """The statuses of all that comes back until the server closes the connection."""
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers(server, request))]


def answers(server: Server, request: bytes, *, ends: bytes = b"") -> bytes:
    """All that comes back until the server closes, or until `ends` has come."""
    found = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request)
        while part := connection.recv(65536):
            found += part
            if ends and ends in found:
                break
    return found


def post(app: App, *lines: str, version: str = "1.1", host: str | None = "Host: x", path: str = REPORT) -> bytes:
    fields = [
        f"POST {path} HTTP/{version}",
        *([host] if host is not None else []),
        f"Authorization: Bearer {app.token}",
    ]
    return ("\r\n".join([*fields, *lines]) + "\r\n\r\n").encode("latin-1")


# Another protocol that is asked for (RFC 9110 §7.8)


@pytest.mark.parametrize("upgrade", ["h2c", "websocket", "TLS/1.0", "h2c, foo/2"])
def test_request_that_asks_for_another_protocol_is_handled_with_its_body(idle: App, upgrade: str) -> None:
    fields = ("Connection: Upgrade, HTTP2-Settings", f"Upgrade: {upgrade}", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA")
    found = answers(idle.server, post(idle, *fields, LENGTH) + BODY + LAST)
    assert re.findall(rb"HTTP/1\.1 (\d{3}) ", found) == [b"200", b"200"]
    assert b'"totalCount":' in found
    assert b"upgrade:" not in found.lower()


def test_body_of_such_a_request_is_read_however_it_comes_and_so_is_what_follows(idle: App) -> None:
    asking = ("Connection: Upgrade", "Upgrade: h2c")
    chunked = post(idle, *asking, "Transfer-Encoding: chunked") + CHUNKS
    declared = post(idle, *asking, LENGTH) + BODY
    empty = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert statuses(idle.server, chunked + ALIVE + declared + empty + empty + chunked + LAST) == [200] * 7
    assert statuses(idle.server, post(idle, *asking, "Content-Length: 3") + b"{x}" + LAST) == [400, 200]
    for at in range(1, len(declared), 7):
        with socket.create_connection(("127.0.0.1", idle.server.port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(declared[:at])
            connection.sendall(declared[at:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_body_that_such_a_request_leaves_unfinished_or_broken_is_refused(idle: App) -> None:
    asking = ("Connection: Upgrade", "Upgrade: h2c")
    assert statuses(idle.server, post(idle, *asking, "Transfer-Encoding: chunked") + b"zz\r\n") == [400]
    assert statuses(idle.server, post(idle, *asking, "Transfer-Encoding: gzip, chunked") + CHUNKS) == [501]
    assert statuses(idle.server, post(idle, *asking, LENGTH, "Transfer-Encoding: chunked") + CHUNKS) == [400]


def test_connection_is_closed_after_such_a_request_that_asks_for_that_too(idle: App) -> None:
    asking = ("Connection: close, Upgrade", "Upgrade: h2c")
    assert statuses(idle.server, post(idle, *asking, LENGTH) + BODY + ALIVE) == [200]


def test_token_is_given_to_a_client_that_offers_http_2_each_time(idle: App) -> None:
    form = f"grant_type=client_credentials&client_id={idle.client_id}&client_secret={idle.secret}".encode()
    request = (
        b"POST /connect/token HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(form)
    )
    assert b'"access_token"' in answers(idle.server, request + form, ends=b"}")


def test_tunnel_is_not_opened(server: Server) -> None:
    assert statuses(server, b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\nabc") == [400]


# Host (RFC 9112 §3.2)


@pytest.mark.parametrize(
    "host", [None, "Host: x\r\nHost: x", "Host: x\r\nhost: y", "Host: a b", "Host: a/b", "Host: \xe9"]
)
def test_http_1_1_without_one_good_host_is_refused(idle: App, host: str | None) -> None:
    assert statuses(idle.server, post(idle, LENGTH, host=host) + BODY + ALIVE) == [400]


@pytest.mark.parametrize("host", ["x", "", "x:", "x:80", "127.0.0.1:80", "[::1]:80", "a_b.example-1.com", "x%C3%A9"])
def test_host_may_be_any_name_or_address(idle: App, host: str) -> None:
    request = post(idle, LENGTH, "Connection: close", host=f"Host: {host}")
    assert statuses(idle.server, request + BODY) == [200]


def test_http_1_0_needs_no_host_and_has_one_at_the_most(idle: App) -> None:
    assert statuses(idle.server, post(idle, LENGTH, version="1.0", host=None) + BODY) == [200]
    assert statuses(idle.server, post(idle, LENGTH, version="1.0", host="Host: x\r\nHost: x") + BODY) == [400]


@pytest.mark.parametrize("version", ["0.9", "2.0"])
def test_other_versions_are_not_spoken(server: Server, version: str) -> None:
    assert statuses(server, f"GET /healthz HTTP/{version}\r\nHost: x\r\n\r\n".encode()) == [505]


# Where the body ends (RFC 9112 §6)

CODED = {
    "gzip, chunked": 501,
    "gzip,deflate,chunked": 501,
    "x-cow, Chunked": 501,
    "gzip": 400,
    "identity": 400,
    "chunked, identity": 400,
    "chunked, gzip": 400,
    "chunked, chunked": 400,
    "chunked\r\nTransfer-Encoding: chunked": 400,
    "chunked\r\nTransfer-Encoding: identity": 400,
    "identity\r\nTransfer-Encoding: chunked": 501,
    "chunked;q=1": 400,
    "xchunked": 400,
    "\x0bchunked": 400,
    '"chunked"': 400,
    "": 400,
    ", chunked": 501,
    "\r\n chunked": 400,
}


@pytest.mark.parametrize(("coding", "status"), CODED.items(), ids=map(repr, CODED))
def test_body_whose_end_is_not_plain_is_refused_and_nothing_behind_it_is_read(
    idle: App, coding: str, status: int
) -> None:
    request = post(idle, f"Transfer-Encoding: {coding}") + CHUNKS
    assert statuses(idle.server, request + ALIVE) == [status]


@pytest.mark.parametrize(
    "lines",
    [
        (LENGTH, "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", LENGTH),
        (LENGTH, LENGTH),
        (LENGTH, "Content-Length: 0"),
        (f"{LENGTH}, {len(BODY)}",),
        ("Content-Length: +29",),
        ("Content-Length: 0x1d",),
        ("Content-Length : 29",),
        ("Content-Length:",),
        ("Transfer-Encoding : chunked",),
        (f"{LENGTH}\rX: y",),
        (f"{LENGTH}\nX: y",),
        (f" {LENGTH}",),
    ],
    ids=repr,
)
def test_length_that_can_be_read_in_two_ways_is_refused(idle: App, lines: tuple[str, ...]) -> None:
    assert statuses(idle.server, post(idle, *lines) + BODY + ALIVE)[:1] == [400]


@pytest.mark.parametrize(
    "chunks", [b"0x1d\r\n", b"1d \r\n", b"+1d\r\n", b"-1\r\n", b"1d\n", b"\r\n", b"fffffffffffffffff\r\n", b"1c\r\n"]
)
def test_chunk_that_can_be_read_in_two_ways_is_refused(idle: App, chunks: bytes) -> None:
    request = post(idle, "Transfer-Encoding: chunked") + chunks + BODY + b"\r\n0\r\n\r\n"
    assert statuses(idle.server, request + ALIVE) == [400]


def test_http_1_0_has_no_chunks(idle: App) -> None:
    assert statuses(idle.server, post(idle, "Transfer-Encoding: chunked", version="1.0") + CHUNKS) == [400]


def test_plain_chunks_are_read(idle: App) -> None:
    chunks = b"5;name=value\r\n" + BODY[:5] + b"\r\n%X\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n000\r\nX: y\r\n\r\n"
    for coding in ("chunked", "Chunked", "\tchunked "):
        assert statuses(idle.server, post(idle, f"Transfer-Encoding: {coding}") + chunks + LAST) == [200, 200]


# Expectations


def test_interim_answer_comes_to_a_client_of_http_1_1_alone(idle: App) -> None:
    expecting = ("Expect: 100-continue", LENGTH, "Connection: close")
    with socket.create_connection(("127.0.0.1", idle.server.port), timeout=30) as connection:
        connection.sendall(post(idle, *expecting))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    with socket.create_connection(("127.0.0.1", idle.server.port), timeout=30) as connection:
        connection.sendall(post(idle, *expecting, version="1.0"))
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(65536)
        connection.settimeout(30)
        connection.sendall(BODY)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_body_that_will_be_refused_is_not_asked_for(idle: App) -> None:
    assert (
        statuses(idle.server, post(idle, "Expect: 100-continue", "Content-Length: 99999999", path=JOBS) + LAST)[0]
        == 413
    )


# What comes behind a good request


GARBAGE = {
    "no HTTP": b"nonsense\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a bad head": b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a head without end": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_requests_are_answered_though_garbage_follows(idle: App, garbage: bytes) -> None:
    one = post(idle, LENGTH) + BODY
    for before in (ALIVE, one, ALIVE + one + ALIVE):
        *good, bad = statuses(idle.server, before + garbage)
        assert good == [200] * before.count(b"Host: x")
        assert bad in (400, 431)


def test_garbage_behind_the_last_request_of_a_connection_is_not_answered(server: Server) -> None:
    assert statuses(server, LAST + b"nonsense\r\n\r\n") == [200]


def test_refusal_behind_a_good_request_is_logged_with_its_own_id(idle: App) -> None:
    found = answers(idle.server, ALIVE + b"nonsense\r\n\r\n")
    first, second = re.findall(rb"request-id: (\S+)", found)
    assert first != second
    until(lambda: second.decode() in idle.server.log)
