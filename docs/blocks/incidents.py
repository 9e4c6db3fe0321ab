"""Writes the keys of a rule that says who hears of what, and the parameters of a list of incidents."""

from collections.abc import Callable
from typing import Final

from blocks.markdown import table
from jobreport.contract import incidents
from jobreport.watch.rules import KEYS


def _parameters() -> str:
    rows = ((f"`{one.name}`", f"`{one.flag}`", one.meaning, f"`{one.example}`") for one in incidents.PARAMETERS)
    return table(("parameter", "flag of `jobreport incidents list`", "what it says", "example"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "incident-parameters": _parameters,
    "notify-keys": lambda: table(
        ("key", "what it says", "required"),
        ((f"`{name}`", text, "yes" if name in ("name", "channels") else "") for name, text in KEYS.items()),
    ),
}
