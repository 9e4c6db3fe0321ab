"""Limits of connections and requests, whatever is asked."""

from typing import Final

from blocks.limits.rows import MIB, Rows
from jobreport.cli.serving import event_loop
from jobreport.metrics import text
from jobreport.server import body_budget, compression, connections, framing, problem, protocol, timeouts, workers
from jobreport.services import watch

ROWS: Final[Rows] = [
    ("Address of a request", f"{framing.MAX_URL // 1024} KiB", "414"),
    ("Header fields of a request", f"{framing.MAX_FIELDS}, of {framing.MAX_HEAD // 1024} KiB together", "431"),
    ("Requests of a connection that wait for an answer", f"{protocol.MAX_PIPELINED}", "400"),
    ("Connections of a worker", f"{connections.MAX_CONNECTIONS:,}", "those that wait make room; else 503"),
    ("From a connection to the whole head of a request", f"{timeouts.HEAD_SECONDS} seconds", "408, or closed"),
    (
        "Arrival of a body",
        f"{timeouts.BODY_SECONDS} seconds for each {timeouts.BODY_BYTES // 1024} KiB",
        "408",
    ),
    (
        "A connection between two requests",
        f"{timeouts.KEEP_ALIVE_SECONDS} seconds, or as `--keep-alive` says",
        "closed",
    ),
    (
        "A receiver of an answer",
        f"{timeouts.SENT // 1024} KiB in {timeouts.SEND_SECONDS} seconds at least",
        "closed",
    ),
    ("Answer that is compressed for a client that asks", f"{compression.MIN_SIZE // 1024} KiB or more", ""),
    ("Answers of a worker that nobody takes", f"{timeouts.MAX_UNSENT // MIB} MiB", "the largest are closed"),
    ("Rest of a body that is not wanted", f"{timeouts.REST_SECONDS} seconds", "closed"),
    ("Silence of a worker process until it is replaced", f"{workers.SILENT_SECONDS} seconds", ""),
    ("Handshake of TLS", f"{event_loop.HANDSHAKE_SECONDS} seconds", "closed"),
    ("Bodies that a worker holds at once", f"{body_budget.MAX_HELD // MIB} MiB", "503"),
    ("Those of a tenant, of a provider's app, or of all who have not signed in", "as much as is left free", "503"),
    (
        "Series that `/metrics` tells one by one",
        f"{text.MOST_SERIES:,}, or as `series` says, to {text.LIMIT:,}",
        "counted",
    ),
    ("Series that are judged beside requests", f"{watch.MANY:,} at a time", "a process of its own judges them"),
    ("Answers of `/metrics` at a time, of a process", "1", "wait"),
    ("Wait asked for in `Retry-After`", f"{problem.RETRY_SECONDS} seconds", ""),
]
