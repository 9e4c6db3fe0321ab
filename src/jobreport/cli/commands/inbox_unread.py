"""`jobreport inbox unread`: what came to inboxes and nobody could read: lists it, shows it, reads it again."""

import json
import sys
from typing import TYPE_CHECKING

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.config import config_option
from jobreport.cli.options.inbox_forms import readers
from jobreport.cli.options.inboxes import tenant_option, told
from jobreport.cli.options.store import open_chosen_store, store_option

if TYPE_CHECKING:
    from jobreport.store import Store


@click.group()
def unread() -> None:
    """What came to inboxes and nobody could read. It is kept whole until it is read, or deleted."""


@unread.command("list")
@click.argument("name", required=False)
@tenant_option
@json_option
@store_option
def list_(name: str | None, tenant: str, as_json: bool, store: str | None) -> None:
    """Lists what is unread, newest first; only that of the inbox NAME, if one is named.

    \b
    jobreport inbox unread list
    jobreport inbox unread list "nas, nightly"
    """
    from jobreport.cli.output.unread import documents, show
    from jobreport.identity import inboxes
    from jobreport.store.registry import inboxes as rows
    from jobreport.store.registry import unread as kept

    chosen = open_chosen_store(store)
    number = _tenant(chosen, tenant)
    only = told(lambda: inboxes.named(chosen, name, tenant=tenant)).inbox if name else None
    with chosen.reading() as transaction:
        found = kept.newest(transaction, number, only)
        names = {one.inbox: one.name for one in rows.list_inboxes(transaction, number)}
    if as_json:
        click.echo(json.dumps(documents(found, names), indent=2, ensure_ascii=False))
    elif found:
        show(found, names)
    else:
        click.echo("Everything was read.")


@unread.command("show")
@click.argument("unread_id", metavar="ID")
@click.option("--content", is_flag=True, help="Only what came, exactly as it is: a sample for jobreport inbox try.")
@tenant_option
@json_option
@store_option
def show_(unread_id: str, content: bool, tenant: str, as_json: bool, store: str | None) -> None:
    """Shows what is kept under ID, and why nobody could read it. It may hold secrets of its sender.

    \b
    jobreport inbox unread show 5d1f0c9a7e3b2468 --content > sample.json
    """
    from jobreport.cli.output.unread import details
    from jobreport.store.registry import inboxes as rows
    from jobreport.store.registry import unread as kept

    chosen = open_chosen_store(store)
    number = _tenant(chosen, tenant)
    with chosen.reading() as transaction:
        found = kept.get(transaction, number, unread_id)
        names = {one.inbox: one.name for one in rows.list_inboxes(transaction, number)}
    if found is None:
        raise _missing(unread_id, tenant)
    if content:
        sys.stdout.buffer.write(found.content)
        return
    document = details(found, names)
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    from jobreport.cli.output.texts import visible

    for field, value in document.items():
        if field != "content":
            click.echo(f"{field + ':':12} {visible(str(value))}")
    click.echo(f"\n{visible(document['content'], keep=chr(10))}")


@unread.command("read")
@click.argument("unread_ids", metavar="[ID]...", nargs=-1)
@tenant_option
@config_option
@json_option
@store_option
def read(unread_ids: tuple[str, ...], tenant: str, config: str | None, as_json: bool, store: str | None) -> None:
    """Reads again what is unread, or only what is kept under these IDs: there may be a mapping for it by now.

    What can be read becomes jobs, of the time at which it came. The exit code is 1 if something is still unread.

    \b
    jobreport inbox unread read --config jobreport.toml
    """
    from jobreport.inbox.rereading import read_again

    again = readers(config)
    chosen = open_chosen_store(store)
    number = _tenant(chosen, tenant)
    done = list(read_again(chosen, again, number, unread_ids or None))
    if as_json:
        shown = [{"id": one.unread, "inbox": one.inbox, "jobs": one.jobs, "unread": one.why or None} for one in done]
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        from jobreport.cli.output.texts import visible
        from jobreport.runner.text import plural

        for one in done:
            if one.why:
                click.echo(f"{one.unread} of {visible(one.inbox)} is still unread: {visible(one.why)}")
        read_now = [one for one in done if not one.why]
        click.echo(f"Read {len(read_now)} of {len(done)}, with {plural(sum(one.jobs for one in read_now), 'job')}.")
    if any(one.why for one in done):
        raise click.exceptions.Exit(1)


@unread.command("delete")
@click.argument("unread_ids", metavar="ID...", nargs=-1, required=True)
@tenant_option
@json_option
@store_option
def delete(unread_ids: tuple[str, ...], tenant: str, as_json: bool, store: str | None) -> None:
    """Deletes what is kept unread under these IDs. Nobody can read it after that; the audit log has who did it.

    \b
    jobreport inbox unread delete 5d1f0c9a7e3b2468
    """
    from jobreport.identity import unread as kept

    chosen = open_chosen_store(store)
    number = _tenant(chosen, tenant)
    deleted = kept.delete(chosen, number, unread_ids, by=actor())
    if not deleted:
        raise _missing(unread_ids[0], tenant)
    click.echo(json.dumps({"deleted": deleted}, indent=2) if as_json else f"Deleted {deleted}.")


def _tenant(store: "Store", name: str) -> int:
    from jobreport.identity.tenants import readable

    return told(lambda: readable(store, name)).number


def _missing(unread_id: str, tenant: str) -> click.ClickException:
    return click.ClickException(
        f"the tenant {tenant} has nothing unread with the ID {unread_id!r}: jobreport inbox unread list shows what "
        "there is"
    )
