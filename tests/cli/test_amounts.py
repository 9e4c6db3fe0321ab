"""Amounts as people read them."""

from jobreport.cli.output.amounts import counted


def test_one_thing_is_no_plural() -> None:
    assert [counted(number, "entry") for number in (0, 1, 1200)] == ["0 entries", "1 entry", "1,200 entries"]
