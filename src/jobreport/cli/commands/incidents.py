"""`jobreport incidents`: what needs somebody, since when and why, who has it, and who was told."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import Number
from jobreport.cli.options.flag_messages import refused
from jobreport.cli.options.query import TYPES, given, query_options
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.contract import cursors
from jobreport.contract.incidents import INCIDENTS, PARAMETERS
from jobreport.model.errors import InvalidInputError
from jobreport.model.query import MAX_PAGE_SIZE

if TYPE_CHECKING:
    from jobreport.contract.incidents_answer import IncidentItem

_TYPES: Final = {**TYPES, "pageSize": Number(1, MAX_PAGE_SIZE)}
_HELP: Final = {"pageSize": "Incidents a page.  [default: 10]"}
_TENANT: Final = click.option("--tenant", default="default", show_default=True, help="Whose incidents.")


@click.group()
def incidents() -> None:
    """Incidents: a series that needs somebody, from the verdict that says so to the good news.

    jobreport ack says that you look after one.
    """


@incidents.command("list")
@query_options(*PARAMETERS, types=_TYPES, texts=_HELP)
@_TENANT
@json_option
@store_option
def list_(tenant: str, as_json: bool, store: str | None, **options: Any) -> None:
    """Lists incidents, newest first: those that go on, unless --state says otherwise.

    The options are the parameters of GET /api/incidents.

    \b
    jobreport incidents list --tenant acme --verdict missed
    jobreport incidents list --state closed --json
    """
    from jobreport.cli.output.incidents import show_incidents
    from jobreport.contract.incidents_answer import IncidentList, incident_items
    from jobreport.identity.tenants import TenantError, readable
    from jobreport.store.watch import incident_pages, notices

    chosen = open_chosen_store(store)
    try:
        number = readable(chosen, tenant).number
        query = INCIDENTS.question(given(options, *PARAMETERS), PARAMETERS, partial(cursors.read_plain, number))
    except TenantError as error:
        raise click.ClickException(f"{error}.") from None
    except InvalidInputError as error:
        raise refused(error) from None
    with chosen.reading() as transaction:
        page = incident_pages.find(transaction, number, query)
        of_each = notices.of_incidents(transaction, number, [one.incident for one in page.incidents])
    token = cursors.plain(number, INCIDENTS.cursor(query, page.next)) if page.next else ""
    answer = IncidentList(page.total, incident_items(page.incidents, of_each), token)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        show_incidents(answer)


@incidents.command()
@click.argument("incident", metavar="ID")
@_TENANT
@json_option
@store_option
def show(incident: str, tenant: str, as_json: bool, store: str | None) -> None:
    """Shows one incident, or all that a message is about, and who was told.

    \b
    jobreport incidents show 9f86d081884c7d65 --tenant acme
    """
    from jobreport.cli.output.incidents import show_incident

    found = _found(store, tenant, incident)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    for one in found:
        show_incident(one)


def _found(store: str | None, tenant: str, incident: str) -> "list[IncidentItem]":
    from jobreport.contract.incidents_answer import incident_items
    from jobreport.identity.tenants import TenantError, readable
    from jobreport.store.watch import notices
    from jobreport.watch.acknowledging import IncidentError, named

    chosen = open_chosen_store(store)
    try:
        number = readable(chosen, tenant).number
        with chosen.reading() as transaction:
            found = named(transaction, number, incident)
            of_each = notices.of_incidents(transaction, number, [one.incident for one in found])
    except (IncidentError, TenantError) as error:
        raise click.ClickException(f"{error}.") from None
    return incident_items(found, of_each)
