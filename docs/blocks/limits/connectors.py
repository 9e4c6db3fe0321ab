"""Limits of connectors, and the origins that they read."""

from typing import Final

from blocks.limits.rows import MIB, Rows
from jobreport.connectors import base, command, configured, http_client, json_items, lease, stream_reader
from jobreport.connectors.reading import serve
from jobreport.model import ticks
from jobreport.services import connectors
from jobreport.store.registry import next_runs

ROWS: Final[Rows] = [
    ("Interval of a connector", f"{configured.LEAST_EVERY} seconds to {configured.MOST_EVERY // 86_400} days", ""),
    ("Passes of connectors at a time, of a worker", f"{connectors.MOST}", "wait"),
    ("One pass of a connector", f"{connectors.PASS_SECONDS // 3600} hours", "ended; the next goes on"),
    ("Memory of each of its two processes, on Linux", f"{connectors.PASS_MEMORY} MiB", "it fails alone"),
    ("What it has read and not begun to store", f"{serve.AHEAD // MIB} MiB", "it reads on later"),
    ("A connector whose process gives no sign of life", f"{lease.SECONDS} seconds", "taken over"),
    ("First look at a stream", f"{stream_reader.FIRST_LOOK // ticks.PER_DAY} days back, or as `--since` says", ""),
    ("Name of a stream", f"{base.MAX_STREAM_NAME} characters", "no data"),
    ("Line of a program of the kind `exec`", f"{command.MAX_LINE // MIB} MiB", "no data"),
    (
        "An answer of an origin's HTTP API, of those kinds that ask it themselves",
        f"{http_client.MOST_ANSWER // MIB} MiB",
        "no data",
    ),
    (
        "Such an answer, to be connected, and for each part of it",
        f"{http_client.CONNECT_SECONDS:.0f} and {http_client.PART_SECONDS:.0f} seconds",
        f"asked again, {http_client.TRIES} times in all",
    ),
    ("Such an answer, to its end", f"{http_client.ANSWER_SECONDS / 60:.0f} minutes", "no data"),
    (
        "A pause that it wants (`Retry-After`)",
        f"{http_client.LONGEST_WAIT:.0f} seconds",
        "no data; the next look asks again",
    ),
    ("Plan whose next runs its origin announces", f"{next_runs.MAX_PLAN} characters", "nothing is expected"),
    ("An item of a list in JSON that a tool prints", f"{json_items.MAX_ITEM // MIB} MiB", "no data"),
]
