"""What the access tokens of external issuers claim, in the shapes that Entra ID, Keycloak and Okta give them."""

import time
from collections.abc import Callable
from typing import Any

from stub_issuer import StubIssuer

OURS = "https://jobs.example.com"
"""The service that is asked, as it calls itself."""
READ, READ_WRITE = "PlatformBackup.Read.All", "PlatformBackup.ReadWrite.All"
APP = "6f3f6b56-0c3d-4d0d-8a60-0d3c0a9f1a11"
PRINCIPAL = "b2a0d0a2-76a3-4a6e-9c35-5b0a2f9a4f10"


def claims(issuer: StubIssuer, **more: Any) -> dict[str, Any]:
    """What an app's own access token claims in any case (RFC 9068 §2.2), with more; None takes away."""
    now = int(time.time())
    whole = {
        "iss": issuer.url,
        "aud": "jobreport",
        "sub": "nightly",
        "client_id": "nightly",
        "iat": now,
        "exp": now + 600,
        "jti": "1",
        "roles": [READ],
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def entra_1(issuer: StubIssuer, **more: Any) -> dict[str, Any]:
    """An app-only token of Entra ID, version 1.0."""
    plain = claims(issuer, client_id=None, sub=PRINCIPAL, jti=None)
    return plain | {
        "aud": "api://jobreport",
        "appid": APP,
        "appidacr": "1",
        "idp": issuer.url,
        "oid": PRINCIPAL,
        "tid": "acme",
        "uti": "x",
        "ver": "1.0",
        "nbf": plain["iat"],
        "aio": "E2ZgYPj/",
        "rh": "0.ARwA",
        **more,
    }


def entra_2(issuer: StubIssuer, **more: Any) -> dict[str, Any]:
    """An app-only token of Entra ID, version 2.0."""
    found = entra_1(issuer, aud=APP, azp=APP, azpacr="1", ver="2.0", idtyp="app")
    return {name: value for name, value in found.items() if name not in ("appid", "appidacr", "idp")} | more


def keycloak(issuer: StubIssuer, **more: Any) -> dict[str, Any]:
    """The token of a service account of Keycloak."""
    return claims(
        issuer,
        aud=["jobreport", "account"],
        sub=PRINCIPAL,
        typ="Bearer",
        azp="nightly",
        acr="1",
        roles=None,
        realm_access={"roles": ["offline_access", "default-roles-backup", "reader"]},
        resource_access={"jobreport": {"roles": ["writer", "reader"]}},
        scope="email profile",
        clientHost="127.0.0.1",
        clientAddress="127.0.0.1",
        email_verified=False,
        preferred_username="service-account-nightly",
        **more,
    )


def okta(issuer: StubIssuer, **more: Any) -> dict[str, Any]:
    """A token of an Okta custom authorisation server, by client credentials."""
    return claims(
        issuer, client_id=None, ver=1, cid="0oa1nightly", sub="0oa1nightly", roles=None, scp=["jobs.read"], **more
    )


SHAPES: dict[str, tuple[Callable[..., dict[str, Any]], str, str, set[str]]] = {
    "Entra ID 1.0": (entra_1, "audience=api://jobreport tenant-claim=tid", APP, {READ}),
    "Entra ID 2.0": (entra_2, f"audience={APP} tenant-claim=tid", APP, {READ}),
    "Keycloak, roles of the realm": (
        keycloak,
        f"audience=jobreport tenant=acme roles-claim=realm_access.roles role:reader={READ}",
        "nightly",
        {READ},
    ),
    "Keycloak, roles of a client": (
        keycloak,
        "audience=jobreport tenant=acme roles-claim=resource_access.jobreport.roles "
        f"role:reader={READ} role:writer={READ_WRITE}",
        "nightly",
        {READ, READ_WRITE},
    ),
    "Okta": (
        okta,
        f"audience=jobreport tenant=acme roles-claim=scp role:jobs.read={READ}",
        "0oa1nightly",
        {READ},
    ),
    "RFC 9068": (claims, "audience=jobreport tenant=acme", "nightly", {READ}),
    "scope as one text": (
        lambda issuer, **more: claims(issuer, roles=None, scope=f"other {READ.lower()}", **more),
        "audience=jobreport tenant=acme roles-claim=scope",
        "nightly",
        {READ},
    ),
}
