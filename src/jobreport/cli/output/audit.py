"""Prints the audit log for `jobreport audit`: its entries, or the result of verifying its chains.

A chain belongs to one tenant. `Names` maps the number of each tenant to its name; a tenant that is not in it is shown
as its `#number`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import click
import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from jobreport.audit.sealing import Chain, Keys
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.console import console
from jobreport.cli.output.tables import print_table
from jobreport.model import ticks
from jobreport.model.audit import Link

Names = Mapping[int, str]


def show_entries(entries: Iterable[Link], names: Names) -> None:
    """Prints a table with one row for each entry."""
    table = Table("Time", "Tenant", "Who", "From", "What", "To what", "More", box=box.SIMPLE_HEAD)
    for one in entries:
        more = "; ".join(f"{name} {_words(value)}" for name, value in json.loads(one.detail).items())
        when = f"{ticks.local(one.at):%Y-%m-%d %H:%M:%S}"
        cells = (when, _name(names, one.tenant), one.actor, one.address, one.action, one.target, more)
        table.add_row(*(Text(cell) for cell in cells))
    if table.row_count:
        print_table(console(), table)
    else:
        click.echo("The log has no entries.")


def entry_document(one: Link, names: Names) -> dict[str, object]:
    """Returns an entry as a JSON object, for scripts."""
    return {
        "tenant": _name(names, one.tenant),
        "number": one.number,
        "at": ticks.to_iso(one.at),
        "actor": one.actor,
        "address": one.address,
        "requestId": one.request_id,
        "action": one.action,
        "target": one.target,
        "detail": json.loads(one.detail),
        "previous": one.previous.hex(),
        "hash": one.hash.hex(),
    }


class Verified(msgspec.Struct, frozen=True):
    """The result of a verification: each chain with its faults, the tenants whose chain is `missing`, the keys of the
    seals.
    """

    chains: Sequence[Chain]
    missing: Sequence[int]
    keys: Keys
    names: Names

    @property
    def whole(self) -> bool:
        """Whether no entry was changed, removed or cut off."""
        return not self.missing and not any(one.faults for one in self.chains)

    def document(self) -> dict[str, object]:
        """Returns the whole result as a JSON object, for scripts."""
        mark = self.keys.marker
        return {
            "whole": self.whole,
            "marked": mark and {"since": ticks.to_iso(mark.since, digits=0), "entriesBefore": mark.entries},
            "chains": [self._chain(one) for one in self.chains],
            "missing": [_name(self.names, one) for one in self.missing],
        }

    def show(self, *, verdict: bool) -> None:
        """Prints one row for each chain and one line for each fault. With `verdict`, it also says whether everything is
        whole, and how far that can be trusted.
        """
        table = Table("Tenant", box=box.SIMPLE_HEAD)
        for column in ("Entries", "Sealed"):
            table.add_column(column, justify="right")
        table.add_column("Hash of the last", overflow="fold")
        for one in self.chains:
            table.add_row(_name(self.names, one.tenant), f"{one.entries:,}", f"{one.sealed:,}", one.hash.hex())
        out = console()
        print_table(out, table)
        for one in self.chains:
            name = _name(self.names, one.tenant)
            for fault in one.faults:
                which = f"entry {fault.number} of {name}" if fault.number else name
                out.print(f"{which}: {fault.what}")
        for tenant in self.missing:
            out.print(f"{_name(self.names, tenant)}: its whole chain is missing")
        if verdict:
            entries = sum(one.entries for one in self.chains)
            said = "no changes found" if self.whole else "CHANGES FOUND"
            out.print(f"{counted(entries, 'entry')} in {counted(len(self.chains), 'chain')}: {said}.")
            out.print(_basis(self.keys))

    def _chain(self, one: Chain) -> dict[str, object]:
        return {
            "tenant": _name(self.names, one.tenant),
            "entries": one.entries,
            "sealed": one.sealed,
            "hash": one.hash.hex(),
            "faults": [{"entry": fault.number or None, "what": fault.what} for fault in one.faults],
        }


def _basis(keys: Keys) -> str:
    """Says how far the verdict can be trusted: whether somebody who can write to the store could have removed the
    seals.
    """
    if keys.marker is None:
        return (
            "The signing keys are not encrypted: anybody who can write to the store can remove or forge all seals."
            if keys.secret is None
            else "The signing keys do not record yet that there are seals: all of them could be removed unnoticed."
        )
    since = ticks.to_iso(keys.marker.since, digits=0)
    return f"Since {since} no seal can be removed unnoticed; the log had {keys.marker.entries:,} entries then."


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return str(value)


def _name(names: Names, tenant: int) -> str:
    return names.get(tenant, f"#{tenant}")
