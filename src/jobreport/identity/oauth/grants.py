"""The fields of a token request in, the grant or RFC 6749's error out: the rules of the token endpoint."""

from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.identity.apps.permissions import PERMISSIONS, canonical
from jobreport.identity.oauth import clients
from jobreport.identity.oauth.clients import GrantError
from jobreport.identity.principals import not_admitted
from jobreport.store import Store
from jobreport.store.registry.apps import App

__all__ = ["GRANT_TYPE", "Grant", "GrantError", "client_credentials"]

GRANT_TYPE: Final = "client_credentials"


class Grant(msgspec.Struct, frozen=True):
    """The app that signed in, and the permissions that its token is to carry."""

    app: App
    permissions: tuple[str, ...]


def client_credentials(
    store: Store, form: Sequence[tuple[str, str]], basic: tuple[str, str] | None = None, audiences: Sequence[str] = ()
) -> Grant:
    """Judges a request by RFC 6749 §4.4; GrantError where it is refused.

    `basic`: client ID and secret of a Basic header. `audiences`: what a client assertion may be made for.
    """
    fields = dict(form)
    if len(fields) != len(form):
        raise GrantError("invalid_request", "a field is there more than once (RFC 6749 §3.2)")
    if not fields.get("grant_type"):
        raise GrantError("invalid_request", "grant_type is missing; send grant_type=client_credentials")
    if fields["grant_type"] != GRANT_TYPE:
        raise GrantError("unsupported_grant_type", "the one grant type here is client_credentials")
    app = clients.sign_in(store, clients.claimed(fields, basic), audiences)
    # Said only to who proved who he is.
    if refused := not_admitted(app):
        raise GrantError("unauthorized_client", refused)
    return Grant(app, _scope(app, fields.get("scope", "")))


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
