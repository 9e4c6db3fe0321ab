"""An access token of an outside issuer in; the app that it speaks for, its tenant and its permissions out.

App-only tokens alone: what a person may see elsewhere says nothing of what a program may see here.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from jobreport.identity.apps.permissions import PERMISSIONS
from jobreport.identity.oauth import jwts
from jobreport.identity.oauth.issuers import Issuer
from jobreport.identity.oauth.jwts import ClaimError, Claims
from jobreport.identity.oauth.trust import Trusted
from jobreport.model import ticks
from jobreport.model.tenants import SERVICE_NAME

TYPES: Final = ("jwt", "at+jwt", "application/at+jwt")
"""What an access token's header may call it (RFC 9068 §2.1 and before)."""
MAX_CLIENT: Final = 256
"""Characters of an outside app's ID."""
CLIENT_CLAIMS: Final = ("client_id", "azp", "appid", "cid")
"""Where the app's ID stands: RFC 9068 and Keycloak, Entra ID 2.0, Entra ID 1.0, Okta."""
PERSONS_CLAIMS: Final = (
    *("upn", "unique_name", "email", "given_name", "family_name", "name"),
    *("uid", "nonce", "auth_time", "amr", "sid", "session_state"),
)
"""What a token has only where a person signed in."""

_BY_FOLDED_NAME: Final = {name.casefold(): name for name in PERMISSIONS}


class Outsider(msgspec.Struct, frozen=True):
    """An app of an outside issuer. `client_id` also names the issuer, so that it is never one of ours.

    `expires` in ticks, until when its token is good.
    """

    client_id: str
    tenant_name: str
    permissions: frozenset[str]
    expires: int


class Outside:
    """The outside issuers that are trusted, and what their tokens say."""

    def __init__(self, trusted: Iterable[Trusted], clock: Callable[[], int]) -> None:
        self._clock = clock
        self._issuers = {one.issuer: (one, Issuer(one.issuer, clock)) for one in trusted}

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        """All of them."""
        return tuple(issuer for _, issuer in self._issuers.values())

    def named(self, token: str) -> str:
        """The trusted issuer that the token claims to be from; empty where it claims none of them."""
        if not self._issuers:
            return ""
        name = jwts.peek(token)[1].get("iss")
        return name if isinstance(name, str) and name in self._issuers else ""

    def verify(self, token: str, name: str) -> Outsider:
        """Who the token of the issuer `name` speaks for.

        ClaimError where it is forged, over, for somebody else, or a person's; IssuerError where the issuer's keys
        cannot be had.
        """
        trusted, issuer = self._issuers[name]
        claims = _proven(token, issuer)
        if claims.get("iss") != trusted.issuer:
            raise ClaimError("iss is another issuer")
        audience = claims.get("aud")
        if not set(trusted.audiences) & set(_texts(audience)):
            raise ClaimError("aud names another service")
        now = (self._clock() - ticks.UNIX_EPOCH) / ticks.PER_SECOND
        ends = jwts.check_times(claims, now)
        client = _client(claims, trusted)
        return Outsider(
            f"{client}@{trusted.issuer}",
            _tenant(claims, trusted),
            _permissions(claims, trusted),
            ticks.UNIX_EPOCH + int((ends + jwts.SKEW_SECONDS) * ticks.PER_SECOND),
        )


def _proven(token: str, issuer: Issuer) -> Claims:
    header, _ = jwts.peek(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in jwts.ALGORITHMS:
        raise ClaimError("it is not signed by an algorithm that is taken here")
    if not isinstance(kid, str | None):
        raise ClaimError("its key ID is no text")
    if str(header.get("typ", "JWT")).casefold() not in TYPES:
        raise ClaimError("it is no access token")
    keys = issuer.keys(kid, algorithm)
    if not keys:
        raise ClaimError("it is signed with a key that its issuer does not publish")
    for key in keys:
        claims = jwts.proven(token, key, algorithm)
        if claims is not None:
            return claims
    raise ClaimError("its signature is not its issuer's")


def _client(claims: Claims, trusted: Trusted) -> str:
    """The app's ID, where the token is an app's own; ClaimError where a person stands behind it, or might."""
    client = next((claims[name] for name in CLIENT_CLAIMS if claims.get(name)), None)
    if not isinstance(client, str) or not client.isprintable() or len(client) > MAX_CLIENT:
        raise ClaimError("it names no app (client_id, azp, appid or cid), as an access token does")
    if claims.get("typ", "Bearer") != "Bearer":  # Keycloak's own word, within the token
        raise ClaimError("it is no access token")
    if claims.get("idtyp", "app") != "app":
        raise ClaimError("it is a person's, by idtyp, and not an app's own")
    if "scp" in claims and (trusted.roles_claim != "scp" or not isinstance(claims["scp"], list)):
        # Entra ID: what a person lets an app do in his name. Okta lists there what an app may do itself.
        raise ClaimError("it is a person's, by scp, and not an app's own")
    for name in PERSONS_CLAIMS:
        if claims.get(name):
            raise ClaimError(f"it is a person's, by {name}, and not an app's own")
    named = claims.get("preferred_username")
    if named and named != f"service-account-{client}".lower():  # how Keycloak calls an app's own account
        raise ClaimError("it is a person's, by preferred_username, and not an app's own")
    # Entra ID: the service principal is both, and of a person's token neither is the other.
    if claims.get("oid") and claims.get("oid") != claims.get("sub"):
        raise ClaimError("it is a person's: oid and sub differ")
    return client


def _tenant(claims: Claims, trusted: Trusted) -> str:
    if trusted.tenant:
        return trusted.tenant
    found = _texts(_at(claims, trusted.tenant_claim))
    if len(found) != 1:
        raise ClaimError(f"{trusted.tenant_claim} names no tenant")
    if not trusted.tenants:
        if found[0] == SERVICE_NAME:  # only the operator says who may ask for what is the operator's own
            raise ClaimError(f"{trusted.tenant_claim} names a tenant that is none here")
        return found[0]
    if found[0] not in trusted.tenants:
        raise ClaimError(f"{trusted.tenant_claim} names a tenant that is none here")
    return trusted.tenants[found[0]]


def _permissions(claims: Claims, trusted: Trusted) -> frozenset[str]:
    listed = _at(claims, trusted.roles_claim)
    # One text holds them with spaces between, as `scope` does (RFC 9068 §2.2.3).
    names = _texts(listed.split() if isinstance(listed, str) else listed)
    if trusted.roles:
        return frozenset(trusted.roles[name] for name in names if name in trusted.roles)
    return frozenset(_BY_FOLDED_NAME[name.casefold()] for name in names if name.casefold() in _BY_FOLDED_NAME)


def _at(claims: Claims, path: str) -> Any:
    """The claim of this name; or, where there is none, what a path of names with dots leads to."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _texts(value: Any) -> list[str]:
    """One text, or each of a list's. Anything else is none."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str) and one]
