"""Output of `jobreport operator`: people and their sessions, as tables for people or JSON for scripts."""

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

import click
from rich import box
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.amounts import counted
from jobreport.cli.output.console import console
from jobreport.cli.output.tables import print_table
from jobreport.identity.operators.accounts import Reach, reach_of
from jobreport.identity.operators.sessions import session_id
from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.registry import operators, sessions
from jobreport.store.registry.operators import Operator
from jobreport.store.registry.sessions import Session


class Operators:
    """The operators of a store with their sessions, read in one transaction."""

    def __init__(self, store: Store) -> None:
        with store.reading() as transaction:
            self.all = operators.list_operators(transaction)
            self._reach = {one.number: reach_of(transaction, one) for one in self.all}
            self._sessions = {
                one.number: sessions.list_sessions(transaction, one.number, store.clock()) for one in self.all
            }

    def document(self, one: Operator) -> dict[str, object]:
        """The operator as a JSON object, for scripts."""
        return {**operator_document(one, self.reach(one)), "sessions": len(self.sessions(one))}

    def reach(self, one: Operator) -> Reach:
        """The tenants that the operator may see."""
        return self._reach[one.number]

    def sessions(self, one: Operator) -> Sequence[Session]:
        """The operator's sessions, the one that was used last first."""
        return self._sessions[one.number]


def operator_document(one: Operator, reach: Reach) -> dict[str, object]:
    """An operator as a JSON object, for scripts."""
    return {
        "name": one.name,
        "role": one.role.name.lower(),
        "tenants": list(reach.tenants),
        "allTenants": reach.all_tenants,
        "created": ticks.to_iso(one.created, digits=0),
        "disabled": ticks.to_iso(one.disabled, digits=0) if one.disabled else None,
        "issuer": one.issuer or None,
        "subject": one.subject or None,
    }


def session_document(one: Session) -> dict[str, object]:
    """A session as a JSON object, for scripts."""
    return {
        "id": session_id(one.token),
        "created": ticks.to_iso(one.created, digits=0),
        "lastUsed": ticks.to_iso(one.seen, digits=0),
        "expires": ticks.to_iso(one.expires, digits=0),
        "address": one.address,
        "browser": one.agent,
    }


def show_list(found: Operators) -> None:
    """Prints a table with one row for each operator."""
    if not found.all:
        click.echo("There is no operator yet: jobreport operator add --help")
        return
    table = Table("Name", "Role", "Sees", "Signs in by", "Created", "Signed in", box=box.SIMPLE_HEAD)
    for one in found.all:
        table.add_row(
            Text(one.name),
            one.role.name.lower(),
            Text(str(found.reach(one)) or "no tenant"),
            Text(str(urlsplit(one.issuer).hostname) if one.issuer else "password"),
            _local(one.created),
            f"disabled {_local(one.disabled)}" if one.disabled else _places(found.sessions(one)),
        )
    print_table(console(), table)


def show_added(store: Store, added: Operator, password: str | None, as_json: bool) -> None:
    """Prints a new operator, with the password if it was made here."""
    with store.reading() as transaction:
        reach = reach_of(transaction, added)
    if as_json:
        document = operator_document(added, reach) | ({"password": password} if password else {})
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"Name       {added.name}")
    if password:
        click.echo(f"Password   {password}")
    click.echo(f"Role       {added.role.name.lower()}")
    click.echo(f"Sees       {reach}")
    _keep_now(password)


def show_changed(store: Store, before: Operator, after: Operator, as_json: bool) -> None:
    """Prints an operator that was changed, and how it was before."""
    with store.reading() as transaction:
        old, new = reach_of(transaction, before), reach_of(transaction, after)
    if as_json:
        document = {**operator_document(after, new), "before": operator_document(before, old)}
        click.echo(json.dumps(document, indent=2))
        return
    same = (before.role, old) == (after.role, new)
    click.echo(f"Name       {after.name}")
    click.echo(f"Role       {after.role.name.lower()}")
    click.echo(f"Sees       {new}")
    click.echo(f"Before     {'the same: nothing was changed' if same else f'{before.role.name.lower()}, {old}'}")


def show_password(one: Operator, ended: int, password: str | None, as_json: bool) -> None:
    """Prints that an operator has another password; and the password if it was made here."""
    if as_json:
        document = {"name": one.name, "sessionsEnded": ended} | ({"password": password} if password else {})
        click.echo(json.dumps(document, indent=2))
        return
    if password:
        click.echo(f"Password   {password}")
    click.echo(f"Changed the password of {one.name}. {_ended(ended)}")
    _keep_now(password)


def show_done(said: str, as_json: bool, one: Operator, ended: int | None = None) -> None:
    """Prints that something was done to an operator, and how many sessions ended with it."""
    if as_json:
        click.echo(json.dumps({"name": one.name} | ({} if ended is None else {"sessionsEnded": ended}), indent=2))
    else:
        click.echo(said if ended is None else f"{said} {_ended(ended)}")


def show_sessions(one: Operator, found: Sequence[Session]) -> None:
    """Prints a table with one row for each session."""
    if not found:
        click.echo(f"{one.name} is not signed in.")
        return
    table = Table("Session", "Signed in", "Last used", "Address", "Browser", box=box.SIMPLE_HEAD)
    for kept in found:
        about = Text(kept.address), Text(kept.agent)
        table.add_row(session_id(kept.token), _local(kept.created), _local(kept.seen), *about)
    print_table(console(), table)


def _keep_now(password: str | None) -> None:
    if password:
        click.echo("Keep the password now: it is stored as a hash only and cannot be shown again.", err=True)


def _ended(number: int) -> str:
    return f"{number} session{' was' if number == 1 else 's were'} ended." if number else "There was no session."


def _places(found: Sequence[Session]) -> str:
    if not found:
        return "no"
    return f"{counted(len(found), 'place')}, last used {_local(found[0].seen)}"


def _local(moment: int) -> str:
    return f"{ticks.local(moment):%Y-%m-%d %H:%M}"
