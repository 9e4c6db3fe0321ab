"""Describes an operation of the API as one value: its handler, who may call it, its parameters and its answers.

The check of the token and the OpenAPI document both read this value, so that they cannot differ.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jobreport.contract.query_language import TENANT, Parameter
from jobreport.identity.addresses import Addresses
from jobreport.identity.cursors import SkipTokens
from jobreport.identity.oauth.documents import IssuerError
from jobreport.identity.oauth.failed_sign_ins import FailedSignInLimits
from jobreport.identity.oauth.sign_ins import SignIns
from jobreport.identity.oauth.tokens import InvalidTokenError, Tokens
from jobreport.identity.openid.provider import Provider
from jobreport.identity.operators.delays import Delays
from jobreport.identity.operators.passwords import Passwords
from jobreport.identity.operators.sessions import Sessions
from jobreport.identity.principals import Principal
from jobreport.inbox.webhooks.registry import Forms
from jobreport.metrics.counts import Counts
from jobreport.server import tenancy
from jobreport.server.complete_until import CompleteUntil
from jobreport.server.compression import compress
from jobreport.server.problem import RETRY_SECONDS, Problem, ProblemError
from jobreport.server.rate_limit import PingLimits, Rates
from jobreport.server.undelivered import Undelivered
from jobreport.store import Store
from jobreport.threads import READS, in_thread, of_issuer

_LATER: Final = {"Retry-After": str(RETRY_SECONDS)}

Handler = Callable[[Request], Awaitable[Response]]


class Services(msgspec.Struct, frozen=True):
    """The objects that every handler may use."""

    store: Store
    tokens: Tokens
    failed_sign_ins: FailedSignInLimits
    skiptokens: SkipTokens
    openapi: Callable[[], bytes]
    sessions: Sessions
    delays: Delays
    passwords: Passwords
    addresses: Addresses
    forms: Forms
    complete_until: CompleteUntil
    counts: Counts
    undelivered: Undelivered
    sign_ins: SignIns = msgspec.field(default_factory=SignIns)
    rates: Rates | None = None
    provider: Provider | None = None
    pings: PingLimits = msgspec.field(default_factory=PingLimits)


class Answer(msgspec.Struct, frozen=True):
    """A documented response: its schema (a msgspec type, or a JSON Schema), or None for content of another kind.

    `others`: further media types that the response may have instead. `headers`: its own header fields, and what each
    means.
    """

    description: str
    schema: Any = None
    media_type: str = "application/json"
    others: tuple[str, ...] = ()
    headers: Mapping[str, str] = {}


class Body(msgspec.Struct, frozen=True):
    """A documented request body: media type -> schema (a msgspec type, or a JSON Schema)."""

    content: Mapping[str, Any]
    required: bool = True


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. `needs`: the caller needs any one of these permissions; empty if everybody may call it. `faults`:
    the error statuses, and `problem`: the shape of the error documents. `all_tenants`: a provider's app need not name
    a tenant, since the operation is about all that it may ask for. `is_report`: the answer says until when all
    connectors of the tenant have been read. `compress`: the answer may be compressed, since
    it contains no secret. `error_response` makes the answer to an error where another protocol says how it looks.
    """

    handler: Handler
    id: str
    tag: str
    summary: str
    description: str = ""
    needs: frozenset[str] = frozenset()
    body: Body | None = None
    path_parameters: Mapping[str, str] = {}
    query: tuple[Parameter, ...] = ()
    all_tenants: bool = False
    is_report: bool = False
    compress: bool = False
    answers: Mapping[int, Answer]
    faults: tuple[int, ...] = ()
    problem: type[Problem] = Problem
    error_response: Callable[[Request, ProblemError], Response] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Checks the token and the tenant, then handles the request (ASGI). Raises ProblemError if a check fails."""
        response = await self._serve(Request(scope, receive, send))
        await response(scope, receive, send)

    async def _serve(self, request: Request) -> Response:
        if self.needs:
            await self._admit(request)
        response = await self.handler(request)
        if self.compress:
            await compress(request.scope, response)
        return response

    async def _admit(self, request: Request) -> None:
        scope, known = request.scope, services(request)
        token = _bearer_token(scope)
        # Outside the event loop if the store must be read, since the database may be slow to answer.
        who = scope["principal"] = known.tokens.cached(token) or await _verified(known.tokens, token)
        if known.rates is not None:
            # Requests that are refused below are counted too. Otherwise an app without the permission could send any
            # number.
            scope["response_headers"] = known.rates.take(who.client_id)
        self._require(who)
        by_query = TENANT in self.query
        named = tenancy.named(request, parameter=by_query)
        if named or (who.is_provider and not self.all_tenants):
            scope["principal"] = await tenancy.of_tenant(named, who, known.tokens.principals, parameter=by_query)
        if self.is_report and (complete := known.complete_until.headers(scope["principal"].tenant)):
            scope["response_headers"] = {**scope.get("response_headers", {}), **complete}

    def _require(self, who: Principal) -> None:
        if not who.permissions & self.needs:
            raise ProblemError(
                403,
                f"This needs the permission {' or '.join(sorted(self.needs))}; the token has "
                f"{' '.join(sorted(who.permissions)) or 'none'}.",
                headers={
                    "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(sorted(self.needs))}"'
                },
            )


class ByMethod:
    """The endpoints of one path, one for each method. Their errors have the same shape."""

    def __init__(self, endpoints: Mapping[str, ASGIApp]) -> None:
        self._endpoints = endpoints
        self.error_response = getattr(next(iter(endpoints.values())), "error_response", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request (ASGI). HEAD is handled by the endpoint of GET; the server leaves out the body."""
        method = scope["method"]
        await self._endpoints["GET" if method == "HEAD" else method](scope, receive, send)


def services(request: Request) -> Services:
    """Returns the services of the application that received the request."""
    found: Services = request.scope["services"]
    return found


def principal(request: Request) -> Principal:
    """Returns who sent the request. Only for operations that need a permission."""
    found: Principal = request.scope["principal"]
    return found


def _bearer_token(scope: Scope) -> str:
    """Returns the bearer token of the Authorization header, the only place where it is accepted (RFC 6750). Raises
    ProblemError 401 if there is none.
    """
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    # If there are two, it is unclear which one counts.
    scheme, _, token = (given[0].decode("latin-1") if len(given) == 1 else "").partition(" ")
    token = token.strip(" \t")
    if scheme.lower() != "bearer" or not token:
        raise ProblemError(
            401,
            "A token is needed: get one at /connect/token and send it as `Authorization: Bearer …`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return token


async def _verified(tokens: Tokens, token: str) -> Principal:
    """Returns who the token stands for. Raises ProblemError 401 if the token is not valid, 503 if that cannot be
    checked now.
    """
    try:
        issuer = tokens.external_issuer(token)
        return await in_thread(of_issuer(issuer) if issuer else READS, tokens.verify, token)
    except IssuerError as error:
        raise ProblemError(503, f"The token cannot be verified now: {error}.", headers=_LATER) from None
    except InvalidTokenError as error:
        raise ProblemError(
            401,
            f"The token was refused: {error}.",
            headers={"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{_quotable(str(error))}"'},
        ) from None


def _quotable(text: str) -> str:
    """Returns the text in a form that may stand between the quotes of a header (RFC 6750 §3)."""
    return text.encode("ascii", "replace").decode().replace("\\", "/").replace('"', "'")
