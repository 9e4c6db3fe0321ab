"""Sends requests and measures rates and latencies: one by one, or as many as go, by `wrk` or a client of our own."""

import asyncio
import json
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cores
from servers import HOST

CONNECTIONS: Final = 8
_LAST_CHUNK: Final = b"\r\n0\r\n\r\n"
_SCRIPT: Final = """
wrk.method = "{method}"
wrk.body = {body}
wrk.headers["Content-Type"] = "application/json"
{authorization}
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('\\nFIGURES {{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "wrong": %d}}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True)
class Call:
    """One request of HTTP, whatever sends it."""

    path: str
    body: bytes = b""
    token: str = ""
    method: str = "POST"
    cookie: str = ""
    """That of a person who is signed in; then the answer is asked for compressed, as browsers do."""

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {HOST}", "Content-Type: application/json"]
        lines += [f"Content-Length: {len(self.body)}"] if self.body else []
        lines += [f"Authorization: Bearer {self.token}"] if self.token else []
        lines += [f"Cookie: {self.cookie}", "Accept-Encoding: gzip"] if self.cookie else []
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass
class Latencies:
    """Milliseconds of requests, in the order in which they were asked."""

    ms: list[float] = field(default_factory=list)

    def at(self, percent: int) -> float:
        """The percentile, 1 to 99."""
        return statistics.quantiles(self.ms, n=100, method="inclusive")[percent - 1] if len(self.ms) > 1 else self.ms[0]

    @property
    def p50(self) -> float:
        return self.at(50)

    @property
    def p95(self) -> float:
        return self.at(95)

    @property
    def p99(self) -> float:
        return self.at(99)


@dataclass(frozen=True)
class Rate:
    """Requests a second, and the latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


class Line:
    """One connection that is kept, over which one request follows the answer of the last."""

    def __init__(self, port: int, timeout: float = 600) -> None:
        self._socket = socket.create_connection((HOST, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, call: bytes) -> tuple[float, bytes]:
        """Milliseconds until the whole answer was there, and its body; RuntimeError for any answer but 200."""
        started = time.perf_counter()
        self._socket.sendall(call)
        found = b""
        while (end := found.find(b"\r\n\r\n")) < 0:
            found += self._more()
        length = _length(found[: end + 4])
        while not found.endswith(_LAST_CHUNK) if length is None else len(found) < end + 4 + length:
            found += self._more()
        return (time.perf_counter() - started) * 1000, found[end + 4 :]

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bytes:
        if not (part := self._socket.recv(1 << 18)):
            raise RuntimeError("the server hung up")
        return part


def one_by_one(port: int, calls: Iterable[Call], seconds: float = 3600) -> tuple[Latencies, list[bytes]]:
    """Asks each, after the answer of the one before; stops after `seconds`. The latencies, and the answers."""
    line, found, answers = Line(port), Latencies(), []
    encoded = [call.encoded() for call in calls]
    with cores.on(cores.CLIENT):
        end = time.perf_counter() + seconds
        for call in encoded:
            took, body = line.ask(call)
            found.ms.append(took)
            answers.append(body)
            if time.perf_counter() > end:
                break
    line.close()
    return found, answers


def many(port: int, call: Call, seconds: float) -> Rate:
    """As many as go, over `CONNECTIONS` at once, for `seconds`; for longer where one request takes long."""
    line = Line(port)
    took = min(line.ask(call.encoded())[0] for _ in range(2)) / 1000
    line.close()
    seconds = max(seconds, min(60, 3 * CONNECTIONS * took))
    if wrk := shutil.which("wrk"):
        return _by_wrk(wrk, port, call, seconds)
    with cores.on(cores.CLIENT):
        return asyncio.run(_closed(port, call.encoded(), seconds))


def _by_wrk(wrk: str, port: int, call: Call, seconds: float) -> Rate:
    authorization = f'wrk.headers["Authorization"] = "Bearer {call.token}"' if call.token else ""
    body = f"[==[{call.body.decode()}]==]" if call.body else "nil"
    script = _SCRIPT.format(method=call.method, body=body, authorization=authorization)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "call.lua"
        path.write_text(script)
        words = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "300s", "-s", str(path)]
        words.append(f"http://{HOST}:{port}{call.path}")
        done = subprocess.run(cores.pinned(words, cores.CLIENT), capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout.rpartition("FIGURES ")[2])
    if figures["wrong"] or not figures["requests"]:
        raise RuntimeError(f"wrk: {figures['wrong']} of {figures['requests']} requests went wrong")
    return Rate(figures["requests"] * 1e6 / figures["microseconds"], figures["p50"] / 1e3, figures["p99"] / 1e3)


async def _closed(port: int, call: bytes, seconds: float) -> Rate:
    found, started = Latencies(), time.perf_counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        while time.perf_counter() < started + seconds:
            found.ms.append(await ask(reader, writer, call, time.perf_counter()))
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return Rate(len(found.ms) / (time.perf_counter() - started), found.p50, found.p99)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: bytes, since: float) -> float:
    """One request and its answer; milliseconds from `since`, a time of `perf_counter`, until it was whole."""
    writer.write(call)
    head = await reader.readuntil(b"\r\n\r\n")
    if (length := _length(head)) is None:
        await reader.readuntil(_LAST_CHUNK)
    else:
        await reader.readexactly(length)
    return (time.perf_counter() - since) * 1000


async def at_rate(port: int, calls: Sequence[bytes], rate: float, seconds: float, connections: int = 16) -> Latencies:
    """`rate` requests a second, each due at its time whether or not those before were answered.

    A latency counts from when the request was due, so that a server that stops makes them long and not few.
    """
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await asyncio.open_connection(HOST, port))
    found, started = Latencies(), time.perf_counter()

    async def one(number: int, due: float) -> None:
        reader, writer = await free.get()
        found.ms.append(await ask(reader, writer, calls[number % len(calls)], due))
        free.put_nowait((reader, writer))

    tasks = []
    for number in range(round(rate * seconds)):
        due = started + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    while not free.empty():
        free.get_nowait()[1].close()
    return found


def _length(head: bytes) -> int | None:
    """How long the body is that follows; None: it comes in chunks. RuntimeError for any answer but 200."""
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    if not (found := head.lower().partition(b"content-length:")[2]):
        return None
    return int(found.partition(b"\r\n")[0])
