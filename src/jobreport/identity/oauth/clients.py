"""Authenticates clients at the token endpoint, by a client secret or by a client assertion.

A secret is in the form or in a Basic header (RFC 6749 §2.3.1). An assertion is signed with the key of the app's
certificate (RFC 7523 §2.2). An unknown client, a wrong secret and a wrong key give the same error after the same time.
"""

import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from jobreport.identity.apps.registrations import hash_secret
from jobreport.identity.oauth import assertions
from jobreport.identity.oauth.jwts import ClaimError
from jobreport.model import ticks
from jobreport.store import Store, StoreUnavailableError
from jobreport.store.registry import apps, credentials
from jobreport.store.registry.apps import App, AppSecret
from jobreport.store.registry.credentials import AppCertificate

METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")
"""The methods of client authentication, by their names in OpenID Connect Core 1.0 §9."""
USE_NOTED_SECONDS: Final = 3600
"""The last use of a credential is stored at most once in this time, in seconds, so that most sign-ins do not wait for
it."""
_NO_HASH: Final = hash_secret("")


class GrantError(Exception):
    """Raised if a token request is refused: with the error code of RFC 6749 §5.2, a description without secrets, and
    the HTTP status.
    """

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        self.error, self.description, self.status = error, description, status
        super().__init__(f"{error}: {description}")


class ClaimedClient(msgspec.Struct, frozen=True):
    """The client ID that a request claims, and the secret or the assertion that should prove it."""

    client_id: str
    secret: str = ""
    assertion: str = ""


def named_client_id(fields: Mapping[str, str], basic: tuple[str, str] | None) -> str:
    """Returns the client ID that a request names in any way. It is not verified; empty if there is none."""
    if basic:
        return basic[0]
    return fields.get("client_id") or assertions.claimed_client_id(fields.get("client_assertion", ""))


def claimed_client(fields: Mapping[str, str], basic: tuple[str, str] | None) -> ClaimedClient:
    """Returns the client ID and its proof, from the form and the Basic header (client ID and secret).

    Raises GrantError unless the request uses exactly one method of authentication.
    """
    client_id, secret, assertion = (fields.get(name, "") for name in ("client_id", "client_secret", "client_assertion"))
    in_header = basic[1] if basic else ""
    if bool(in_header) + bool(secret) + bool(assertion) > 1:
        raise GrantError("invalid_request", "the request signs in in more than one way; choose one (RFC 6749 §2.3)")
    if basic:
        if client_id and client_id != basic[0]:
            raise GrantError("invalid_request", "client_id and the Authorization header name different apps")
        if in_header:
            return ClaimedClient(basic[0], secret=in_header)
        # A header without a secret proves nothing. Older .NET clients send it together with an assertion.
        client_id = basic[0]
    kind = fields.get("client_assertion_type", "")
    if assertion or kind:
        if kind != assertions.ASSERTION_TYPE:
            raise GrantError("invalid_request", f"client_assertion_type must be {assertions.ASSERTION_TYPE}")
        if not assertion:
            raise GrantError("invalid_request", "client_assertion is missing")
        # RFC 7521 §4.2: client_id may be left out; if it is there, it must equal the assertion's.
        sub = assertions.claimed_client_id(assertion)
        if client_id and sub and client_id != sub:
            raise GrantError("invalid_request", "client_id is not the sub of client_assertion")
        return ClaimedClient(client_id or sub, assertion=assertion)
    for name, value in (("client_id", client_id), ("client_secret", secret)):
        if not value:
            raise GrantError("invalid_request", f"{name} is missing")
    return ClaimedClient(client_id, secret=secret)


def sign_in(store: Store, client: ClaimedClient, audiences: Sequence[str]) -> App:
    """Returns the authenticated app. Raises GrantError (`invalid_client`) if the proof is wrong.

    An assertion must be made for one of `audiences`.
    """
    if client.assertion:
        return _by_assertion(store, client, audiences)
    return _by_secret(store, client)


def _by_secret(store: Store, client: ClaimedClient) -> App:
    with store.reading() as transaction:
        app = apps.find_app(transaction, client.client_id)
    now = store.clock()
    given = hash_secret(client.secret)
    # Every hash is compared, in constant time, and for an unknown client a hash is compared too. So the time of the
    # answer does not show what was wrong.
    matching = [kept for kept in (app.secrets if app else ()) if hmac.compare_digest(kept.secret_hash, given)]
    hmac.compare_digest(_NO_HASH, given)
    if app is None or app.revoked or not matching:
        raise _refused()
    if all(kept.expires <= now for kept in matching):
        raise GrantError("invalid_client", "this client secret has expired or was revoked; use a new one", 401)
    _note_use(store, app, matching[0], now)
    return app


def _by_assertion(store: Store, client: ClaimedClient, audiences: Sequence[str]) -> App:
    with store.reading() as transaction:
        app = apps.find_app(transaction, client.client_id)
        kept = credentials.certificates_of(transaction, client.client_id)
    now = store.clock()
    # Valid certificates come first. Expired ones are tried after them, up to the limit, only for a better message.
    candidates = sorted((one for one in kept if not one.ended), key=lambda one: one.expires, reverse=True)
    try:
        verified = assertions.verify(
            client.assertion,
            client.client_id,
            candidates if app and not app.revoked else (),
            audiences,
            (now - ticks.UNIX_EPOCH) / ticks.PER_SECOND,
        )
    except ClaimError as error:
        raise GrantError("invalid_client", f"the client assertion is not valid: {error}", 401) from None
    if app is None or verified is None:
        raise _refused()
    if verified.certificate.expires <= now:
        raise GrantError("invalid_client", "this certificate has expired; add a new one", 401)
    ends = ticks.UNIX_EPOCH + int(verified.ends * ticks.PER_SECOND)
    with store.writing() as transaction:
        if not credentials.use_once(transaction, client.client_id, verified.digest, ends, now):
            raise GrantError("invalid_client", "the client assertion was used before; its jti must be new", 401)
        if _is_old(verified.certificate, now):
            credentials.certificate_used(transaction, client.client_id, verified.certificate.thumbprint, now)
    return app


def _refused() -> GrantError:
    return GrantError("invalid_client", "unknown client, wrong secret or key, or a revoked app", 401)


def _note_use(store: Store, app: App, secret: AppSecret, now: int) -> None:
    if _is_old(secret, now):
        # The app is authenticated. It may sign in even if the store cannot be written now.
        with suppress(StoreUnavailableError), store.writing() as transaction:
            credentials.secret_used(transaction, app.client_id, secret.secret_hash, now)


def _is_old(kept: AppSecret | AppCertificate, now: int) -> bool:
    return not 0 <= now - kept.last_used < USE_NOTED_SECONDS * ticks.PER_SECOND
