"""`jobreport tenant`: makes, lists, changes, suspends, resumes and deletes tenants, and purges what is deleted."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click
from rich import box
from rich.table import Table

from jobreport.cli.actor import actor
from jobreport.cli.commands.tenant_set import set_
from jobreport.cli.commands.tenant_summary import summary
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import Span
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.console import console
from jobreport.cli.output.progress import progress
from jobreport.cli.output.tables import print_table
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.model.tenants import GRACE_DAYS

if TYPE_CHECKING:
    from jobreport.store import Store
    from jobreport.store.registry.tenants import Tenant

_ON_TIME: Final = f"{GRACE_DAYS}d"


@click.group()
def tenant() -> None:
    """Tenants: the customers or departments whose jobs a store keeps. None can see the jobs of another."""


tenant.add_command(set_)
tenant.add_command(summary)


@tenant.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@json_option
@store_option
def create(names: tuple[str, ...], as_json: bool, store: str | None) -> None:
    """Makes tenants. `jobreport app create --tenant NAME` makes one too, if there is none of that name.

    \b
    jobreport tenant create acme
    jobreport tenant create globex initech umbrella
    """
    from jobreport.identity import tenants as identity

    def make(name: str) -> "Tenant":
        return _do(chosen, lambda store, by: identity.create(store, name, by=by))

    chosen = open_chosen_store(store)
    for name in names:
        _say(make(name), as_json, f"Made the tenant {name}.")


@tenant.command("list")
@click.option("--all", "every", is_flag=True, help="Also those whose jobs were erased, as NAME#NUMBER.")
@json_option
@store_option
def list_(every: bool, as_json: bool, store: str | None) -> None:
    """Lists the tenants: whether each is active, suspended or deleted, when its night begins, what counts as good."""
    from jobreport.identity.tenant_settings import settings
    from jobreport.store.registry.tenants import TenantStatus, list_tenants

    with open_chosen_store(store).reading() as transaction:
        found = [one for one in list_tenants(transaction) if every or one.status is not TenantStatus.PURGED]
    if as_json:
        click.echo(json.dumps([{**_document(one), **settings(one)} for one in found], indent=2))
        return
    table = Table("Tenant", "Standing", "Created", "Night", "Good", "Erased after", box=box.SIMPLE_HEAD)
    for one in found:
        until = one.purge_after if one.status is TenantStatus.DELETED else 0
        begins, good = f"{one.night.time} {one.night.zone}", settings(one)["good"]
        gone = _local(until) if until else "-"
        table.add_row(one.name, one.status.value, _local(one.created), begins, good, gone)
    if found:
        print_table(console(), table)
    else:
        click.echo("There is no tenant yet: jobreport tenant create --help")


@tenant.command()
@click.argument("name")
@json_option
@store_option
def suspend(name: str, as_json: bool, store: str | None) -> None:
    """Locks out all apps of a tenant within five seconds, until it is resumed. Nothing is deleted.

    No app of it can sign in, read or report. Runners keep their reports on disk, and deliver them later.
    """
    from jobreport.identity import tenants as identity

    done = _do(open_chosen_store(store), lambda chosen, by: identity.suspend(chosen, name, by=by))
    _say(done, as_json, f"Suspended the tenant {name}: jobreport tenant resume {name} ends that.")


@tenant.command()
@click.argument("name")
@json_option
@store_option
def resume(name: str, as_json: bool, store: str | None) -> None:
    """Makes a tenant active again that was suspended, or deleted but not yet erased. All is as it was."""
    from jobreport.identity import tenants as identity

    done = _do(open_chosen_store(store), lambda chosen, by: identity.resume(chosen, name, by=by))
    _say(done, as_json, f"The tenant {name} is active again.")


@tenant.command()
@click.argument("name")
@click.option("--grace", type=Span(), default=_ON_TIME, show_default=True, help="For how long it can be resumed.")
@click.option("--yes", is_flag=True, help="Do not ask to type its name.")
@json_option
@store_option
def delete(name: str, grace: int, yes: bool, as_json: bool, store: str | None) -> None:
    """Deletes a tenant: its apps stop working within five seconds, and its jobs are erased after --grace.

    Until then, jobreport tenant resume brings all of it back. A running server erases the jobs when the time has come;
    jobreport tenant purge does so too. Both steps are reported as jobs of the operator's own tenant, _service.

    \b
    jobreport tenant delete acme
    jobreport tenant delete acme --grace 90d --yes
    """
    from jobreport.identity import tenants as identity

    chosen = open_chosen_store(store)
    _confirm(name, yes, f"{name} and its apps will be out of reach, and its history gone for good later.")
    done = _do(chosen, lambda chosen, by: identity.delete(chosen, name, grace_seconds=grace, by=by))
    until = ticks.local(done.purge_after)
    _say(
        done,
        as_json,
        f"Deleted the tenant {name}. Until {until:%Y-%m-%d %H:%M}, jobreport tenant resume {name} brings it back.",
    )


@tenant.command()
@click.argument("name", required=False)
@click.option("--now", is_flag=True, help="With NAME: do not wait until its grace time is over.")
@click.option("--yes", is_flag=True, help="Do not ask to type its name.")
@json_option
@store_option
def purge(name: str | None, now: bool, yes: bool, as_json: bool, store: str | None) -> None:
    """Erases the jobs and the apps of deleted tenants whose grace time is over. This cannot be undone.

    A running server does the same by itself. It may keep running: jobs are erased in small steps. The work is reported
    as a job of the operator's own tenant. Entries of the audit log stay, under the name NAME#NUMBER.

    \b
    jobreport tenant purge
    jobreport tenant purge acme --now
    """
    if now and not name:
        raise click.UsageError("--now needs the NAME of a tenant.")
    from jobreport.identity import purge as purging
    from jobreport.identity.tenants import TenantError

    chosen = open_chosen_store(store)
    try:
        due = purging.due(chosen, name, at_once=now)
    except TenantError as error:
        raise click.ClickException(str(error)) from None
    if now and name:
        _confirm(name, yes, f"The history of {name} will be gone for good, now.")
    gone: dict[str, int] = {}
    with progress("Deleting", sum(jobs for _, jobs in due), counted=True) as advance:
        for one, _ in due:
            gone[one.name] = 0
            time.sleep(purging.settling(chosen, one))
            for jobs in purging.purge(chosen, one, by=actor()):
                gone[one.name] += jobs
                advance(sum(gone.values()), sum(gone.values()))
    if as_json:
        click.echo(json.dumps({"tenants": [{"tenant": called, "deleted": jobs} for called, jobs in gone.items()]}))
        return
    for called, jobs in gone.items():
        click.echo(f"The history of {called} is gone for good: {counted(jobs, 'job')}.")
    if not gone:
        click.echo("No deleted tenant's grace is over.")


def _do(store: "Store", work: "Callable[[Store, Actor], Tenant]") -> "Tenant":
    from jobreport.identity.tenants import TenantError

    try:
        return work(store, actor())
    except TenantError as error:
        raise click.ClickException(str(error)) from None


def _confirm(name: str, yes: bool, what: str) -> None:
    """Asks the person to type the tenant's name. Raises ClickException if another name is typed."""
    if yes:
        return
    click.echo(what, err=True)
    typed = click.prompt("Type its name to go on", default="", show_default=False, err=True)
    if typed != name:
        raise click.ClickException("that is not its name; nothing was deleted")


def _say(done: "Tenant", as_json: bool, words: str) -> None:
    click.echo(json.dumps({"tenant": done.name}) if as_json else words)


def _document(one: "Tenant") -> dict[str, object]:
    def when(time: int) -> str | None:
        return ticks.to_iso(time, digits=0) if time else None

    return {
        "tenant": one.name,
        "standing": one.status.value,
        "created": when(one.created),
        "suspended": when(one.suspended),
        "deleted": when(one.deleted),
        "purgeAfter": when(one.purge_after),
        "purged": when(one.purged),
    }


def _local(time: int) -> str:
    return f"{ticks.local(time):%Y-%m-%d %H:%M}"
