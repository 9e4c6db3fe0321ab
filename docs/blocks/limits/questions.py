"""Limits of questions and of exports."""

from typing import Final

from blocks.limits.rows import Rows
from jobreport.api import jobreport as report
from jobreport.contract import json_value, parameters, query_language
from jobreport.model import job, query, series_query, summary
from jobreport.model.query import DEFAULT_PAGE_SIZE
from jobreport.server import job_export, query_string, streams

ROWS: Final[Rows] = [
    ("Body of a report request", f"{report.MAX_BODY // 1024} KiB", "413"),
    ("`searchText`", f"{query.MAX_SEARCH} characters", "400"),
    ("`pageSize`", f"1 to {query.MAX_PAGE_SIZE:,}; 0 or left out: {DEFAULT_PAGE_SIZE}", "400"),
    (
        "`pageSize` of series",
        f"1 to {series_query.MAX_PAGE_SIZE:,}; 0 or left out: {DEFAULT_PAGE_SIZE}",
        "400",
    ),
    ("`pageNumber`", f"0 to {job.INT32_MAX:,}", "400"),
    ("Nesting of JSON", f"{json_value.MAX_DEPTH} levels", "400"),
    ("Query string", f"{query_string.MAX_QUERY:,} bytes", "400"),
    ("All names and values of a question", f"{query_language.MAX_QUESTION // 1024} KiB", "400"),
    ("`comments` as a parameter", f"{query.MAX_SEARCH} characters", "400"),
    ("Values of `plan`, of `resource`, of `origin`", f"{parameters.MAX_NAMES}", "400"),
    ("Values of `serviceType`, of `jobType`, of `state`", f"{parameters.MAX_CODES}", "400"),
    ("Exports at a time, of a process", f"{job_export.MOST}", "503"),
    ("Exports at a time, of a tenant in a process", f"{job_export.MOST_OF_TENANT}", "429"),
    ("Wait asked for where there are so many", f"{job_export.RETRY_SECONDS} seconds", ""),
    (
        f"Time in which a client takes the next {streams.PIECE // 1024} KiB of an export",
        f"{streams.STALLED_SECONDS} seconds",
        "cut off",
    ),
    ("Groups of a summary", f"{summary.MAX_GROUPS:,}", "400"),
    ("Things by which a summary groups", f"{summary.MAX_KEYS}", "400"),
]
