"""`/api/expectations`: what is expected of the tenant's series, listed, shown, set and removed by name."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.expectation import (
    ExpectationDocument,
    ExpectationList,
    read_document,
    to_document,
    to_expectation,
)
from jobreport.contract.parameters import TENANT
from jobreport.contract.query_language import read
from jobreport.identity.apps.permissions import MAY_READ, MAY_WRITE, READ_WRITE
from jobreport.identity.principals import Principal
from jobreport.model.audit import Actor
from jobreport.model.errors import InvalidInputError
from jobreport.model.expectation import Expectation
from jobreport.server import bodies, query_string
from jobreport.server.operation import Answer, Body, Operation, principal, services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, WRITES, in_thread
from jobreport.watch import expectations
from jobreport.watch.expectations import ExpectationError

MAX_BODY: Final = 64 * 1024
"""The most bytes of an expectation."""
PARAMETERS: Final = (TENANT,)
_NAME: Final = {"name": "The name of the expectation."}


async def find(request: Request) -> Response:
    """Answers with all expectations of the tenant."""
    read(query_string.pairs(request), PARAMETERS)
    answer = await in_thread(READS, _find, services(request).store, principal(request).tenant)
    return Response(answer, media_type="application/json")


async def show(request: Request) -> Response:
    """Answers with the expectation whose name is in the path."""
    name = request.path_params["name"]
    answer = await in_thread(READS, _show, services(request).store, principal(request).tenant, name)
    return Response(answer, media_type="application/json")


async def put(request: Request) -> Response:
    """Sets the expectation whose name is in the path."""
    bodies.require_json(request)
    raw = await bodies.read(request, MAX_BODY)
    store, who, name = services(request).store, principal(request), request.path_params["name"]
    answer = await in_thread(WRITES, _put, store, who, _actor(request), name, raw)
    return Response(answer, media_type="application/json")


async def remove(request: Request) -> Response:
    """Removes the expectation whose name is in the path."""
    store, who, name = services(request).store, principal(request), request.path_params["name"]
    await in_thread(WRITES, _remove, store, who, _actor(request), name)
    return Response(status_code=204)


def _find(store: Store, tenant: int) -> bytes:
    every = sorted(_tenant(store, tenant).expectations, key=lambda one: (one.rank, one.name), reverse=True)
    return msgspec.json.encode(ExpectationList([to_document(one) for one in every]))


def _show(store: Store, tenant: int, name: str) -> bytes:
    return msgspec.json.encode(to_document(_named(_tenant(store, tenant), name)))


def _put(store: Store, who: Principal, by: Actor, name: str, raw: bytes) -> bytes:
    given = read_document(raw)
    if given.name not in ("", name):
        raise InvalidInputError.of("name", f"is {given.name!r}; the path says {name!r}")
    if given.by or given.file:
        raise InvalidInputError.of("by" if given.by else "file", "is said by answers alone; leave it out")
    own_only = READ_WRITE not in who.permissions
    wanted = msgspec.structs.replace(to_expectation(given, by=who.client_id if own_only else ""), name=name)
    tenant = _tenant(store, who.tenant)
    if own_only:
        _require_own(tenant, who, wanted)
    try:
        return msgspec.json.encode(to_document(expectations.put(store, tenant.name, wanted, by=by)))
    except ExpectationError as error:
        raise ProblemError(409, f"{str(error)[:1].upper()}{str(error)[1:]}.") from None


def _require_own(tenant: Tenant, who: Principal, wanted: Expectation) -> None:
    """Raises an error unless an app that may only report its own jobs may set this: of one thing, and its own."""
    if not (wanted.plan or wanted.resource) or any(sign in f"{wanted.plan}{wanted.resource}" for sign in "*?"):
        raise InvalidInputError.of("plan", "must be a whole name (or resource), for an app that reports its own jobs")
    there = next((one for one in tenant.own if one.name == wanted.name), None)
    if there and there.by != who.client_id:
        raise ProblemError(403, "This app may change only expectations of its own.")


def _remove(store: Store, who: Principal, by: Actor, name: str) -> None:
    tenant = _tenant(store, who.tenant)
    if READ_WRITE not in who.permissions and _named(tenant, name).by != who.client_id:
        raise ProblemError(403, "This app may change only expectations of its own.")
    try:
        expectations.remove(store, tenant.name, name, by=by)
    except ExpectationError:
        raise ProblemError(404, "There is no expectation of this name.") from None


def _named(tenant: Tenant, name: str) -> Expectation:
    found = next((one for one in tenant.expectations if one.name == name), None)
    if found is None:
        raise ProblemError(404, "There is no expectation of this name.")
    return found


def _tenant(store: Store, number: int) -> Tenant:
    with store.reading() as transaction:
        found = tenants.by_number(transaction, number)
    assert found
    return found


def _actor(request: Request) -> Actor:
    who = principal(request)
    return Actor(f"app:{who.client_id}", request.client.host if request.client else "", request.scope["request_id"])


FIND: Final = Operation(
    handler=find,
    id="Expectations_Find",
    tag="Expectations",
    summary="Lists what is expected of the tenant's series, the most specific first.",
    needs=MAY_READ,
    query=PARAMETERS,
    compress=True,
    answers={200: Answer("All expectations.", ExpectationList)},
    faults=(400, 503),
)
SHOW: Final = Operation(
    handler=show,
    id="Expectations_Get",
    tag="Expectations",
    summary="Gives one expectation.",
    needs=MAY_READ,
    path_parameters=_NAME,
    answers={200: Answer("The expectation.", ExpectationDocument)},
    faults=(404, 503),
)
PUT: Final = Operation(
    handler=put,
    id="Expectations_Put",
    tag="Expectations",
    summary="Sets an expectation, in the place of the one that has its name.",
    description=(
        "An app that may only report its own jobs sets expectations of one plan or one resource, by its whole name. "
        "They count where nobody else expects anything."
    ),
    needs=MAY_WRITE,
    path_parameters=_NAME,
    body=Body({"application/json": ExpectationDocument}),
    answers={200: Answer("The expectation as it is set.", ExpectationDocument)},
    faults=(400, 403, 404, 409, 413, 415, 503),
)
REMOVE: Final = Operation(
    handler=remove,
    id="Expectations_Delete",
    tag="Expectations",
    summary="Removes an expectation. The next less specific one counts, or the default.",
    needs=MAY_WRITE,
    path_parameters=_NAME,
    answers={204: Answer("It is removed.")},
    faults=(403, 404, 503),
)

URLS: Final = (
    ("GET", "/api/expectations", FIND),
    ("GET", "/api/expectations/{name}", SHOW),
    ("PUT", "/api/expectations/{name}", PUT),
    ("DELETE", "/api/expectations/{name}", REMOVE),
)
