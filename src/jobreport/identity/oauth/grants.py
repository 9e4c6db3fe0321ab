"""The rules of the token endpoint: which app gets a token, and with which permissions (RFC 6749 §4.4)."""

from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.identity.apps.permissions import PERMISSIONS, canonical
from jobreport.identity.oauth import clients
from jobreport.identity.oauth.clients import GrantError
from jobreport.identity.principals import why_not_allowed
from jobreport.store import Store
from jobreport.store.registry.apps import App

__all__ = ["GRANT_TYPE", "Grant", "GrantError", "client_credentials"]

GRANT_TYPE: Final = "client_credentials"


class Grant(msgspec.Struct, frozen=True):
    """The app that signed in, and the permissions of its token.

    `scope` has these permissions for the answer, spelled as the client spelled them, since some clients refuse a token
    with another spelling (contract, "Tokens"; RFC 6749 §5.1).
    """

    app: App
    permissions: tuple[str, ...]
    scope: str


def client_credentials(
    store: Store, form: Sequence[tuple[str, str]], basic: tuple[str, str] | None = None, audiences: Sequence[str] = ()
) -> Grant:
    """Checks a token request by RFC 6749 §4.4, and returns its grant. Raises GrantError if it is refused.

    `basic`: client ID and secret of a Basic header. `audiences`: the audiences that a client assertion may name.
    """
    fields = dict(form)
    if len(fields) != len(form):
        raise GrantError("invalid_request", "a field is there more than once (RFC 6749 §3.2)")
    if not fields.get("grant_type"):
        raise GrantError("invalid_request", "grant_type is missing; send grant_type=client_credentials")
    if fields["grant_type"] != GRANT_TYPE:
        raise GrantError("unsupported_grant_type", "the one grant type here is client_credentials")
    app = clients.sign_in(store, clients.claimed_client(fields, basic), audiences)
    # Only a client that is authenticated learns this.
    if refused := why_not_allowed(app):
        raise GrantError("unauthorized_client", refused)
    names = fields.get("scope", "").split()
    permissions = _permitted(app, names)
    return Grant(app, permissions, " ".join(names or permissions))


def _permitted(app: App, names: Sequence[str]) -> tuple[str, ...]:
    """Returns the permissions that the request names, or all of the app if it names none (contract, "Tokens").

    Raises GrantError if the app does not have one of them.
    """
    if not names:
        return app.permissions
    try:
        asked = canonical(names)
    except ValueError:
        raise GrantError("invalid_scope", f"the scopes here are {' '.join(PERMISSIONS)}") from None
    missing = [name for name in asked if name not in app.permissions]
    if missing:
        raise GrantError("invalid_scope", f"this app was not granted {' '.join(missing)}")
    return asked
