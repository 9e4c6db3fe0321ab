"""What a token request says of its sender in; the app that proves itself by it out, or RFC 6749's error.

A client secret, in the form or in a Basic header (RFC 6749 §2.3.1), or an assertion that a certificate proves
(RFC 7523 §2.2). Whoever does not prove himself is told the same after as long a time, whatever was wrong.
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
"""How an app may prove itself, by the names of OpenID Connect Core 1.0 §9."""
USE_NOTED_SECONDS: Final = 3600
"""How exactly the last use of a secret or a certificate is known: most sign-ins then need not wait for the disk."""
_NO_HASH: Final = hash_secret("")


class GrantError(Exception):
    """A token request that is refused: RFC 6749 §5.2's code, a description without secrets, the HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        self.error, self.description, self.status = error, description, status
        super().__init__(f"{error}: {description}")


class Claimed(msgspec.Struct, frozen=True):
    """Who the sender says he is, and his one proof: a secret or else an assertion."""

    client_id: str
    secret: str = ""
    assertion: str = ""


def named(fields: Mapping[str, str], basic: tuple[str, str] | None) -> str:
    """The client ID that a request names, however it does; nobody has proved it yet. Empty where it names none."""
    if basic:
        return basic[0]
    return fields.get("client_id") or assertions.claimed_client(fields.get("client_assertion", ""))


def claimed(fields: Mapping[str, str], basic: tuple[str, str] | None) -> Claimed:
    """What a form and a Basic header (ID and secret) claim; GrantError where it is no one way of signing in."""
    client_id, secret, assertion = (fields.get(name, "") for name in ("client_id", "client_secret", "client_assertion"))
    in_header = basic[1] if basic else ""
    if bool(in_header) + bool(secret) + bool(assertion) > 1:
        raise GrantError("invalid_request", "the request signs in in more than one way; choose one (RFC 6749 §2.3)")
    if basic:
        if client_id and client_id != basic[0]:
            raise GrantError("invalid_request", "client_id and the Authorization header name different apps")
        if in_header:
            return Claimed(basic[0], secret=in_header)
        # Without a secret it signs nobody in. Older .NET clients name the app so, beside an assertion.
        client_id = basic[0]
    kind = fields.get("client_assertion_type", "")
    if assertion or kind:
        if kind != assertions.ASSERTION_TYPE:
            raise GrantError("invalid_request", f"client_assertion_type must be {assertions.ASSERTION_TYPE}")
        if not assertion:
            raise GrantError("invalid_request", "client_assertion is missing")
        # RFC 7521 §4.2: client_id may be left out, and otherwise is the same.
        sub = assertions.claimed_client(assertion)
        if client_id and sub and client_id != sub:
            raise GrantError("invalid_request", "client_id is not the sub of client_assertion")
        return Claimed(client_id or sub, assertion=assertion)
    for name, value in (("client_id", client_id), ("client_secret", secret)):
        if not value:
            raise GrantError("invalid_request", f"{name} is missing")
    return Claimed(client_id, secret=secret)


def sign_in(store: Store, client: Claimed, audiences: Sequence[str]) -> App:
    """The app that proves itself, an assertion for one of `audiences`; GrantError `invalid_client` otherwise."""
    if client.assertion:
        return _by_assertion(store, client, audiences)
    return _by_secret(store, client)


def _by_secret(store: Store, client: Claimed) -> App:
    with store.reading() as transaction:
        app = apps.find_app(transaction, client.client_id)
    now = store.clock()
    given = hash_secret(client.secret)
    # Every hash is compared, in constant time, and an unknown client compares one too: nothing tells which was wrong.
    matching = [kept for kept in (app.secrets if app else ()) if hmac.compare_digest(kept.secret_hash, given)]
    hmac.compare_digest(_NO_HASH, given)
    if app is None or app.revoked or not matching:
        raise _refused()
    if all(kept.expires <= now for kept in matching):
        raise GrantError("invalid_client", "this client secret has expired or was revoked; use a new one", 401)
    _note_use(store, app, matching[0], now)
    return app


def _by_assertion(store: Store, client: Claimed, audiences: Sequence[str]) -> App:
    with store.reading() as transaction:
        app = apps.find_app(transaction, client.client_id)
        kept = credentials.certificates_of(transaction, client.client_id)
    now = store.clock()
    # Those that count first; one that has expired is told so, where there is room to try it.
    candidates = sorted((one for one in kept if not one.ended), key=lambda one: one.expires, reverse=True)
    try:
        proof = assertions.prove(
            client.assertion,
            client.client_id,
            candidates if app and not app.revoked else (),
            audiences,
            (now - ticks.UNIX_EPOCH) / ticks.PER_SECOND,
        )
    except ClaimError as error:
        raise GrantError("invalid_client", f"the client assertion is not valid: {error}", 401) from None
    if app is None or proof is None:
        raise _refused()
    if proof.certificate.expires <= now:
        raise GrantError("invalid_client", "this certificate has expired; add a new one", 401)
    ends = ticks.UNIX_EPOCH + int(proof.ends * ticks.PER_SECOND)
    with store.writing() as transaction:
        if not credentials.use_once(transaction, client.client_id, proof.digest, ends, now):
            raise GrantError("invalid_client", "the client assertion was used before; its jti must be new", 401)
        if _is_old(proof.certificate, now):
            credentials.certificate_used(transaction, client.client_id, proof.certificate.thumbprint, now)
    return app


def _refused() -> GrantError:
    return GrantError("invalid_client", "unknown client, wrong secret or key, or a revoked app", 401)


def _note_use(store: Store, app: App, secret: AppSecret, now: int) -> None:
    if _is_old(secret, now):
        # Whoever proved himself is let in though nobody can write it down.
        with suppress(StoreUnavailableError), store.writing() as transaction:
            credentials.secret_used(transaction, app.client_id, secret.secret_hash, now)


def _is_old(kept: AppSecret | AppCertificate, now: int) -> bool:
    return not 0 <= now - kept.last_used < USE_NOTED_SECONDS * ticks.PER_SECOND
