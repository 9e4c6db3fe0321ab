"""`GET /api/incidents` lists what needs somebody; `PUT /api/incidents/{incident}` takes it, or notes its ticket."""

from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import paging
from jobreport.contract.incident_change import Change, read_change
from jobreport.contract.incidents import INCIDENTS
from jobreport.contract.incidents import PARAMETERS as OF_INCIDENTS
from jobreport.contract.incidents_answer import IncidentChange, IncidentList, IncidentsChanged, incident_items
from jobreport.contract.query_language import TENANT
from jobreport.identity.apps.permissions import MAY_READ, READ_WRITE
from jobreport.model.audit import Actor
from jobreport.model.errors import InvalidInputError
from jobreport.model.incident import Incident
from jobreport.model.incident_query import IncidentQuery
from jobreport.server import bodies, query_string
from jobreport.server.operation import Answer, Body, Operation, Services, principal, services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.watch import incident_pages, notices
from jobreport.threads import READS, WRITES, in_thread
from jobreport.watch import acknowledging
from jobreport.watch.acknowledging import IncidentError
from jobreport.watch.marks import MarkError

MAX_BODY: Final = 64 * 1024
PARAMETERS: Final = (*OF_INCIDENTS, TENANT)


async def find(request: Request) -> Response:
    """Answers the page of incidents that the query string asks for."""
    has, tenant = services(request), principal(request).tenant
    pairs = query_string.pairs(request)
    if not all(map(has.skiptokens.knows, paging.tokens(pairs))):
        # Off the event loop, since the store is asked.
        await in_thread(READS, has.skiptokens.look_again)
    query = INCIDENTS.question(pairs, PARAMETERS, lambda token: has.skiptokens.read(tenant, token))
    answer = await in_thread(READS, _page, has, tenant, query)
    return Response(answer, media_type="application/json")


def _page(has: Services, tenant: int, query: IncidentQuery) -> bytes:
    with has.store.reading() as transaction:
        page = incident_pages.find(transaction, tenant, query)
        of_each = notices.of_incidents(transaction, tenant, [one.incident for one in page.incidents])
    token = has.skiptokens.issue(tenant, INCIDENTS.cursor(query, page.next)) if page.next else ""
    return msgspec.json.encode(IncidentList(page.total, incident_items(page.incidents, of_each), token))


async def change(request: Request) -> Response:
    """Takes an incident, or all of a message, gives it back, or notes its ticket."""
    bodies.require_json(request)
    said = read_change(await bodies.read(request, MAX_BODY))
    who = principal(request)
    address = request.client.host if request.client else ""
    by = Actor(f"app:{who.client_id}", address, request.scope["request_id"])
    name = request.path_params["incident"]
    answer = await in_thread(WRITES, _change, services(request).store, who.tenant, name, said, by)
    return Response(answer, media_type="application/json")


def _change(store: Store, number: int, name: str, said: Change, by: Actor) -> bytes:
    with store.reading() as transaction:
        tenant = tenants.by_number(transaction, number)
        assert tenant
        try:
            found: Sequence[Incident] = acknowledging.named(transaction, number, name)
        except IncidentError as error:
            raise _problem(404, error) from None
    try:
        if said.ticket is not None:
            found = acknowledging.note_ticket(store, tenant, name, said.ticket, by=by)
        if said.acknowledged:
            found = acknowledging.acknowledge(store, tenant, name, by=by, note=said.note, until=said.until)
        elif said.acknowledged is False:
            found = acknowledging.release(store, tenant, name, by=by)
    except IncidentError as error:
        raise _problem(409, error) from None
    except MarkError as error:
        raise InvalidInputError.of("until" if said.until else "acknowledged", str(error)) from None
    with store.reading() as transaction:
        of_each = notices.of_incidents(transaction, number, [one.incident for one in found])
    return msgspec.json.encode(IncidentsChanged(incident_items(found, of_each)))


def _problem(status: int, error: IncidentError) -> ProblemError:
    said = str(error)
    return ProblemError(status, f"{said[:1].upper()}{said[1:]}.")


FIND: Final = Operation(
    handler=find,
    id="Incidents_Find",
    tag="Incidents",
    summary="Lists what needs somebody, since when and why, who has it, and who was told of it.",
    description=(
        "An incident is a series that needs somebody, from the verdict that says so to the good news; newest first. "
        "Without `state` those that go on. The total counts every incident that matches, on every page."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    compress=True,
    answers={200: Answer("The page, the exact total, and where the next page begins.", IncidentList)},
    faults=(400, 503),
)

CHANGE: Final = Operation(
    handler=change,
    id="Incidents_Change",
    tag="Incidents",
    summary="Notes the ticket of an incident, and that somebody looks after it, or does not any more.",
    description=(
        "The ID is that of one incident, or the one that a message has for all that it is about. Who looks after an "
        "incident has its series (the monitor's “I have it”): that ends by itself when all is well again, when its "
        "time is over, when it fails for another cause or does not start, or when it gets worse."
    ),
    needs=frozenset({READ_WRITE}),
    query=(TENANT,),
    path_parameters={"incident": "The ID of an incident, or of all that a message is about."},
    body=Body({"application/json": IncidentChange}),
    answers={200: Answer("What was changed, as it is now.", IncidentsChanged)},
    faults=(400, 404, 409, 413, 415, 503),
)
