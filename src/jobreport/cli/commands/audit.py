"""`jobreport audit`: whose log and since when in; what was done by whom, or whether the log is whole, out."""

import json
from collections.abc import Iterable

import click
from rich import box
from rich.table import Table
from rich.text import Text

from jobreport import settings
from jobreport.audit import sealing
from jobreport.audit.sealing import Chain, Keys
from jobreport.cli.options.secret_file import secret
from jobreport.cli.options.store import json_option, open_chosen_store, store_option
from jobreport.cli.options.types import Moment
from jobreport.cli.output.tables import console
from jobreport.identity.keys.encryption import SecretKey
from jobreport.model import ticks
from jobreport.model.audit import SERVICE, Link
from jobreport.store import Store
from jobreport.store.registry import audit_log as log
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import SERVICE_NAME


@click.command()
@click.option("--since", type=Moment(), help="From then on: 7d, or ISO 8601.  [default: all]")
@click.option("--tenant", metavar="NAME", help=f"Only this tenant's; {SERVICE_NAME} is the service's own.")
@click.option("--verify", is_flag=True, help="Look whether anything was changed, taken out or cut off.")
@click.option("--head", is_flag=True, help="Print the end of each chain, to be noted elsewhere.")
@json_option
@store_option
@click.pass_context
def audit(
    context: click.Context,
    since: int | None,
    tenant: str | None,
    verify: bool,
    head: bool,
    as_json: bool,
    store: str | None,
) -> None:
    """Shows what was done to registrations, secrets, keys, tenants and jobs, and who signed in; or verifies that log.

    Each tenant has a chain of its own, and the service has one: each entry holds the hash of the one before, and the
    last is sealed with the service's key. With --verify it ends with 0 where all chains are whole, otherwise with 1.
    It cannot find what was done by who has both the database and the secret key, and where none is set, the database:
    note --head elsewhere, and compare.

    \b
    jobreport audit --since 7d
    jobreport audit --tenant acme --json
    jobreport audit --verify
    jobreport audit --head --json > /mnt/elsewhere/heads.json
    """
    chosen = open_chosen_store(store, create=False)
    with chosen.reading() as transaction:
        names = {one.number: one.name for one in tenants.list_tenants(transaction)}
    names[SERVICE] = SERVICE_NAME
    number = _number(names, tenant)
    if verify or head:
        whole = _verify(chosen, names, number, as_json, heads=head and not verify)
        if verify and not whole:
            context.exit(1)
        return
    with chosen.reading() as transaction:
        entries = log.since(transaction, since or 0, number)
    if as_json:
        click.echo(json.dumps([_document(one, names) for one in entries], indent=2, ensure_ascii=False))
    else:
        _show(entries, names)


def _number(names: dict[int, str], tenant: str | None) -> int | None:
    if tenant is None:
        return None
    found = [number for number, name in names.items() if name == tenant]
    if not found:
        raise click.ClickException(f"the store has no tenant {tenant!r}")
    return found[0]


def _show(entries: Iterable[Link], names: dict[int, str]) -> None:
    table = Table("Time", "Tenant", "Who", "From", "What", "To what", "More", box=box.SIMPLE_HEAD)
    for one in entries:
        more = "; ".join(f"{name} {_words(value)}" for name, value in json.loads(one.detail).items())
        when = f"{ticks.local(one.at):%Y-%m-%d %H:%M:%S}"
        cells = (when, _name(names, one.tenant), one.actor, one.address, one.action, one.target, more)
        table.add_row(*(Text(cell) for cell in cells))
    console().print(table if table.row_count else "Nothing is in the log.", markup=False)


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return str(value)


def _document(one: Link, names: dict[int, str]) -> dict[str, object]:
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


def _verify(store: Store, names: dict[int, str], tenant: int | None, as_json: bool, *, heads: bool) -> bool:
    """Whether every chain is whole."""
    key = secret(settings.SECRET_KEY)
    keys = sealing.keys_of(store, SecretKey(key) if key else None)
    if keys is None:
        raise click.ClickException("the store has no key yet that could have sealed its log: jobreport serve makes one")
    if sealing.is_wanted(store) or not keys.marker:
        sealing.seal(store, keys)
        keys = sealing.keys_of(store, keys.secret) or keys  # they may be marked now
    found = list(sealing.verify(store, keys, None if tenant is None else [tenant]))
    gone = [one for one in sealing.missing(store) if tenant in (None, one)]
    whole = not gone and not any(one.faults for one in found)
    if as_json:
        chains = [_chain(one, names) for one in found]
        mark = keys.marker and {
            "since": ticks.to_iso(keys.marker.since, digits=0),
            "entriesBefore": keys.marker.entries,
        }
        missing = [_name(names, one) for one in gone]
        click.echo(json.dumps({"whole": whole, "marked": mark, "chains": chains, "missing": missing}))
        return whole
    table = Table("Tenant", box=box.SIMPLE_HEAD)
    for column in ("Entries", "Sealed"):
        table.add_column(column, justify="right")
    table.add_column("Hash of the last", overflow="fold")
    for one in found:
        table.add_row(_name(names, one.tenant), f"{one.entries:,}", f"{one.sealed:,}", one.hash.hex())
    out = console()
    out.print(table)
    for one in found:
        for fault in one.faults:
            which = f"entry {fault.number} of {_name(names, one.tenant)}" if fault.number else _name(names, one.tenant)
            out.print(f"{which}: {fault.what}", markup=False)
    for one_gone in gone:
        out.print(f"{_name(names, one_gone)}: its whole chain is gone", markup=False)
    if not heads:
        entries = sum(one.entries for one in found)
        verdict = "all are as they were" if whole else "NOT as they were"
        out.print(f"{entries:,} entries in {len(found):,} chains: {verdict}.")
        out.print(_reach(keys), markup=False)
    return whole


def _reach(keys: Keys) -> str:
    """What the verdict rests on."""
    if keys.marker is None:
        return (
            "The signing keys are not encrypted: who can write to the store can take all seals away, or make new ones."
            if keys.secret is None
            else "That there are seals is not kept yet: all of them can be taken away unseen."
        )
    since = ticks.to_iso(keys.marker.since, digits=0)
    return f"No seal can be taken away unseen since {since}; {keys.marker.entries:,} entries were there then."


def _chain(one: Chain, names: dict[int, str]) -> dict[str, object]:
    return {
        "tenant": _name(names, one.tenant),
        "entries": one.entries,
        "sealed": one.sealed,
        "hash": one.hash.hex(),
        "faults": [{"entry": fault.number or None, "what": fault.what} for fault in one.faults],
    }


def _name(names: dict[int, str], tenant: int) -> str:
    return names.get(tenant, f"#{tenant}")
