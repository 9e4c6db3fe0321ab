"""`jobreport tenant age`: agrees how old the last good copies of some plans, or of a service, may become."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import Age, Code
from jobreport.cli.output.amounts import told_age
from jobreport.model.catalog import ServiceType

if TYPE_CHECKING:
    from jobreport.store.registry.tenants import Tenant

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def age() -> None:
    """Ages: how old the last good copies of some plans, or of a service, may become.

    The most specific agreement counts: that for a plan (of several patterns that match, the longest), then that for a
    service, then the tenant's own (jobreport tenant set --max-age), then the default.
    """


def _about(function: F) -> F:
    plan = click.option("--plan", metavar="PATTERN", help="Plans of this name; * stands for any characters: laptop-*.")
    service = click.option("--service", type=Code(ServiceType), metavar="NAME", help="A service: FileShare, or 8.")
    return plan(service(function))


@age.command("list")
@click.argument("name")
@json_option
@store_option
def list_(name: str, as_json: bool, store: str | None) -> None:
    """Lists what is agreed with a tenant, the most specific first.

    \b
    jobreport tenant age list acme
    """
    from jobreport.identity.tenants import TenantError, readable

    try:
        _say(readable(open_chosen_store(store), name), as_json)
    except TenantError as error:
        raise click.ClickException(str(error)) from None


@age.command("set")
@click.argument("name")
@_about
@click.argument("max_age", type=Age(), metavar="AGE")
@json_option
@store_option
def set_(
    name: str, plan: str | None, service: ServiceType | None, max_age: int, as_json: bool, store: str | None
) -> None:
    """Agrees an age, such as 26h or 14d, for some plans or for a service of a tenant.

    \b
    jobreport tenant age set acme --plan 'laptop-*' 14d
    jobreport tenant age set acme --service FileShare 8d
    """
    if not max_age:
        raise click.UsageError("jobreport tenant age remove goes back to the default.")
    _change(name, plan, service, max_age, as_json, store)


@age.command()
@click.argument("name")
@_about
@json_option
@store_option
def remove(name: str, plan: str | None, service: ServiceType | None, as_json: bool, store: str | None) -> None:
    """Ends what is agreed for some plans or for a service of a tenant.

    \b
    jobreport tenant age remove acme --plan 'laptop-*'
    """
    _change(name, plan, service, 0, as_json, store)


def _change(
    name: str, plan: str | None, service: ServiceType | None, max_age: int, as_json: bool, store: str | None
) -> None:
    if (plan is None) == (service is None):
        raise click.UsageError("say for what: either --plan or --service.")
    from jobreport.identity import tenant_settings
    from jobreport.identity.tenants import TenantError

    chosen = open_chosen_store(store)
    try:
        done = tenant_settings.agree(chosen, name, plan=plan or "", service=service or 0, age=max_age, by=actor())
    except TenantError as error:
        raise click.ClickException(str(error)) from None
    _say(done, as_json)


def _say(tenant: "Tenant", as_json: bool) -> None:
    from jobreport.identity.tenant_settings import agreed_ages

    found = agreed_ages(tenant)
    if as_json:
        click.echo(json.dumps({"tenant": tenant.name, "ages": found}))
        return
    for one in found:
        what = f"plan {one['plan']}" if "plan" in one else f"service {one['service']}" if "service" in one else "all"
        click.echo(f"{what}: {told_age(one['maxAge'])}")
