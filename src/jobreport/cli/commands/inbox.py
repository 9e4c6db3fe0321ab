"""`jobreport inbox`: makes the addresses that anything can ping, lists, shows, rotates and revokes them."""

import json

import click

from jobreport.cli.actor import actor
from jobreport.cli.commands.inbox_key import key
from jobreport.cli.commands.inbox_mailbox import mailbox
from jobreport.cli.commands.inbox_try import try_
from jobreport.cli.commands.inbox_unread import unread
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.inboxes import address_of, form_option, secret_key, tenant_option, told, url_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import Code, Span
from jobreport.cli.output.warning import warn
from jobreport.model.catalog import JobType, ServiceType


@click.group()
def inbox() -> None:
    """Inboxes: addresses that anything can ping, or post or mail its reports to, and each becomes a job.

    Whoever has an address can report jobs of its plan, and read nothing. It speaks the words of Healthchecks, of Uptime
    Kuma's push monitors and of Cronitor. Behind /hook/ it takes what senders post, each in its own form, and before an
    @ it takes mails.
    """


@inbox.command()
@click.argument("name")
@tenant_option
@click.option("--plan", default="", help="The plan of its jobs. By default the name.")
@click.option("--service", type=Code(ServiceType), metavar="NAME", help="What they protect: FileShare, or 8.")
@click.option("--type", "kind", type=Code(JobType), metavar="NAME", help="The work that they do: Backup, or 1.")
@click.option("--resource", default="", help="What they are about, such as a machine or a folder.")
@click.option("--tool", default="", metavar="COMMAND", help="Whose output the bodies are: restic, or rclone sync.")
@click.option(
    "--longest", type=Span(), default="24h", show_default=True, help="How long a run may take, from 1m to 72h."
)
@click.option("--slug", default="", help="Its name below the ping key. By default made of the name.")
@form_option
@url_option
@json_option
@store_option
def create(
    name: str,
    tenant: str,
    plan: str,
    service: ServiceType | None,
    kind: JobType | None,
    resource: str,
    tool: str,
    longest: int,
    slug: str,
    form: str,
    url: str,
    as_json: bool,
    store: str | None,
) -> None:
    """Makes an inbox called NAME, and prints its address.

    If a start comes and no end, its job is presumed to have failed after --longest.

    \b
    jobreport inbox create "nas, nightly" --plan nightly --resource /srv --tool restic
    """
    from jobreport.identity import inboxes
    from jobreport.identity.inboxes import Settings
    from jobreport.inbox.pings.tool import command_of, tool_of

    if tool:
        try:
            command = command_of(tool)
        except ValueError as error:
            raise click.UsageError(f"--tool: {error}.") from None
        about = tool_of(command).subject(command)
        service, kind = service or about.service, kind or about.type
    wanted = Settings(
        plan=plan,
        service=service or ServiceType.Common,
        type=kind or JobType.Backup,
        resource=resource,
        tool=tool,
        longest=longest,
        slug=slug,
    )
    chosen = open_chosen_store(store)
    secret = secret_key()
    made, address = told(lambda: inboxes.create(chosen, name, wanted, tenant=tenant, secret=secret, by=actor()))
    if secret is None:
        warn("no secret key is set, so this address is shown only now (jobreport key secret makes one)")
    _show_address(made.inbox, name, address_of(url, address, form), as_json)


@inbox.command("list")
@click.option("--tenant", help="Only those of this tenant.")
@json_option
@store_option
def list_(tenant: str | None, as_json: bool, store: str | None) -> None:
    """Lists the inboxes, with what came to each, and what can be known of its jobs.

    An inbox sees runs if their starts come too: then a run that never ends is told. It sees results if only ends come:
    then a run that died, or never began, leaves no trace.
    """
    from jobreport.cli.output.inboxes import documents, show
    from jobreport.identity.tenants import readable
    from jobreport.store.registry import inboxes, tenants
    from jobreport.store.registry import unread as kept

    chosen = open_chosen_store(store)
    only = told(lambda: readable(chosen, tenant)).number if tenant else None
    with chosen.reading() as transaction:
        found = inboxes.list_inboxes(transaction, only)
        names = {one.number: one.name for one in tenants.list_tenants(transaction)}
        numbers = {one.tenant for one in found}
        states = {number: inboxes.states(transaction, number) for number in numbers}
        unreads = {one: count.number for number in numbers for one, count in kept.counts(transaction, number).items()}
    rows = [(one, names[one.tenant], states[one.tenant][one.inbox], unreads.get(one.inbox, 0)) for one in found]
    if as_json:
        click.echo(json.dumps(documents(rows), indent=2))
    elif rows:
        show(rows)
    else:
        click.echo("There is no inbox.")


@inbox.command()
@click.argument("name")
@tenant_option
@form_option
@url_option
@json_option
@store_option
def show(name: str, tenant: str, form: str, url: str, as_json: bool, store: str | None) -> None:
    """Shows an inbox by its name, its slug or its ID, with its address.

    The address is encrypted with the secret key of the service, so that is needed. The audit log has who saw it.

    \b
    jobreport inbox show "nas, nightly"
    """
    from jobreport.cli.output.inboxes import details
    from jobreport.identity import inboxes
    from jobreport.identity.inboxes import InboxError
    from jobreport.store.registry import inboxes as rows
    from jobreport.store.registry import unread as kept

    chosen = open_chosen_store(store)
    found = told(lambda: inboxes.named(chosen, name, tenant=tenant))
    with chosen.reading() as transaction:
        state = rows.states(transaction, found.tenant)[found.inbox]
        left = len(kept.ids(transaction, found.tenant, found.inbox))
    try:
        address, why = address_of(url, inboxes.shown(chosen, found, secret_key(), by=actor()), form), ""
    except InboxError as error:
        address, why = "", str(error)
    document = details(found, tenant, state, left, address)
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        for field, value in document.items():
            click.echo(f"{field + ':':12} {value}")
    if why:
        raise click.ClickException(f"the address: {why}.")


@inbox.command()
@click.argument("name")
@tenant_option
@form_option
@url_option
@json_option
@store_option
def rotate(name: str, tenant: str, form: str, url: str, as_json: bool, store: str | None) -> None:
    """Gives an inbox another address. The old one is not found any more.

    \b
    jobreport inbox rotate "nas, nightly"
    """
    from jobreport.identity import inboxes

    chosen = open_chosen_store(store)
    found = told(lambda: inboxes.named(chosen, name, tenant=tenant))
    address = inboxes.rotate(chosen, found, secret_key(), by=actor())
    _show_address(found.inbox, found.name, address_of(url, address, form), as_json)


@inbox.command()
@click.argument("name")
@tenant_option
@json_option
@store_option
def revoke(name: str, tenant: str, as_json: bool, store: str | None) -> None:
    """Deletes an inbox. Its address is not found any more; its jobs stay.

    \b
    jobreport inbox revoke "nas, nightly"
    """
    from jobreport.identity import inboxes

    chosen = open_chosen_store(store)
    found = told(lambda: inboxes.named(chosen, name, tenant=tenant))
    inboxes.revoke(chosen, found, by=actor())
    if as_json:
        click.echo(json.dumps({"id": found.inbox, "name": found.name}, indent=2))
    else:
        click.echo(f"Revoked {found.name}.")


def _show_address(number: str, name: str, address: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"id": number, "name": name, "address": address}, indent=2))
    else:
        click.echo(address)


for command in (key, mailbox, try_, unread):
    inbox.add_command(command)
