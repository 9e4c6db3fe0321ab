"""Limits of connectors, and the origins that they read."""

from typing import Final

from blocks.limits.rows import MIB, Rows
from jobreport.connectors import base, command, configured, json_items, lease, stream_reader
from jobreport.model import ticks
from jobreport.services import connectors

ROWS: Final[Rows] = [
    ("Interval of a connector", f"{configured.LEAST_EVERY} seconds to {configured.MOST_EVERY // 86_400} days", ""),
    ("Passes of connectors at a time, of a worker", f"{connectors.MOST}", "wait"),
    ("One pass of a connector", f"{connectors.PASS_SECONDS // 3600} hours", "ended; the next goes on"),
    ("Its memory, on Linux", f"{connectors.PASS_MEMORY} MiB", "it fails alone"),
    ("A connector whose process gives no sign of life", f"{lease.SECONDS} seconds", "taken over"),
    ("First look at a stream", f"{stream_reader.FIRST_LOOK // ticks.PER_DAY} days back, or as `--since` says", ""),
    ("Name of a stream", f"{base.MAX_STREAM_NAME} characters", "no data"),
    ("Line of a program of the kind `exec`", f"{command.MAX_LINE // MIB} MiB", "no data"),
    ("An item of a list in JSON that a tool prints", f"{json_items.MAX_ITEM // MIB} MiB", "no data"),
]
