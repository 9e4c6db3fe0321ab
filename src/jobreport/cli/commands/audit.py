"""`jobreport audit`: shows the audit log (who did what), or verifies that nobody has changed it."""

import json
from typing import TYPE_CHECKING

import click

from jobreport import settings
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.secret_file import secret
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.model.audit import SERVICE
from jobreport.model.tenants import SERVICE_NAME

if TYPE_CHECKING:
    from jobreport.cli.output.audit import Names, Verified
    from jobreport.store import Store


@click.command()
@click.option(
    "--since", type=Moment(), help="Only entries since this time: 7d, yesterday, or ISO 8601.  [default: all]"
)
@click.option("--tenant", metavar="NAME", help=f"Only the entries of this tenant; {SERVICE_NAME} is the service.")
@click.option("--verify", is_flag=True, help="Check whether any entry was changed, removed or cut off.")
@click.option("--head", is_flag=True, help="Print the last hash of each chain, to be kept elsewhere.")
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
    """Shows the audit log: changes of registrations, secrets, keys, tenants and jobs, and sign-ins. Or verifies it.

    Each tenant has its own chain of entries, and so has the service. Each entry contains the hash of the entry before
    it, and the last is sealed with the service's key. With --verify the exit code is 0 if no chain was changed,
    otherwise 1. Changes by somebody who has both the database and the secret key cannot be found (if no secret key is
    set, the database is enough): keep the output of --head elsewhere, and compare.

    \b
    jobreport audit --since 7d
    jobreport audit --tenant acme --json
    jobreport audit --verify
    jobreport audit --head --json > /mnt/elsewhere/heads.json
    """
    from jobreport.cli.output.audit import entry_document, show_entries
    from jobreport.store.registry import audit_log, tenants

    chosen = open_chosen_store(store)
    with chosen.reading() as transaction:
        names = {one.number: one.name for one in tenants.list_tenants(transaction)}
    names[SERVICE] = SERVICE_NAME
    number = _number(names, tenant)
    if verify or head:
        log = _verified(chosen, names, number)
        if as_json:
            click.echo(json.dumps(log.document()))
        else:
            log.show(verdict=verify)
        if verify and not log.whole:
            context.exit(1)
        return
    with chosen.reading() as transaction:
        entries = audit_log.since(transaction, since or 0, number)
    if as_json:
        click.echo(json.dumps([entry_document(one, names) for one in entries], indent=2, ensure_ascii=False))
    else:
        show_entries(entries, names)


def _number(names: dict[int, str], tenant: str | None) -> int | None:
    if tenant is None:
        return None
    numbers = [number for number, name in names.items() if name == tenant]
    if not numbers:
        from jobreport.identity.tenants import no_tenant

        raise click.ClickException(no_tenant(tenant))
    return numbers[0]


def _verified(store: "Store", names: "Names", tenant: int | None) -> "Verified":
    """Verifies the chains of all tenants, or of one tenant. Entries without a seal are sealed first."""
    from jobreport.audit import sealing
    from jobreport.cli.output.audit import Verified
    from jobreport.identity.keys.encryption import SecretKey

    key = secret(settings.SECRET_KEY)
    keys = sealing.keys_of(store, SecretKey(key) if key else None)
    if keys is None:
        raise click.ClickException("the store has no key yet, so its log cannot be sealed: jobreport serve makes one")
    if sealing.needs_sealing(store) or not keys.marker:
        sealing.seal(store, keys)
        keys = sealing.keys_of(store, keys.secret) or keys  # sealing may have written the marker
    chains = list(sealing.verify(store, keys, None if tenant is None else [tenant]))
    missing = [one for one in sealing.missing(store) if tenant in (None, one)]
    return Verified(chains, missing, keys, names)
