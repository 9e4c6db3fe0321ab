"""The fields of a token request in, the grant or RFC 6749's error out: the rules of the token endpoint."""

import hmac
from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.identity.permissions import PERMISSIONS, canonical
from jobreport.identity.principals import not_admitted
from jobreport.identity.registrations import hash_secret
from jobreport.store import Store, registry
from jobreport.store.registry import App

GRANT_TYPE: Final = "client_credentials"
_NO_HASH: Final = hash_secret("")


class GrantError(Exception):
    """A token request that is refused: RFC 6749 §5.2's code, a description without secrets, the HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        self.error, self.description, self.status = error, description, status
        super().__init__(f"{error}: {description}")


class Grant(msgspec.Struct, frozen=True):
    """The app that signed in, and the permissions that its token is to carry."""

    app: App
    permissions: tuple[str, ...]


def client_credentials(store: Store, form: Sequence[tuple[str, str]]) -> Grant:
    """Judges a request by RFC 6749 §4.4; GrantError where it is refused."""
    fields = dict(form)
    if len(fields) != len(form):
        raise GrantError("invalid_request", "a field is there more than once (RFC 6749 §3.2)")
    if not fields.get("grant_type"):
        raise GrantError("invalid_request", "grant_type is missing; send grant_type=client_credentials")
    if fields["grant_type"] != GRANT_TYPE:
        raise GrantError("unsupported_grant_type", "the one grant type here is client_credentials")
    for name in ("client_id", "client_secret"):
        if not fields.get(name):
            raise GrantError("invalid_request", f"{name} is missing")
    app = _sign_in(store, fields["client_id"], fields["client_secret"])
    # Said only to who proved who he is.
    if refused := not_admitted(app):
        raise GrantError("unauthorized_client", refused)
    return Grant(app, _scope(app, fields.get("scope", "")))


def _sign_in(store: Store, client_id: str, secret: str) -> App:
    with store.reading() as transaction:
        app = registry.find_app(transaction, client_id)
    now = store.clock()
    given = hash_secret(secret)
    # Every hash is compared, in constant time, and an unknown client compares one too: nothing tells which was wrong.
    matching = [kept for kept in (app.secrets if app else ()) if hmac.compare_digest(kept.secret_hash, given)]
    hmac.compare_digest(_NO_HASH, given)
    if app is None or app.revoked or not matching:
        raise GrantError("invalid_client", "unknown client, wrong secret, or a revoked app", 401)
    if all(kept.expires <= now for kept in matching):
        raise GrantError("invalid_client", "this client secret has expired; rotate it", 401)
    return app


def _scope(app: App, scope: str) -> tuple[str, ...]:
    """The permissions asked for, or all that were granted where none is named (contract, "Tokens")."""
    if not scope.split():
        return app.permissions
    try:
        asked = canonical(scope.split())
    except ValueError:
        raise GrantError("invalid_scope", f"the scopes here are {' '.join(PERMISSIONS)}") from None
    missing = [name for name in asked if name not in app.permissions]
    if missing:
        raise GrantError("invalid_scope", f"this app was not granted {' '.join(missing)}")
    return asked
