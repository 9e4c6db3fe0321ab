"""Shows a page of jobs to people: a table where the terminal is wide enough, otherwise two lines for each job.

Which of the two depends on what has to be shown: an ID and a state are never cut, since a person copies the one and
decides by the other.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.amounts import span
from jobreport.cli.output.console import STYLES
from jobreport.cli.output.texts import cut, visible
from jobreport.contract.generation2 import JobItem
from jobreport.contract.job_details import JobDetails
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.stored_job import PRESUMED

_GAP: Final = 2
"""Cells between two columns."""
_LEAST: Final = {"Plan": 16, "Resource": 20, "Comments": 30}
"""The cells that a column needs at least if its texts are longer than that. The other columns are never cut."""
_ENOUGH: Final = {"Plan": 24, "Resource": 32, "Comments": 60}
"""The cells that these columns get before a column is shown that can be done without."""
_MOST: Final = {"Plan": 40, "Resource": 60}
_IF_THERE_IS_ROOM: Final = ("Total", "Done", "Skipped")
"""The columns that are shown only where there is room for them, the most important first."""
_INDENT: Final = "  "
_WORTH: Final = 24
"""A text that is to be cut to fewer cells than this gets a line of its own instead."""


class _Row(NamedTuple):
    """A job as it is shown: the texts of the columns by their headers."""

    state: JobState
    failed: int
    cells: dict[str, str]


def show_jobs(out: Console, jobs: Sequence[JobItem]) -> None:
    """Prints the jobs in the given order, as wide as `out` at the most."""
    rows = [_row(job) for job in jobs]
    if table := _table(out, rows):
        out.print(table)
        return
    for row in rows:
        for line in _lines(out, row):
            out.print(line, overflow="fold")


def _row(job: JobItem) -> _Row:
    started = ticks.from_iso(job.start_time)
    about = job if isinstance(job, JobDetails) else None
    return _Row(
        job.status,
        job.failed_count,
        {
            "Job": visible(job.job_id),
            "State": job.status.name,
            "Started": f"{ticks.local(started):%Y-%m-%d %H:%M}" if started else "-",
            "Took": span(ticks.from_duration(job.duration)) if started else "-",
            "Plan": visible(about.plan) if about else "",
            "Resource": visible(about.resource) if about else "",
            "Done": str(job.successful_count),
            "Failed": str(job.failed_count),
            "Skipped": str(job.skipped_count),
            "Total": str(job.total_count),
            "Comments": visible(_gist(job.comments)),
        },
    )


def _gist(comments: str) -> str:
    """Returns the most important line of the comments: the first line if it says that the end is presumed, otherwise
    the last.
    """
    lines = comments.strip().splitlines() or [""]
    return lines[0] if lines[0].startswith(PRESUMED) else lines[-1]


def _table(out: Console, rows: Sequence[_Row]) -> Table | None:
    """Makes a table with one line for each job; None if `out` is too narrow for it."""
    names = [
        name for name in rows[0].cells if name not in _LEAST or any(row.cells[name] for row in rows)
    ]  # a server of another kind tells no plan and no resource
    longest = {name: max(cell_len(name), *(cell_len(row.cells[name]) for row in rows)) for name in names}
    widths = {name: min(longest[name], max(_LEAST.get(name, longest[name]), cell_len(name))) for name in names}
    optional = list(reversed(_IF_THERE_IS_ROOM))
    wanted = sum(max(0, min(longest[name], _ENOUGH[name]) - widths[name]) for name in _ENOUGH if name in widths)
    while (room := out.width - sum(widths.values()) - _GAP * (len(widths) - 1)) < (wanted if optional else 0):
        if not optional:
            return None
        del widths[optional.pop(0)]
    for name in filter(widths.__contains__, _LEAST):
        more = min(room, min(longest[name], _MOST.get(name, longest[name])) - widths[name])
        widths[name] += max(0, more)
        room -= max(0, more)
    rule = box.SIMPLE_HEAD if out.encoding.startswith("utf") else box.ASCII2
    table = Table(box=rule, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name, width in widths.items():
        right = name in ("Done", "Failed", "Skipped", "Total")
        table.add_column(name, width=width, no_wrap=True, justify="right" if right else "left")
    for row in rows:
        table.add_row(*(_styled(row, name, cut(row.cells[name], width, out)) for name, width in widths.items()))
    return table


def _lines(out: Console, row: _Row) -> list[Text]:
    """Returns the two lines of a job: what came of which backup, and then its ID, its counts and its comments.

    A text for which there is no room on its line gets one of its own.
    """
    cells = row.cells
    state = max(len(one.name) for one in JobState)
    first = Text.assemble(_styled(row, "State", f"{cells['State']:<{state}}"))
    first.append(f"  {cells['Started']:<16}  {cells['Took']:>7}")
    second = Text(_INDENT + cells["Job"])
    if counts := _counts(row):
        second.append("  ").append(counts)
    lines = []
    about = "  ".join(filter(None, (cells["Plan"], cells["Resource"])))
    for line, text in ((first, Text(about)), (second, _styled(row, "Comments", cells["Comments"]))):
        room = out.width - line.cell_len - _GAP
        lines.append(line)
        if not text:
            continue
        if text.cell_len <= room or room >= _WORTH:
            line.append("  ").append(cut(text.plain, room, out))
        else:
            lines.append(Text(_INDENT + cut(text.plain, out.width - len(_INDENT), out)))
    return lines


def _counts(row: _Row) -> Text:
    """Returns the numbers of objects in words, such as `3 of 15 failed`."""
    cells, text = row.cells, Text()
    if row.failed:
        text.append(f"{cells['Failed']} of {cells['Total']} failed", "red")
    elif cells["Total"] != "0":
        text.append(f"{cells['Done']} of {cells['Total']} done")
    return text


def _styled(row: _Row, name: str, text: str) -> Text:
    style = STYLES[row.state] if name == "State" else "red" if name == "Failed" and row.failed else ""
    return Text(text, style)
