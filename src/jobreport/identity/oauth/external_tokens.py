"""Verifies access tokens of external issuers, and reads their app, tenant and permissions.

Only app-only tokens are accepted, as the client credentials grant gives them. A token that an app got in the name of a
person is refused: what that person may do elsewhere says nothing about what the app may do here.
"""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from jobreport.identity.apps.permissions import PERMISSIONS
from jobreport.identity.oauth import jwts
from jobreport.identity.oauth.claim_values import at, texts
from jobreport.identity.oauth.issuers import Issuer
from jobreport.identity.oauth.jwts import ClaimError, Claims
from jobreport.identity.oauth.trust import TrustedIssuer
from jobreport.model import ticks
from jobreport.model.tenants import SERVICE_NAME

TYPES: Final = ("jwt", "at+jwt", "application/at+jwt")
"""The accepted values of `typ` in the header (RFC 9068 §2.1, and older ones)."""
MAX_CLIENT: Final = 256
"""The most characters of an external app's ID."""
CLIENT_CLAIMS: Final = ("client_id", "azp", "appid", "cid")
"""The claims that may contain the app's ID: those of RFC 9068 and Keycloak, Entra ID 2.0, Entra ID 1.0, and Okta."""
PERSONAL_CLAIMS: Final = (
    *("upn", "unique_name", "email", "given_name", "family_name", "name"),
    *("uid", "nonce", "auth_time", "amr", "sid", "session_state"),
)
"""Claims that are only in the token of a person."""

_BY_FOLDED_NAME: Final = {name.casefold(): name for name in PERMISSIONS}


class ExternalApp(msgspec.Struct, frozen=True):
    """An app of an external issuer. Its `client_id` also contains the issuer, so it never equals one of our own IDs.

    `expires` is the time when its token expires, in ticks.
    """

    client_id: str
    tenant_name: str
    permissions: frozenset[str]
    expires: int


class ExternalTokens:
    """Verifies the tokens of the trusted external issuers."""

    def __init__(self, trusted: Iterable[TrustedIssuer], clock: Callable[[], int]) -> None:
        self._clock = clock
        self._issuers = {one.issuer: (one, Issuer(one.issuer, clock)) for one in trusted}

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        """The trusted issuers with their keys."""
        return tuple(issuer for _, issuer in self._issuers.values())

    def issuer_of(self, token: str) -> str:
        """Returns the trusted issuer that the token names, which is not verified yet; empty if it names none."""
        if not self._issuers:
            return ""
        name = jwts.peek(token)[1].get("iss")
        return name if isinstance(name, str) and name in self._issuers else ""

    def verify(self, token: str, name: str) -> ExternalApp:
        """Verifies a token that names the issuer `name`, and returns its app.

        Raises ClaimError if the token is forged or expired, for another audience, or a person's; IssuerError if the
        issuer's keys cannot be fetched.
        """
        trusted, issuer = self._issuers[name]
        claims = issuer.verified_claims(token, TYPES)
        if claims.get("iss") != trusted.issuer:
            raise ClaimError("iss is another issuer")
        audience = claims.get("aud")
        if not set(trusted.audiences) & set(texts(audience)):
            raise ClaimError("aud names another service")
        now = (self._clock() - ticks.UNIX_EPOCH) / ticks.PER_SECOND
        ends = jwts.check_times(claims, now)
        client = _client(claims, trusted)
        return ExternalApp(
            f"{client}@{trusted.issuer}",
            _tenant(claims, trusted),
            _permissions(claims, trusted),
            ticks.UNIX_EPOCH + int((ends + jwts.SKEW_SECONDS) * ticks.PER_SECOND),
        )


def _client(claims: Claims, trusted: TrustedIssuer) -> str:
    """Returns the app's ID. Raises ClaimError if the token was, or may have been, issued in the name of a person."""
    client = next((claims[name] for name in CLIENT_CLAIMS if claims.get(name)), None)
    if not isinstance(client, str) or not client.isprintable() or len(client) > MAX_CLIENT:
        raise ClaimError("it names no app (client_id, azp, appid or cid), as an access token does")
    if claims.get("typ", "Bearer") != "Bearer":  # Keycloak's own word, within the token
        raise ClaimError("it is no access token")
    if claims.get("idtyp", "app") != "app":
        raise ClaimError("it is a person's, by idtyp, and not an app's own")
    if "scp" in claims and (trusted.roles_claim != "scp" or not isinstance(claims["scp"], list)):
        # In Entra ID, `scp` is what a person allows an app to do; in Okta, what an app itself may do.
        raise ClaimError("it is a person's, by scp, and not an app's own")
    for name in PERSONAL_CLAIMS:
        if claims.get(name):
            raise ClaimError(f"it is a person's, by {name}, and not an app's own")
    named = claims.get("preferred_username")
    if named and named != f"service-account-{client}".lower():  # Keycloak's name of an app's own account
        raise ClaimError("it is a person's, by preferred_username, and not an app's own")
    # Entra ID: in an app-only token both are the service principal; in a person's token they differ.
    if claims.get("oid") and claims.get("oid") != claims.get("sub"):
        raise ClaimError("it is a person's: oid and sub differ")
    return client


def _tenant(claims: Claims, trusted: TrustedIssuer) -> str:
    if trusted.tenant:
        return trusted.tenant
    names = texts(at(claims, trusted.tenant_claim))
    if len(names) != 1:
        raise ClaimError(f"{trusted.tenant_claim} names no tenant")
    if not trusted.tenants:
        if names[0] == SERVICE_NAME:  # only the operator may give access to the operator's own tenant
            raise ClaimError(f"{trusted.tenant_claim} names a tenant that is none here")
        return names[0]
    if names[0] not in trusted.tenants:
        raise ClaimError(f"{trusted.tenant_claim} names a tenant that is none here")
    return trusted.tenants[names[0]]


def _permissions(claims: Claims, trusted: TrustedIssuer) -> frozenset[str]:
    listed = at(claims, trusted.roles_claim)
    # A single text contains several names with spaces between them, like `scope` (RFC 9068 §2.2.3).
    names = texts(listed.split() if isinstance(listed, str) else listed)
    if trusted.roles:
        return frozenset(trusted.roles[name] for name in names if name in trusted.roles)
    return frozenset(_BY_FOLDED_NAME[name.casefold()] for name in names if name.casefold() in _BY_FOLDED_NAME)
