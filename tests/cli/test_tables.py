"""Tables of the command line: whole at every width, as a table or as a few lines for each row."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from jobreport.cli.output.tables import print_table

ID = "3c8b1f6e-93c4-4a1d-9d28-1f6e93c44a1d"


def shown(width: int, *rows: tuple[str, ...]) -> list[str]:
    table = Table("Client ID", "Name", "Signs in with", box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*row)
    file = io.StringIO()
    print_table(Console(file=file, width=width, highlight=False, markup=False), table)
    return file.getvalue().splitlines()


def test_table_that_fits_is_a_table() -> None:
    assert any(line.split() == [ID, "nightly", "secret"] for line in shown(100, (ID, "nightly", "secret")))


def test_table_that_is_too_wide_becomes_a_few_lines_for_each_row() -> None:
    assert shown(60, (ID, "report of all customers", "secret 1\nsecret 2"), (ID, "[b]", "-")) == [
        ID,
        "  Name: report of all customers",
        "  Signs in with: secret 1, secret 2",
        ID,
        "  Name: [b]",
    ]


@given(width=st.integers(40, 200), name=st.text(st.characters(categories=("L", "N")), min_size=1, max_size=80))
def test_no_width_cuts_an_id_or_makes_a_line_too_long(width: int, name: str) -> None:
    lines = shown(width, (ID, name, "secret 88d9bfdf until 2027-11-29, never used"))
    assert all(cell_len(line) <= width for line in lines)
    assert ID in "\n".join(lines)
    assert "88d9bfdf" in "\n".join(lines)
