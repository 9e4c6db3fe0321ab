"""Prints a table in the width that there is: as a table if it fits, otherwise each row as a few lines of its own."""

from collections.abc import Iterator

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_INDENT = "  "


def print_table(out: Console, table: Table) -> None:
    """Prints the table. If `out` is too narrow for it, each row begins with its first cell; the others follow below it
    with their headers, so that no ID and no state is cut.
    """
    if Measurement.get(out, out.options.update(max_width=10_000), table).maximum <= out.width:
        out.print(table)
        return
    headers = [str(column.header) for column in table.columns]
    for first, *others in zip(*(column.cells for column in table.columns), strict=True):
        out.print(_one_line(first), overflow="fold")
        for line in _packed(out, headers[1:], [_one_line(cell) for cell in others]):
            out.print(line, overflow="fold")


def _packed(out: Console, headers: list[str], cells: list[Text]) -> Iterator[Text]:
    """Gives lines with as many of the cells, each behind its header, as fit beside each other."""
    line = Text(_INDENT)
    for header, cell in zip(headers, cells, strict=True):
        if cell.plain in ("", "-"):
            continue
        named = Text.assemble((f"{header}: ", "bold"), cell)
        if line.cell_len > len(_INDENT) and line.cell_len + len(_INDENT) + named.cell_len > out.width:
            yield line
            line = Text(_INDENT)
        line.append_text(Text(_INDENT if line.cell_len > len(_INDENT) else "")).append_text(named)
    yield line


def _one_line(cell: object) -> Text:
    """Returns the cell with commas in place of its line ends."""
    text = cell if isinstance(cell, Text) else Text(str(cell))
    return Text(", ").join(text.split("\n"))
