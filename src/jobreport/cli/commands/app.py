"""`jobreport app`: registers apps, lists and shows them, gives them new secrets, revokes them."""

import json
from pathlib import Path

import click

from jobreport import settings
from jobreport.cli.actor import actor
from jobreport.cli.commands.app_credentials import (
    app_argument,
    certificate,
    certificate_bytes,
    done_or_told,
    named_app,
    secret,
)
from jobreport.cli.commands.app_tenants import tenants
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import Number
from jobreport.cli.options.environment import option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import Names, Span
from jobreport.cli.output.warning import warn
from jobreport.identity.apps.permissions import PERMISSIONS, READ_WRITE
from jobreport.model.tenants import SERVICE_NAME


@click.group()
def app() -> None:
    """Apps: the programs and machines that may sign in.

    APP is the app's client ID, the first characters of it, such as 3c8b, or the app's name.
    """


@app.command()
@click.option("--name", required=True, help="What the app is for, in words.")
@option(
    "--tenant",
    envvar=settings.TENANT,
    default="default",
    show_default=True,
    help="Whose jobs the app reads or reports. A new tenant is made.",
)
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    default=[READ_WRITE],
    show_default=True,
    help=f"One of {', '.join(PERMISSIONS)}; may be repeated.",
)
@click.option(
    "--secret-years", type=Number(1, 3), default=1, show_default=True, help="For how many years the secret is valid."
)
@click.option(
    "--certificate",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A certificate (PEM or DER) to sign in with, instead of a secret.",
)
@click.option(
    "--tenants",
    "reach",
    type=Names(),
    default=(),
    help="A provider's app: the tenants that it may ask for, with commas.",
)
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
    file: Path | None,
    reach: tuple[str, ...],
    all_tenants: bool,
    as_json: bool,
    store: str | None,
) -> None:
    """Registers an app and prints its secret, which is shown only once. With --certificate it has no secret.

    \b
    jobreport app create --name "nightly report" --permission PlatformBackup.Read.All
    jobreport app create --name "runner on web-1" --permission PlatformBackup.Jobs.Report --json
    jobreport app create --name "report program" --certificate app.pem
    jobreport app create --name "all customers" --permission PlatformBackup.Read.All --all-tenants

    A provider's app says in each request which tenant it asks for, by the header Jobreport-Tenant. It belongs to the
    operator's own tenant, _service, unless --tenant names another.
    """
    if file and context.get_parameter_source("secret_years") is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError("--secret-years and --certificate exclude each other: a certificate has its own end.")
    named = context.get_parameter_source("tenant") is not click.core.ParameterSource.DEFAULT
    if (reach or all_tenants) and not named:
        tenant = SERVICE_NAME
    from jobreport.cli.output.apps import show_issued
    from jobreport.identity.apps import registrations
    from jobreport.identity.apps.certificates import CertificateError

    chosen = open_chosen_store(store)
    new = named and chosen.tenant_id(tenant) is None
    try:
        issued = registrations.create(
            chosen,
            name=name,
            tenant=tenant,
            permissions=permissions,
            years=secret_years,
            certificate=None if file is None else certificate_bytes(file),
            reach=reach,
            all_tenants=all_tenants,
            by=actor(),
        )
    except (registrations.RegistrationError, CertificateError) as error:
        raise click.UsageError(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    if new:
        warn(
            f"there was no tenant {tenant!r}: it was made with this app. A wrong name? jobreport tenant delete {tenant}"
        )
    show_issued(issued, as_json)


@app.command("list")
@click.option("--tenant", help="Only this tenant's apps.")
@json_option
@store_option
def list_(tenant: str | None, as_json: bool, store: str | None) -> None:
    """Lists the apps, also revoked ones, and what each signs in with. Secrets cannot be shown again."""
    from jobreport.cli.output.apps import Apps, show_list

    registered = Apps(open_chosen_store(store), tenant)
    if as_json:
        click.echo(json.dumps([registered.document(entry) for entry in registered.apps], indent=2))
    else:
        show_list(registered)


@app.command()
@app_argument
@json_option
@store_option
def show(client_id: str, as_json: bool, store: str | None) -> None:
    """Shows one app with its secrets and certificates: when each ends, and when it was last used, to the hour."""
    from jobreport.cli.output.apps import Apps, show_one

    chosen = open_chosen_store(store)
    registered = Apps(chosen, client_id=named_app(chosen, client_id))
    if as_json:
        click.echo(json.dumps(registered.document(registered.apps[0]), indent=2))
    else:
        show_one(registered, registered.apps[0])


@app.command()
@app_argument
@click.option(
    "--secret-years", type=Number(1, 3), default=1, show_default=True, help="For how many years the secret is valid."
)
@click.option(
    "--overlap", type=Span(), default="0s", show_default=True, help="For how long the old secret still works."
)
@json_option
@store_option
def rotate(client_id: str, secret_years: int, overlap: int, as_json: bool, store: str | None) -> None:
    """Gives an app a new secret and ends those that it has, at once or after an overlap.

    The overlap is the time that you need to install the new secret.

    \b
    jobreport app rotate 3c8b… --overlap 24h
    """
    from jobreport.cli.output.apps import show_issued
    from jobreport.identity.apps import credentials

    chosen = open_chosen_store(store)
    client_id = named_app(chosen, client_id)
    issued = done_or_told(
        lambda: credentials.rotate(chosen, client_id, years=secret_years, overlap_seconds=overlap, by=actor())
    )
    show_issued(issued, as_json)


@app.command()
@app_argument
@json_option
@store_option
def revoke(client_id: str, as_json: bool, store: str | None) -> None:
    """Ends an app for ever: its tokens stop working within five seconds. The jobs that it reported stay."""
    from jobreport.identity.apps import registrations

    chosen = open_chosen_store(store)
    client_id = named_app(chosen, client_id)
    revoked = done_or_told(lambda: registrations.revoke(chosen, client_id, by=actor()))
    if as_json:
        click.echo(json.dumps({"clientId": revoked.client_id, "name": revoked.name, "revoked": True}, indent=2))
    else:
        click.echo(f"Revoked {revoked.name} ({revoked.client_id}).")


app.add_command(tenants)
app.add_command(secret)
app.add_command(certificate)
