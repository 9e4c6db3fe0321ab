"""`jobreport operator`: adds the people who sign in to the monitor, lists, changes, disables and removes them."""

import json
from pathlib import Path

import click

from jobreport.cli.actor import actor
from jobreport.cli.commands.operator_link import link
from jobreport.cli.commands.operator_password import (
    chosen_password,
    done_or_told,
    file_option,
    generate_option,
    name_argument,
    password,
)
from jobreport.cli.commands.operator_sessions import sessions
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import OneOf
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import Names
from jobreport.model.roles import NAMES, Role


@click.group()
def operator() -> None:
    """Operators: the people who sign in to the monitor. There is none until you add one.

    A viewer sees jobs; an operator also marks what is in hand; an admin also manages apps.
    """


operator.add_command(link)
operator.add_command(password)
operator.add_command(sessions)


@operator.command()
@name_argument
@click.option("--tenants", "names", type=Names(), default=(), help="The tenants that this person sees, with commas.")
@click.option("--all-tenants", is_flag=True, help="Sees every tenant, now and later.")
@click.option(
    "--role", type=OneOf(NAMES), default=Role.Viewer.name.lower(), show_default=True, help="What this person may do."
)
@file_option
@generate_option
@json_option
@store_option
def add(
    name: str,
    names: tuple[str, ...],
    all_tenants: bool,
    role: str,
    file: Path | None,
    generate: bool,
    as_json: bool,
    store: str | None,
) -> None:
    """Adds an operator. The password is typed twice, or read from standard input, a file, or made here.

    If there is only one tenant, it need not be named.

    \b
    jobreport operator add anna --all-tenants --role admin
    jobreport operator add ben --tenants acme,globex --generate
    jobreport operator add carla --tenants acme --password-file password.txt
    """
    from jobreport.cli.output.operators import show_added
    from jobreport.identity.operators import accounts
    from jobreport.identity.operators.passwords import Passwords

    _not_both(names, all_tenants)
    chosen = open_chosen_store(store)
    done_or_told(lambda: accounts.require_new(chosen, name))
    reach = done_or_told(
        lambda: accounts.Reach(names, all_tenants) if names or all_tenants else accounts.only_tenant(chosen)
    )
    given = chosen_password(name, file, generate)
    added = done_or_told(
        lambda: accounts.add(
            chosen, name=name, role=NAMES[role], reach=reach, password=given, hashing=Passwords(), by=actor()
        )
    )
    show_added(chosen, added, given if generate else None, as_json)


@operator.command("list")
@json_option
@store_option
def list_(as_json: bool, store: str | None) -> None:
    """Lists the operators: what each may do and see, and in how many places each is signed in."""
    from jobreport.cli.output.operators import Operators, show_list

    found = Operators(open_chosen_store(store))
    if as_json:
        click.echo(json.dumps([found.document(one) for one in found.all], indent=2))
    else:
        show_list(found)


@operator.command("set")
@name_argument
@click.option("--role", type=OneOf(NAMES), help="What this person may do from now on.")
@click.option("--tenants", "names", type=Names(), default=(), help="The tenants seen from now on, with commas.")
@click.option("--all-tenants", is_flag=True, help="Sees every tenant, now and later.")
@json_option
@store_option
def set_(
    name: str, role: str | None, names: tuple[str, ...], all_tenants: bool, as_json: bool, store: str | None
) -> None:
    """Changes what an operator may do or see. It takes effect at once, also where this person is signed in.

    The named tenants replace the earlier ones: name also those that shall stay.

    \b
    jobreport operator set anna --role viewer
    jobreport operator set ben --tenants acme,globex
    """
    from jobreport.cli.output.operators import show_changed
    from jobreport.identity.operators import accounts

    _not_both(names, all_tenants)
    if not (role or names or all_tenants):
        raise click.UsageError("say what to change: --role, --tenants or --all-tenants.")
    chosen = open_chosen_store(store)
    before, after = done_or_told(
        lambda: accounts.change(
            chosen,
            name,
            role=NAMES[role] if role else None,
            reach=accounts.Reach(names, all_tenants) if names or all_tenants else None,
            by=actor(),
        )
    )
    show_changed(chosen, before, after, as_json)


@operator.command()
@name_argument
@json_option
@store_option
def disable(name: str, as_json: bool, store: str | None) -> None:
    """Signs an operator out everywhere and lets nobody sign in under this name, until it is enabled.

    \b
    jobreport operator disable anna
    """
    from jobreport.cli.output.operators import show_done
    from jobreport.identity.operators import accounts

    chosen = open_chosen_store(store)
    done, ended = done_or_told(lambda: accounts.disable(chosen, name, by=actor()))
    show_done(f"Disabled {done.name}: jobreport operator enable {_quoted(done.name)} ends that.", as_json, done, ended)


@operator.command()
@name_argument
@json_option
@store_option
def enable(name: str, as_json: bool, store: str | None) -> None:
    """Lets a disabled operator sign in again, with the same password."""
    from jobreport.cli.output.operators import show_done
    from jobreport.identity.operators import accounts

    chosen = open_chosen_store(store)
    done = done_or_told(lambda: accounts.enable(chosen, name, by=actor()))
    show_done(f"Enabled {done.name}.", as_json, done)


@operator.command()
@name_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@store_option
def remove(name: str, yes: bool, as_json: bool, store: str | None) -> None:
    """Deletes an operator's account. What this person did stays in the audit log, under the name.

    \b
    jobreport operator remove anna --yes
    """
    from jobreport.cli.output.operators import show_done
    from jobreport.identity.operators import accounts

    chosen = open_chosen_store(store)
    found = done_or_told(lambda: accounts.find(chosen, name))
    if not yes:
        click.confirm(f"Delete the account of {found.name}? To lock it only, use disable.", abort=True, err=True)
    done = done_or_told(lambda: accounts.remove(chosen, name, by=actor()))
    show_done(f"Removed {done.name}.", as_json, done)


def _not_both(names: tuple[str, ...], all_tenants: bool) -> None:
    if names and all_tenants:
        raise click.UsageError("--tenants and --all-tenants exclude each other.")


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
