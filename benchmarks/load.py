"""A URL and a body in; requests a second and latencies out. One connection after another answer, several at once."""

import asyncio
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """Requests a second; median and 99th percentile of the latency in milliseconds."""

    rate: float
    p50: float
    p99: float


async def load(host: str, port: int, request: bytes, *, connections: int, seconds: float) -> Figures:
    """Sends the same request over `connections` for `seconds`; RuntimeError for any answer but 200."""
    end = time.perf_counter() + seconds
    latencies: list[float] = []

    async def worker() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        while (started := time.perf_counter()) < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode("latin-1"))
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            latencies.append((time.perf_counter() - started) * 1000)
        writer.close()
        await writer.wait_closed()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(connections)))
    elapsed = time.perf_counter() - started
    cuts = statistics.quantiles(latencies, n=100)
    return Figures(len(latencies) / elapsed, cuts[49], cuts[98])


def request(path: str, host: str, body: bytes, token: str = "") -> bytes:
    """An HTTP/1.1 POST as bytes."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{authorization}\r\n"
    ).encode() + body
