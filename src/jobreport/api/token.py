"""Sign-in of apps: `POST /connect/token` gives them access tokens (OAuth 2.0, client credentials).

The discovery documents tell clients where this endpoint and the public keys are.
"""

from base64 import b64decode
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.apps.permissions import PERMISSIONS
from jobreport.identity.keys import stored_keys
from jobreport.identity.oauth import assertions, failed_sign_ins
from jobreport.identity.oauth.clients import METHODS, named_client_id
from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError
from jobreport.identity.oauth.grants import GRANT_TYPE, GrantError, client_credentials
from jobreport.identity.oauth.tokens import ALGORITHM, LIFETIME_SECONDS
from jobreport.server import bodies
from jobreport.server.operation import Answer, Body, Operation, services
from jobreport.server.problem import ProblemError
from jobreport.threads import READS, REFUSALS, in_thread

MAX_BODY: Final = 16 * 1024
FORM: Final = "application/x-www-form-urlencoded"
TOKEN_PATH: Final = "/connect/token"  # noqa: S105 - a path
METADATA_PATH: Final = "/.well-known/oauth-authorization-server"
JWKS_PATH: Final = "/.well-known/jwks.json"
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenAnswer(msgspec.Struct, frozen=True):
    """The answer with a token (RFC 6749 §5.1). Lifetimes are in seconds."""

    access_token: str
    token_type: Annotated[str, Meta(description="Always Bearer.")]
    expires_in: int
    ext_expires_in: int
    scope: Annotated[str, Meta(description="The permissions, separated by spaces, spelled as they were asked for.")]


class TokenError(msgspec.Struct, frozen=True):
    """The answer to a request that gets no token (RFC 6749 §5.2)."""

    error: str
    error_description: str


class TokenForm(msgspec.Struct):
    """The fields of a token request: RFC 6749 §4.4.2, with a client secret (§2.3.1) or with an assertion (RFC 7523
    §2.2).
    """

    grant_type: Annotated[str, Meta(extra_json_schema={"const": GRANT_TYPE})]
    client_id: Annotated[str, Meta(description="Or in a Basic header, with the secret.")] = ""
    client_secret: Annotated[str, Meta(description="Or in a Basic header, with the client ID.")] = ""
    client_assertion_type: Annotated[str, Meta(description="With client_assertion: " + assertions.ASSERTION_TYPE)] = ""
    client_assertion: Annotated[str, Meta(description="A JWT that the app's certificate proves.")] = ""
    scope: Annotated[str, Meta(description="Permissions, separated by spaces; left out: all that were granted.")] = ""


async def token(request: Request) -> Response:
    """Gives a token to an app that proves who it is, with its secret or its certificate."""
    try:
        form, basic = await _form(request), _basic(request)
        client = request.scope["claimed_client"] = named_client_id(dict(form), basic)
        tried = failed_sign_ins.attempt_of(client, request.client.host if request.client else None)
        await in_thread(READS, services(request).failed_sign_ins.check, tried)
        issuer = services(request).tokens.issuer
        # An assertion must name one of these as its audience. The contract says the endpoint; newer clients send the
        # issuer, because the successor of RFC 7523 allows nothing else.
        audiences = (issuer + TOKEN_PATH, issuer)
        try:
            grant = await in_thread(READS, client_credentials, services(request).store, form, basic, audiences)
        except GrantError as error:
            if error.error == "invalid_client":
                await in_thread(REFUSALS, services(request).failed_sign_ins.count, tried)
            raise
    except ProblemError as error:
        return _refused(GrantError("invalid_request", error.detail, error.status))
    except TooManyAttemptsError as error:
        return _refused(GrantError("slow_down", "too many attempts failed; wait", 429), error.seconds)
    except GrantError as error:
        return _refused(error)
    request.scope["signed_in"] = grant.app
    signed = await in_thread(READS, services(request).tokens.issue, grant)
    answer = TokenAnswer(signed, "Bearer", LIFETIME_SECONDS, LIFETIME_SECONDS, grant.scope)
    return Response(msgspec.json.encode(answer), headers=_NO_STORE, media_type="application/json")


async def counted(request: Request) -> Response:
    """Calls `token`, and counts the sign-in or the refusal for the audit log.

    A request that is refused before its client ID was read is not counted.
    """
    response = await token(request)
    server = services(request)
    app, claimed = request.scope.get("signed_in"), request.scope.get("claimed_client")
    address = request.client.host if request.client else ""
    if app is not None:
        server.sign_ins.granted(app.client_id, address, server.store.clock())
    elif claimed is not None:
        server.sign_ins.refused(claimed, address, server.store.clock())
    return response


async def _form(request: Request) -> list[tuple[str, str]]:
    if bodies.media_type(request) != FORM:
        raise GrantError("invalid_request", f"the request must be a form: {FORM}")
    raw = await bodies.read(request, MAX_BODY)
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=32)
    except ValueError:
        raise GrantError("invalid_request", "the form cannot be read as UTF-8 fields") from None


def _basic(request: Request) -> tuple[str, str] | None:
    """Returns the client ID and the secret from a Basic header; None if the request has no such header.

    RFC 6749 §2.3.1: both are form-encoded before base64, so the secret `a:b` is sent as `a%3Ab`.
    """
    given = request.headers.getlist("authorization")
    if len(given) > 1:
        raise GrantError("invalid_request", "there is more than one Authorization header")
    scheme, _, encoded = (given or [""])[0].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except ValueError:
        raise GrantError("invalid_client", "the Authorization header cannot be read", 401) from None
    if not client_id:
        raise GrantError("invalid_client", "the Authorization header lacks the client ID", 401)
    return unquote_plus(client_id), unquote_plus(secret)


def _refused(error: GrantError, retry_after: int | None = None) -> Response:
    headers = dict(_NO_STORE)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="jobreport", charset="UTF-8"'
    document = TokenError(error.error, error.description)
    return Response(msgspec.json.encode(document), error.status, headers, media_type="application/json")


async def metadata(request: Request) -> Response:
    """Tells OAuth clients the addresses of the endpoints, and what they support (RFC 8414 §2)."""
    return Response(msgspec.json.encode(_metadata(request)), media_type="application/json")


async def discovery(request: Request) -> Response:
    """Tells OpenID clients the addresses of the endpoints, and what they support (OpenID Connect Discovery 1.0 §3).

    Members about functions that this service does not have are left out.
    """
    document = _metadata(request) | {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }
    return Response(msgspec.json.encode(document), media_type="application/json")


def _metadata(request: Request) -> dict[str, Any]:
    issuer = services(request).tokens.issuer
    return {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "grant_types_supported": [GRANT_TYPE],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(assertions.ALGORITHMS),
        "scopes_supported": list(PERMISSIONS),
        # None: there is no page (authorization endpoint) where people sign in.
        "response_types_supported": [],
    }


async def jwks(request: Request) -> Response:
    """Answers with the public keys that verify tokens (RFC 7517). The key that will sign next is already among them."""
    document = msgspec.json.encode(services(request).tokens.jwks())
    headers = {"Cache-Control": f"public, max-age={stored_keys.CACHE_SECONDS}"}
    return Response(document, headers=headers, media_type="application/json")


TOKEN: Final = Operation(
    handler=counted,
    id="Connect_Token",
    tag="Sign-in",
    summary="Gives an app an access token for its client secret or its certificate.",
    body=Body({FORM: TokenForm}),
    answers={
        200: Answer("The token.", TokenAnswer),
        400: Answer("The request was not understood, or the scope is not granted (RFC 6749).", TokenError),
        401: Answer("The app could not be authenticated (RFC 6749).", TokenError),
        413: Answer("The form is too large (RFC 6749).", TokenError),
        429: Answer("Too many attempts of this client at this address failed: `slow_down`.", TokenError),
    },
    faults=(503,),
)
DISCOVERY: Final = Operation(
    handler=discovery,
    id="Connect_Discovery",
    tag="Sign-in",
    summary="Tells OpenID clients where the token endpoint and the keys are.",
    answers={200: Answer("The discovery document.", dict[str, Any])},
)
METADATA: Final = Operation(
    handler=metadata,
    id="Connect_Metadata",
    tag="Sign-in",
    summary="Tells OAuth clients where the token endpoint and the keys are (RFC 8414).",
    answers={200: Answer("The metadata of the authorization server.", dict[str, Any])},
)
JWKS: Final = Operation(
    handler=jwks,
    id="Connect_Keys",
    tag="Sign-in",
    summary="Gives the public keys that tokens are signed with.",
    answers={200: Answer("A JWK Set.", dict[str, Any])},
)
