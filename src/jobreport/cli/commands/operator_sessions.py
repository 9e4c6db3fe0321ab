"""`jobreport operator sessions`: where an operator is signed in, and how that is ended."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.commands.operator_password import done_or_told, name_argument
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option


@click.command()
@name_argument
@click.option("--end", metavar="ID", help="End this session.")
@click.option("--end-all", is_flag=True, help="End all of them: sign this person out everywhere.")
@json_option
@store_option
def sessions(name: str, end: str | None, end_all: bool, as_json: bool, store: str | None) -> None:
    """Lists where an operator is signed in, or ends that.

    \b
    jobreport operator sessions anna
    jobreport operator sessions anna --end 9f86d081884c
    jobreport operator sessions anna --end-all
    """
    from jobreport.cli.output.operators import session_document, show_done, show_sessions
    from jobreport.identity.operators import accounts
    from jobreport.identity.operators import sessions as identity
    from jobreport.store.registry import sessions as kept

    if end and end_all:
        raise click.UsageError("--end and --end-all exclude each other.")
    chosen = open_chosen_store(store)
    found = done_or_told(lambda: accounts.find(chosen, name))
    if end_all:
        ended = identity.end_all(chosen, found.number, found.name, actor())
        show_done(f"{found.name} is signed out everywhere.", as_json, found, ended)
        return
    if end:
        if not identity.end(chosen, found.number, found.name, end.lower(), actor()):
            raise click.ClickException(f"{found.name} has no session {end!r}: without --end, they are listed")
        show_done(f"Ended the session {end.lower()} of {found.name}.", as_json, found, 1)
        return
    with chosen.reading() as transaction:
        listed = kept.list_sessions(transaction, found.number, chosen.clock())
    if as_json:
        click.echo(json.dumps([session_document(one) for one in listed], indent=2))
    else:
        show_sessions(found, listed)
