"""Shows a page of series to people: a table where the terminal is wide enough, otherwise two lines for each series."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.console import STYLES
from jobreport.cli.output.texts import cut, visible
from jobreport.contract.series_answer import SeriesItem
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.judgement import Verdict

_GAP: Final = 2
_LEAST: Final = {"Plan": 16, "Resource": 24}
"""The cells that a column needs at least if its texts are longer than that. The other columns are never cut."""
_NEVER: Final = "never"
_STATE: Final = max(len(state.name) for state in JobState)
_BAD: Final = "bold red3"


def show_series(out: Console, found: Sequence[SeriesItem]) -> None:
    """Prints the series in the given order, as wide as `out` at the most."""
    rows = [_row(one) for one in found]
    if all(one.verdict in (None, Verdict.MET) for one in found):
        for row in rows:
            del row["Verdict"]
    if table := _table(out, rows):
        out.print(table)
        return
    number = max(len(row["Series"]) for row in rows)
    for row in rows:
        first = Text.assemble(_styled("State", f"{row['State']:<{_STATE}}"), f"  last good {row['Last good']:<16}")
        bad = f"not good: {row['Not good']}" if row["Not good"] else ""
        lines = [first]
        if bad and first.cell_len + _GAP + len(bad) <= out.width:
            first.append(f"  {bad}")
        elif bad:
            lines.append(Text(f"  {bad}"))
        if row.get("Verdict"):
            lines.append(Text(f"  {row['Verdict']}"))
        about = "  ".join(filter(None, (row["Series"].rjust(number), row["Type"], row["Plan"], row["Resource"])))
        for line in (*lines, Text("  " + cut(about, out.width - 2, out))):
            out.print(line, overflow="fold")


def last_good(one: SeriesItem) -> str:
    """Returns when the last good job ended, in this machine's zone."""
    return local(one.last_good.finish_time) if one.last_good else _NEVER


def local(time: str) -> str:
    """Returns a time of an answer in this machine's zone, to the minute."""
    return f"{ticks.local(ticks.from_iso(time)):%Y-%m-%d %H:%M}"


def _row(one: SeriesItem) -> dict[str, str]:
    """Returns the texts of the columns by their headers."""
    return {
        "Series": str(one.number),
        "State": one.last_ended.state if one.last_ended else "-",
        "Verdict": one.verdict or "",
        "Last good": last_good(one),
        "Not good": f"{one.not_good:,} since {local(one.not_good_since)}" if one.not_good_since else "",
        "Type": one.type,
        "Plan": visible(one.plan),
        "Resource": visible(one.resource),
    }


def _table(out: Console, rows: Sequence[dict[str, str]]) -> Table | None:
    """Makes a table with one line for each series; None if `out` is too narrow for it."""
    longest = {name: max(cell_len(name), *(cell_len(row[name]) for row in rows)) for name in rows[0]}
    widths = {name: min(longest[name], _LEAST.get(name, longest[name])) for name in longest}
    room = out.width - sum(widths.values()) - _GAP * (len(widths) - 1)
    if room < 0:
        return None
    for name in _LEAST:
        more = min(room, longest[name] - widths[name])
        widths[name] += more
        room -= more
    rule = box.SIMPLE_HEAD if out.encoding.startswith("utf") else box.ASCII2
    table = Table(box=rule, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name, width in widths.items():
        table.add_column(name, width=width, no_wrap=True, justify="right" if name == "Series" else "left")
    for row in rows:
        table.add_row(*(_styled(name, cut(row[name], width, out)) for name, width in widths.items()))
    return table


def _styled(name: str, text: str) -> Text:
    known = JobState.__members__.get(text.strip()) if name == "State" else None
    return Text(text, STYLES[known] if known is not None else _BAD if text == _NEVER else "")
