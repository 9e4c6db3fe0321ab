"""Shows a page of jobs as a table for people."""

from collections.abc import Iterable
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.console import STYLES
from jobreport.client import ReportedJob
from jobreport.contract.generation2 import JobItem
from jobreport.model import ticks
from jobreport.model.verdict import PRESUMED

_MAX_GIST: Final = 120


def job_table(jobs: Iterable[ReportedJob]) -> Table:
    """Makes a table with one row for each job, in the given order."""
    table = Table("Job", "State", "Started", "Took", box=box.SIMPLE_HEAD)
    for name in ("Done", "Failed", "Skipped", "Total"):
        table.add_column(name, justify="right")
    table.add_column("Comments", overflow="fold", ratio=1)
    for job in jobs:
        table.add_row(
            job.job_id,
            Text(job.state.name, STYLES[job.state]),
            f"{ticks.local(job.start_time):%Y-%m-%d %H:%M:%S}" if job.start_time else "-",
            span(job.duration) if job.start_time else "-",
            str(job.successful_count),
            Text(str(job.failed_count), "red" if job.failed_count else ""),
            str(job.skipped_count),
            str(job.total_count),
            Text(_gist(job.comments)),
        )
    return table


def in_ticks(job: JobItem) -> ReportedJob:
    """Returns a job of generation 2's answer in the form of generation 1: times as ticks, but only to the second."""
    return ReportedJob(
        job.job_id,
        job.status,
        job.failed_count,
        job.successful_count,
        job.skipped_count,
        job.total_count,
        ticks.from_iso(job.start_time),
        ticks.from_iso(job.finish_time),
        ticks.from_duration(job.duration),
        job.comments,
    )


def _gist(comments: str) -> str:
    """Returns the most important line of the comments: the first line if it says that the end is presumed, otherwise
    the last.
    """
    lines = comments.strip().splitlines() or [""]
    line = lines[0] if lines[0].startswith(PRESUMED) else lines[-1]
    return line if len(line) <= _MAX_GIST else f"{line[: _MAX_GIST - 1]}…"


def span(duration: int) -> str:
    """Returns a duration (ticks) as people write it: 0.4s, 12s, 4m 01s, 2h 05m, 1d 16h."""
    seconds, rest = divmod(duration, ticks.PER_SECOND)
    if rest and seconds < 10:
        return f"{duration / ticks.PER_SECOND:.1f}s"
    for unit, size, below, below_size in (("d", 86_400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if seconds >= size:
            return f"{seconds // size}{unit} {seconds % size // below_size:02d}{below}"
    return f"{seconds}s"
