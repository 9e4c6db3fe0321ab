"""`POST /connect/token`: a form in, an access token or RFC 6749's error out; and the discovery documents."""

from base64 import b64decode
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from jobreport.api import body
from jobreport.api.operation import Answer, Body, Operation, services
from jobreport.api.problem import ProblemError
from jobreport.api.threads import READS, in_thread
from jobreport.identity.grants import GRANT_TYPE, GrantError, client_credentials
from jobreport.identity.permissions import PERMISSIONS
from jobreport.identity.tokens import ALGORITHM, LIFETIME_SECONDS

MAX_BODY: Final = 16 * 1024
FORM: Final = "application/x-www-form-urlencoded"
TOKEN_PATH: Final = "/connect/token"  # noqa: S105 - a path
JWKS_PATH: Final = "/.well-known/jwks.json"
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenAnswer(msgspec.Struct, frozen=True):
    """RFC 6749 §5.1; lifetimes in seconds."""

    access_token: str
    token_type: Annotated[str, Meta(description="Always Bearer.")]
    expires_in: int
    ext_expires_in: int
    scope: Annotated[str, Meta(description="The permissions, separated by spaces.")]


class TokenError(msgspec.Struct, frozen=True):
    """RFC 6749 §5.2."""

    error: str
    error_description: str


class TokenForm(msgspec.Struct):
    """RFC 6749 §4.4.2 with §2.3.1's client secret."""

    grant_type: Annotated[str, Meta(extra_json_schema={"const": GRANT_TYPE})]
    client_id: Annotated[str, Meta(description="Or in a Basic header, with the secret.")] = ""
    client_secret: Annotated[str, Meta(description="Or in a Basic header, with the client ID.")] = ""
    scope: Annotated[str, Meta(description="Permissions, separated by spaces; left out: all that were granted.")] = ""


async def token(request: Request) -> Response:
    """Gives a token to an app that proves itself."""
    try:
        form = [*await _form(request), *_basic(request)]
        request.scope["claimed_client"] = dict(form).get("client_id", "")
        grant = await in_thread(READS, client_credentials, services(request).store, form)
    except ProblemError as error:
        return _refused(GrantError("invalid_request", error.detail, error.status))
    except GrantError as error:
        return _refused(error)
    request.scope["signed_in"] = grant.app
    signed = await in_thread(READS, services(request).tokens.issue, grant)
    answer = TokenAnswer(signed, "Bearer", LIFETIME_SECONDS, LIFETIME_SECONDS, " ".join(grant.permissions))
    return Response(msgspec.json.encode(answer), headers=_NO_STORE, media_type="application/json")


async def counted(request: Request) -> Response:
    """Gives a token, and counts for the audit log who signed in and who was refused."""
    response = await token(request)
    found = services(request)
    app, claimed = request.scope.get("signed_in"), request.scope.get("claimed_client")
    address = request.client.host if request.client else ""
    if app is not None:
        found.sign_ins.granted(app.client_id, address, found.store.clock())
    elif claimed is not None:
        found.sign_ins.refused(claimed, address, found.store.clock())
    return response


async def _form(request: Request) -> list[tuple[str, str]]:
    if body.media_type(request) != FORM:
        raise GrantError("invalid_request", f"the request must be a form: {FORM}")
    raw = await body.read(request, MAX_BODY)
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=32)
    except ValueError:
        raise GrantError("invalid_request", "the form cannot be read as UTF-8 fields") from None


def _basic(request: Request) -> list[tuple[str, str]]:
    """The client's ID and secret where they came as RFC 6749 §2.3.1's Basic header, form-encoded in base 64."""
    given = request.headers.getlist("authorization")
    if len(given) > 1:
        raise GrantError("invalid_request", "there is more than one Authorization header")
    scheme, _, encoded = (given or [""])[0].partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except ValueError:
        raise GrantError("invalid_client", "the Authorization header cannot be read", 401) from None
    return [("client_id", unquote_plus(client_id)), ("client_secret", unquote_plus(secret))]


def _refused(error: GrantError) -> Response:
    headers = dict(_NO_STORE)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="jobreport", charset="UTF-8"'
    document = TokenError(error.error, error.description)
    return Response(msgspec.json.encode(document), error.status, headers, media_type="application/json")


async def discovery(request: Request) -> Response:
    """Tells a client where everything is (OpenID Connect Discovery 1.0 §3, as far as this service goes)."""
    issuer = services(request).tokens.issuer
    document = {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "grant_types_supported": [GRANT_TYPE],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "scopes_supported": list(PERMISSIONS),
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }
    return Response(msgspec.json.encode(document), media_type="application/json")


async def jwks(request: Request) -> Response:
    """Gives the public keys that tokens are signed with (RFC 7517)."""
    return Response(msgspec.json.encode(services(request).tokens.jwks()), media_type="application/json")


TOKEN: Final = Operation(
    handler=counted,
    id="Connect_Token",
    tag="Sign-in",
    summary="Gives an app an access token for its client secret.",
    body=Body({FORM: TokenForm}),
    answers={
        200: Answer("The token.", TokenAnswer),
        400: Answer("The request was not understood, or the scope is not granted (RFC 6749).", TokenError),
        401: Answer("The app could not be authenticated (RFC 6749).", TokenError),
        413: Answer("The form is too large (RFC 6749).", TokenError),
    },
    faults=(503,),
)
DISCOVERY: Final = Operation(
    handler=discovery,
    id="Connect_Discovery",
    tag="Sign-in",
    summary="Tells where the token endpoint and the keys are.",
    answers={200: Answer("The discovery document.", dict[str, Any])},
)
JWKS: Final = Operation(
    handler=jwks,
    id="Connect_Keys",
    tag="Sign-in",
    summary="Gives the public keys that tokens are signed with.",
    answers={200: Answer("A JWK Set.", dict[str, Any])},
)
