"""A handler and what it needs and answers, as one value: permission checks and the OpenAPI document both read it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from jobreport.api import tenancy
from jobreport.api.problem import Problem, ProblemError
from jobreport.api.threads import READS, in_thread
from jobreport.identity.principals import Principal
from jobreport.identity.sign_ins import SignIns
from jobreport.identity.skiptokens import SkipTokens
from jobreport.identity.tokens import InvalidTokenError, Tokens
from jobreport.model.language import TENANT, Parameter
from jobreport.store import Store

Handler = Callable[[Request], Awaitable[Response]]


class Services(msgspec.Struct, frozen=True):
    """What every handler may use."""

    store: Store
    tokens: Tokens
    skiptokens: SkipTokens
    openapi: bytes
    sign_ins: SignIns = msgspec.field(default_factory=SignIns)


class Answer(msgspec.Struct, frozen=True):
    """A documented response: its schema (a msgspec type), or none for content of another kind."""

    description: str
    schema: Any = None
    media_type: str = "application/json"


class Body(msgspec.Struct, frozen=True):
    """A documented request body: media type -> schema (a msgspec type, or a JSON Schema)."""

    content: Mapping[str, Any]
    required: bool = True


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. `needs`: any one of these permissions; empty for an open one. `faults`: its error statuses, and
    `problem` the shape of their documents."""

    handler: Handler
    id: str
    tag: str
    summary: str
    description: str = ""
    needs: frozenset[str] = frozenset()
    body: Body | None = None
    path_parameters: Mapping[str, str] = {}
    query: tuple[Parameter, ...] = ()
    answers: Mapping[int, Answer]
    faults: tuple[int, ...] = ()
    problem: type[Problem] = Problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. Lets in who may, for the tenant he names, and handles the request; ProblemError otherwise."""
        response = await self._serve(Request(scope, receive, send))
        await response(scope, receive, send)

    async def _serve(self, request: Request) -> Response:
        if self.needs:
            principal = await _authenticate(request)
            request.scope["principal"] = principal
            if not principal.permissions & self.needs:
                raise ProblemError(
                    403,
                    f"This needs the permission {' or '.join(sorted(self.needs))}; the token has "
                    f"{' '.join(sorted(principal.permissions)) or 'none'}.",
                    headers={
                        "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(sorted(self.needs))}"'
                    },
                )
            request.scope["principal"] = await tenancy.of_tenant(
                request, principal, services(request).tokens.principals, parameter=TENANT in self.query
            )
        return await self.handler(request)


def services(request: Request) -> Services:
    """The services of the application that got the request."""
    found: Services = request.scope["services"]
    return found


def principal(request: Request) -> Principal:
    """Who sent the request; only for operations that need a permission."""
    found: Principal = request.scope["principal"]
    return found


async def _authenticate(request: Request) -> Principal:
    """RFC 6750: the bearer token of the Authorization header, and of nowhere else."""
    given = request.headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")  # of two, nobody knows which counts
    if scheme.lower() != "bearer" or not token.strip():
        raise ProblemError(
            401,
            "A token is needed: get one at /connect/token and send it as `Authorization: Bearer …`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    tokens, token = services(request).tokens, token.strip()
    try:
        # Off the event loop where the store is asked: a network may make it wait.
        known = tokens.known(token)
        return known if known else await in_thread(READS, tokens.verify, token)
    except InvalidTokenError as error:
        raise ProblemError(
            401,
            f"The token was refused: {error}.",
            headers={"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{error}"'},
        ) from None
