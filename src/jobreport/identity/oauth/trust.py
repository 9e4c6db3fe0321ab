"""Parses the option `--trust-issuer`: an external issuer, and how its claims map to a tenant and permissions.

Each issuer needs an audience, and a tenant or a claim that names the tenant. Without an audience, a token that was
issued for any other service would be accepted here.
"""

import re
import shlex
from typing import Final
from urllib.parse import urlsplit

import msgspec

from jobreport.hosts import is_loopback
from jobreport.identity.apps.permissions import canonical
from jobreport.identity.tenants import TenantError, check_name

FORM: Final = 'URL audience=NAME (tenant=NAME | tenant-claim=CLAIM) [roles-claim=CLAIM] ["role:ROLE=PERMISSION"] …'

_VISIBLE: Final = re.compile(r"[!-~]+")


class TrustError(ValueError):
    """Raised if a `--trust-issuer` is not valid. The message says why."""


class TrustedIssuer(msgspec.Struct, frozen=True, kw_only=True):
    """An external issuer whose app-only access tokens are accepted.

    `issuer` must equal the `iss` of its tokens exactly, and a token must be for one of `audiences`. The tenant is
    `tenant`, or the value of the claim `tenant_claim`. If `tenants` is not empty, it maps this value to the name of a
    tenant. The permissions are the values of the claim `roles_claim`. If `roles` is not empty, it maps these values to
    permissions.
    """

    issuer: str
    audiences: tuple[str, ...]
    tenant: str = ""
    tenant_claim: str = ""
    tenants: dict[str, str] = {}
    roles_claim: str = "roles"
    roles: dict[str, str] = {}


def parse_trusted(text: str) -> TrustedIssuer:
    """Returns the issuer in the text of one `--trust-issuer` (see `FORM`). Raises TrustError if it is not valid."""
    try:
        url, *words = shlex.split(text)
    except ValueError:
        raise TrustError(f"an issuer is written as: {FORM}") from None
    if not is_safe(url) or re.search(r"[?#@]", url):
        raise TrustError(f"{url!r} is no issuer: it needs an https URL without a query (http on loopback alone)")
    issuer = TrustedIssuer(issuer=url, audiences=())
    for word in words:
        issuer = _with(issuer, word)
    if not issuer.audiences:
        raise TrustError(f"{url}: audience=… is missing; without it tokens for any other service would count here")
    if bool(issuer.tenant) == bool(issuer.tenant_claim):
        raise TrustError(f"{url}: give one of tenant=… and tenant-claim=…")
    if issuer.tenants and not issuer.tenant_claim:
        raise TrustError(f"{url}: tenant:VALUE=NAME needs tenant-claim=…")
    return issuer


def _with(found: TrustedIssuer, word: str) -> TrustedIssuer:
    """Returns the issuer with one more setting."""
    name, _, value = word.partition("=")
    if not value:
        raise TrustError(f"{found.issuer}: {word!r} is no setting; an issuer is written as: {FORM}")
    kind, colon, key = name.partition(":")
    try:
        if name == "audience":
            return msgspec.structs.replace(found, audiences=(*found.audiences, value))
        if name == "tenant":
            check_name(value)
            return msgspec.structs.replace(found, tenant=value)
        if name in ("tenant-claim", "roles-claim"):
            return msgspec.structs.replace(found, **{name.replace("-", "_"): value})
        if colon and key and kind == "tenant":
            check_name(value)
            return msgspec.structs.replace(found, tenants={**found.tenants, key: value})
        if colon and key and kind == "role":
            return msgspec.structs.replace(found, roles={**found.roles, key: canonical([value])[0]})
    except (TenantError, ValueError) as error:
        raise TrustError(f"{found.issuer}: {word}: {error}") from None
    raise TrustError(f"{found.issuer}: there is no setting {name!r}; an issuer is written as: {FORM}")


def is_safe(url: str) -> bool:
    """Whether nobody on the network can change the answer of `url`: it uses HTTPS, or HTTP on loopback.

    Something that is no URL is not safe either: outside visible ASCII (RFC 3986 §2), programs differ in what they read.
    """
    if not _VISIBLE.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and bool(host) and is_loopback(str(host))
