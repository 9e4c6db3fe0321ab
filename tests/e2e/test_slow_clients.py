"""Who sends slowly, stops half-way, or never reads is cut off in time; others are served all the while."""

import contextlib
import json
import selectors
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import connecting
from jobreport.server.connections import MAX_CONNECTIONS
from jobreport.server.timeouts import Phase
from jobs import job
from serving import JOBS, PATIENCE, REPORT, App, Server, program_with, serve, until

MANY = 60
"""Of each kind."""
LIMITS = {Phase.HEAD: 3, Phase.BODY: 5, Phase.SENDING: 5, Phase.IDLE: 6, Phase.REST: 2}
"""Seconds that a connection may be in each phase, in these tests; the server's own are longer."""
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@contextlib.contextmanager
def serve_hurried(folder: Path) -> Iterator[Server]:
    """A server with these limits."""
    lines = [
        f"timeouts._SECONDS[timeouts.Phase.{phase.name}] = {seconds}"
        for phase, seconds in LIMITS.items()
        if phase is not Phase.IDLE
    ]
    program = program_with(folder, "jobreport.server.timeouts", *lines)
    options = ("--log-format", "json", "--keep-alive", str(LIMITS[Phase.IDLE]))
    with serve(folder, *options, program=program) as server:
        yield server


def connect(server: Server, buffer: int = 0) -> socket.socket:
    connection = socket.socket()
    if buffer:  # set before the connection is made, so that the window stays small
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(PATIENCE)
    connection.connect(("127.0.0.1", server.port))
    return connection


def upload(app: App, *lines: str) -> bytes:
    fields = [f"POST {JOBS} HTTP/1.1", "Host: x", f"Authorization: Bearer {app.token}", *lines]
    return "\r\n".join([*fields, "", ""]).encode()


class Slow:
    """A connection that sends `first`, and then one byte of `then` after another, `BEAT` seconds between them."""

    def __init__(self, server: Server, what: str, first: bytes, then: bytes = b"") -> None:
        self.what, self.then, self.answer, self.ended = what, then, b"", 0.0
        self.connection = connect(server)
        self.connection.sendall(first)
        self.connection.setblocking(False)

    def send(self) -> None:
        if self.then and not self.ended:
            with contextlib.suppress(OSError):
                self.connection.send(self.then[:1])
            self.then = self.then[1:] + self.then[:1]

    def read(self, now: float) -> None:
        try:
            part = self.connection.recv(65536)
        except ConnectionError:
            part = b""
        self.answer += part
        if not part:
            self.ended = now


def answered_early(server: Server, what: str) -> Slow:
    """One whose request was refused before its body, which then came all the same."""
    slow = Slow(server, what, f"POST {JOBS} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n".encode())
    slow.connection.settimeout(PATIENCE)
    slow.read(0)
    slow.connection.sendall(b"{}")
    slow.connection.setblocking(False)
    return slow


def lasting(slow: list[Slow], seconds: float) -> dict[str, tuple[float, set[int]]]:
    """By kind: how long the last of them lasted, and with which statuses they ended (0: without an answer)."""
    started, sent = time.monotonic(), 0.0
    with selectors.DefaultSelector() as waiting:
        for one in slow:
            waiting.register(one.connection, selectors.EVENT_READ, one)
        while waiting.get_map() and (now := time.monotonic() - started) < seconds:
            if now - sent > 0.9:
                sent = now
                for one in slow:
                    one.send()
            for key, _ in waiting.select(0.1):
                key.data.read(now)
                if key.data.ended:
                    waiting.unregister(key.fileobj)
                    key.data.connection.close()
    found: dict[str, tuple[float, set[int]]] = {}
    for one in slow:
        last, statuses = found.get(one.what, (0.0, set()))
        status = int(one.answer.split(b" ", 2)[1]) if one.answer else 0
        found[one.what] = max(last, one.ended or float("inf")), statuses | {status}
    return found


def report(http: httpx.Client, app: App) -> httpx.Response:
    """The answer to a report; asked once more where the server ended the idle connection in the same moment, as it may
    at any time (RFC 9112 §9.5)."""
    try:
        return http.post(REPORT, json={}, headers=app.bearer)
    except (httpx.NetworkError, httpx.RemoteProtocolError):
        return http.post(REPORT, json={}, headers=app.bearer)


class Asked:
    """The milliseconds of reports: of some before anybody was slow, and of all that were asked since."""

    def __init__(self) -> None:
        self.before: list[float] = []
        self.since: list[float] = []

    def assert_nobody_waited(self) -> None:
        """That they were answered about as soon as before; how soon that is, the machine decides."""
        assert len(self.since) > 20
        assert statistics.median(self.since) < 50 + 5 * statistics.median(self.before)
        assert max(self.since) < 2000 + 10 * max(self.before)


@contextlib.contextmanager
def asking(app: App) -> Iterator[Asked]:
    """Asks one report after another; each of them is answered by 200."""
    found = Asked()
    over = threading.Event()

    def ask() -> None:
        with connecting.connect(app.server.url) as http:
            while not over.is_set():
                found.since.append(timed(http))
                time.sleep(0.02)

    def timed(http: httpx.Client) -> float:
        began = time.perf_counter()
        assert report(http, app).status_code == 200
        return (time.perf_counter() - began) * 1000

    with connecting.connect(app.server.url) as http:
        found.before += [timed(http) for _ in range(10)]
    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield found
    finally:
        over.set()
        asker.join()


def test_slow_senders_are_cut_off_and_others_are_served(tmp_path: Path) -> None:
    with serve_hurried(tmp_path) as server:
        app = server.app("default")
        declared = upload(app, "Content-Length: 100000")
        large = upload(app, "Content-Length: 16000000")
        kinds: dict[str, Callable[[str], Slow]] = {
            "silent": lambda what: Slow(server, what, b""),
            "only line ends": lambda what: Slow(server, what, b"", b"\r\n"),
            "half a head": lambda what: Slow(server, what, HEAD),
            "a head, byte by byte": lambda what: Slow(server, what, HEAD, b"X: y\r\n"),
            "no body": lambda what: Slow(server, what, declared),
            "a body, byte by byte": lambda what: Slow(server, what, declared, b"x"),
            "most of a large body at once": lambda what: Slow(server, what, large + b"[" + b" " * 200_000, b" "),
            "idle": lambda what: Slow(server, what, HEAD + b"\r\n"),
            "idle after a body that came late": lambda what: answered_early(server, what),
            "a body that nobody wants": lambda what: Slow(
                server, what, f"POST {JOBS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n".encode(), b"x"
            ),
        }
        with asking(app) as asked:
            slow = [make(what) for what, make in kinds.items() for _ in range(MANY)]
            found = lasting(slow, PATIENCE)
        limits = {
            "silent": (LIMITS[Phase.HEAD], {0}),
            "only line ends": (LIMITS[Phase.HEAD], {0}),
            "half a head": (LIMITS[Phase.HEAD], {408}),
            "a head, byte by byte": (LIMITS[Phase.HEAD], {408}),
            "no body": (LIMITS[Phase.BODY], {408}),
            "a body, byte by byte": (LIMITS[Phase.BODY], {408}),
            "most of a large body at once": (LIMITS[Phase.BODY], {408}),
            "idle": (LIMITS[Phase.IDLE], {200}),
            "idle after a body that came late": (LIMITS[Phase.IDLE], {401}),
            "a body that nobody wants": (LIMITS[Phase.REST], {401}),
        }
        assert {what: statuses for what, (_, statuses) in found.items()} == {
            what: statuses for what, (_, statuses) in limits.items()
        }
        for what, (seconds, _) in limits.items():
            assert found[what][0] < seconds + PATIENCE / 4, what
        for what in ("idle", "idle after a body that came late"):
            assert found[what][0] > LIMITS[Phase.IDLE] - 1, f"kept between two requests as was asked for: {what}"
        asked.assert_nobody_waited()
        assert "unforeseen" not in server.log
        assert "Traceback" not in server.log


def test_receiver_that_never_reads_is_cut_off_and_so_is_one_that_reads_too_slowly(tmp_path: Path) -> None:
    with serve_hurried(tmp_path) as server:
        app = server.app("default")
        for batch in range(3):
            jobs = [job(f"j{batch}-{n}", comments="c" * 4000) for n in range(2_000)]
            assert app.write(jobs).status_code == 200
        body = b'{"pagination":{"pageSize":10000}}'
        request = (
            f"POST {REPORT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {app.token}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        with asking(app) as asked:
            receivers = [connect(server, 4096) for _ in range(6)]
            for connection in receivers:
                connection.sendall(request)
            trickled, deadline = receivers[:2], time.monotonic() + PATIENCE
            while server.log.count("receiver too slow") < len(receivers) and time.monotonic() < deadline:
                for connection in trickled:
                    with contextlib.suppress(OSError):
                        connection.recv(100)
                time.sleep(0.5)
        assert server.log.count("receiver too slow") == len(receivers)
        asked.assert_nobody_waited()
        for connection in receivers:
            connection.close()


def test_receiver_that_reads_at_a_bearable_pace_gets_it_all(tmp_path: Path) -> None:
    with serve_hurried(tmp_path) as server:
        app = server.app("default")
        assert app.write([job(f"j{n}", comments="c" * 4000) for n in range(1_500)]).status_code == 200
        body = b'{"pagination":{"pageSize":10000}}'
        with connect(server, 4096) as connection:
            connection.sendall(
                f"POST {REPORT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {app.token}\r\nConnection: close\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            found, started = bytearray(), time.monotonic()
            while part := connection.recv(65536):
                found += part
                # A quarter of a MiB a second, for longer than a receiver may stand still.
                if time.monotonic() - started < LIMITS[Phase.SENDING] + 5:
                    time.sleep(len(part) / (256 * 1024))
        assert json.loads(bytes(found).partition(b"\r\n\r\n")[2])["totalCount"] == 1_500


@pytest.mark.parametrize("kind", ["silent", "half a head", "idle"])
def test_more_connections_than_there_may_be_cost_those_who_hold_them(tmp_path: Path, kind: str) -> None:
    with serve(tmp_path, "--log-format", "json") as server:
        app = server.app("default")
        app.bearer  # noqa: B018 - signs in before the crowd comes
        first = {"silent": b"", "half a head": HEAD, "idle": HEAD + b"\r\n"}[kind]
        crowd: list[socket.socket] = []
        with contextlib.ExitStack() as stack, asking(app) as asked:
            for _ in range(MAX_CONNECTIONS + 200):
                connection = stack.enter_context(connect(server))
                connection.sendall(first)
                crowd.append(connection)
            fresh = httpx.post(server.url + REPORT, json={}, headers=app.bearer, trust_env=False, timeout=PATIENCE)
            assert fresh.status_code == 200
            until(lambda: len(asked.since) > 20)
        assert "Traceback" not in server.log
        assert "unforeseen" not in server.log


def test_large_bodies_that_one_reporter_leaves_unfinished_keep_no_other_tenant_from_writing(tmp_path: Path) -> None:
    with serve(tmp_path, "--log-format", "json") as server:
        flooding, other = server.app("default"), server.app("other")
        size = 16 * 1024 * 1024
        begun = upload(flooding, f"Content-Length: {size}") + b"[" + b" " * (size - 100)
        with contextlib.ExitStack() as stack:
            senders = [stack.enter_context(connect(server)) for _ in range(4)]
            threads = [threading.Thread(target=sender.sendall, args=[begun]) for sender in senders]
            for thread in threads:
                thread.start()
            until(lambda: server.log.count('"status":503') >= 1, "the bodies that find no room")
            good = b"[" + json.dumps(job("large")).encode() + b" " * (12 * 1024 * 1024) + b"]"
            assert other.write(good).status_code == 200
            for thread in threads:
                thread.join()
        assert other.found() == ["large"]
