"""Limits of who reports jobs."""

from typing import Final

from blocks.limits.rows import MIB, Rows
from jobreport.api import jobs
from jobreport.contract.job_fields import NAMES
from jobreport.model import errors, job, ticks
from jobreport.runner import reporter
from jobreport.server import json_stream
from jobreport.store import HEARTBEAT_SECONDS

ROWS: Final[Rows] = [
    ("Body of a write", f"{jobs.MAX_BODY // MIB} MiB", "413"),
    ("Jobs of one write", f"{jobs.MAX_JOBS:,}", "413"),
    *((f"`{NAMES[field]}`", f"{limit:,} characters", "400") for field, limit in job.TEXT_LIMITS.items()),
    ("`raw`", f"{job.MAX_RAW // 1024} KiB of JSON", "400"),
    ("`failedCount`, `successfulCount`, `skippedCount`, `totalCount`", f"0 to {job.INT32_MAX:,}", "400"),
    ("`bytes`", f"0 to {job.INT64_MAX:,}", "400"),
    ("`heartbeat`", f"0 to {job.MAX_HEARTBEAT:,} seconds; 0 is none", "400"),
    (
        "Any time",
        f"{ticks.to_iso(ticks.UNIX_EPOCH, digits=0)} to before {ticks.to_iso(ticks.YEAR_2200, digits=0)}",
        "400",
    ),
    ("Faults named in one answer", f"{errors.MAX_FAULTS}", ""),
    ("One job of a write, as it is written", f"{json_stream.MAX_VALUE // MIB} MiB", "413"),
    ("Silence until a job is presumed Failed", f"{job.SILENT_INTERVALS} heartbeats", ""),
    ("Heartbeat of the watch for stalled jobs", f"{HEARTBEAT_SECONDS} seconds", ""),
    ("Longest pause between two looks at a running command", f"{reporter.PROGRESS_SECONDS:.0f} seconds", ""),
]
