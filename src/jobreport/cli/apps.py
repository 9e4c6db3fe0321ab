"""`jobreport app`: registers apps, lists them, gives them new secrets, revokes them."""

import json

import click
from rich import box
from rich.table import Table

from jobreport import settings
from jobreport.cli.actor import actor
from jobreport.cli.options import json_option, open_chosen_store, option, store_option
from jobreport.cli.output import console
from jobreport.cli.values import Names, Span
from jobreport.identity import registrations
from jobreport.identity.permissions import PERMISSIONS, READ_WRITE
from jobreport.identity.registrations import Issued, RegistrationError
from jobreport.model import ticks
from jobreport.store import registry, tenants
from jobreport.store.registry import App
from jobreport.store.tenants import SERVICE_NAME


@click.group()
def app() -> None:
    """App registrations: who may use the API."""


@app.command()
@click.option("--name", required=True, help="What the app is for, in words.")
@option("--tenant", envvar=settings.TENANT, default="default", show_default=True, help="Made where it is new.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    default=[READ_WRITE],
    show_default=True,
    help=f"One of {', '.join(PERMISSIONS)}; may be repeated.",
)
@click.option("--secret-years", type=click.IntRange(1, 3), default=1, show_default=True, help="Life of the secret.")
@click.option("--tenants", "reach", type=Names(), default=(), help="A provider's app: whom it serves, with commas.")
@click.option("--all-tenants", is_flag=True, help="A provider's app that may ask for every tenant, now and later.")
@json_option
@store_option
@click.pass_context
def create(
    context: click.Context,
    name: str,
    tenant: str,
    permissions: tuple[str, ...],
    secret_years: int,
    reach: tuple[str, ...],
    all_tenants: bool,
    as_json: bool,
    store: str | None,
) -> None:
    """Registers an app and prints its secret, once.

    \b
    jobreport app create --name "nightly report" --permission PlatformBackup.Read.All
    jobreport app create --name "runner on web-1" --permission PlatformBackup.Jobs.Report --json
    jobreport app create --name "all customers" --permission PlatformBackup.Read.All --all-tenants

    A provider's app names the tenant it asks for in the header Jobreport-Tenant of each request. It belongs to the
    operator's own tenant, _service, unless --tenant names another.
    """
    named = context.get_parameter_source("tenant") is not click.core.ParameterSource.DEFAULT
    if (reach or all_tenants) and not named:
        tenant = SERVICE_NAME
    try:
        issued = registrations.create(
            open_chosen_store(store),
            name=name,
            tenant=tenant,
            permissions=permissions,
            years=secret_years,
            reach=reach,
            all_tenants=all_tenants,
            by=actor(),
        )
    except RegistrationError as error:
        raise click.UsageError(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    _show_secret(issued, as_json)


@app.command("list")
@click.option("--tenant", help="Only this tenant's apps.")
@json_option
@store_option
def list_(tenant: str | None, as_json: bool, store: str | None) -> None:
    """Lists the apps, revoked ones too; no secret can be shown again."""
    chosen = open_chosen_store(store, create=False)
    now = chosen.clock()
    with chosen.reading() as transaction:
        apps = registry.list_apps(transaction, tenant)
        names = {one.number: one.name for one in tenants.every(transaction)}
    if as_json:
        click.echo(json.dumps([_document(entry, names) for entry in apps], indent=2))
        return
    table = Table("Client ID", "Name", "Tenant", "Permissions", "Created", "Secret", box=box.SIMPLE_HEAD)
    for entry in apps:
        table.add_row(
            entry.client_id,
            entry.name,
            "\n".join([entry.tenant_name, *(f"→ {name}" for name in _reach(entry, names))]),
            "\n".join(entry.permissions),
            f"{ticks.local(entry.created):%Y-%m-%d %H:%M}",
            _standing(entry, now),
        )
    console().print(table if apps else "No app is registered yet: jobreport app create --help")


@app.command()
@click.argument("client_id")
@click.option("--secret-years", type=click.IntRange(1, 3), default=1, show_default=True, help="Life of the secret.")
@click.option(
    "--overlap", type=Span(), default="0s", show_default=True, help="How long the old secret goes on working."
)
@json_option
@store_option
def rotate(client_id: str, secret_years: int, overlap: int, as_json: bool, store: str | None) -> None:
    """Gives an app a new secret and ends the old one.

    \b
    jobreport app rotate 3c8b… --overlap 24h     time to hand the new one out
    """
    try:
        issued = registrations.rotate(
            open_chosen_store(store, create=False),
            client_id,
            years=secret_years,
            overlap_seconds=overlap,
            by=actor(),
        )
    except RegistrationError as error:
        raise click.ClickException(str(error)) from None
    _show_secret(issued, as_json)


@app.command()
@click.argument("client_id")
@store_option
def revoke(client_id: str, store: str | None) -> None:
    """Ends an app: its tokens stop working within five seconds. What it reported stays."""
    try:
        revoked = registrations.revoke(open_chosen_store(store, create=False), client_id, by=actor())
    except RegistrationError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Revoked {revoked.name} ({revoked.client_id}).")


def _show_secret(issued: Issued, as_json: bool) -> None:
    document = {
        "clientId": issued.app.client_id,
        "clientSecret": issued.secret,
        "tenant": issued.app.tenant_name,
        "permissions": list(issued.app.permissions),
        "secretExpires": ticks.to_iso(issued.expires, digits=0),
    }
    if as_json:
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"Client ID      {issued.app.client_id}")
    click.echo(f"Client secret  {issued.secret}")
    click.echo(f"Tenant         {issued.app.tenant_name}")
    click.echo(f"Permissions    {' '.join(issued.app.permissions)}")
    click.echo(f"Expires        {document['secretExpires']}")
    click.echo("Keep the secret now: it is stored as a hash only and cannot be shown again.", err=True)


def _reach(entry: App, names: dict[int, str]) -> list[str]:
    """The tenants that a provider's app may ask for."""
    return ["every tenant"] if entry.all_tenants else [names[number] for number in entry.reach]


def _document(entry: App, names: dict[int, str]) -> dict[str, object]:
    return {
        "clientId": entry.client_id,
        "name": entry.name,
        "tenant": entry.tenant_name,
        "tenants": [names[number] for number in entry.reach],
        "allTenants": entry.all_tenants,
        "permissions": list(entry.permissions),
        "created": ticks.to_iso(entry.created, digits=0),
        "revoked": ticks.to_iso(entry.revoked, digits=0) if entry.revoked else None,
        "secretExpires": [ticks.to_iso(secret.expires, digits=0) for secret in entry.secrets],
    }


def _standing(entry: App, now: int) -> str:
    """How the app's newest secret stands, in words."""
    if entry.revoked:
        return f"revoked {ticks.local(entry.revoked):%Y-%m-%d}"
    last = max((secret.expires for secret in entry.secrets), default=0)
    return f"{'until' if last > now else 'expired'} {ticks.local(last):%Y-%m-%d}" if last else "none"
