"""Parses the option `--trust-issuer`: an external issuer, and how its claims map to a tenant and permissions.

Each issuer needs an audience, and a tenant or a claim that names the tenant. Without an audience, a token that was
issued for any other service would be accepted here.
"""

from typing import Final

import msgspec

from jobreport.identity import issuer_words
from jobreport.identity.apps.permissions import canonical
from jobreport.identity.issuer_words import Word
from jobreport.identity.tenants import TenantError, check_name

FORM: Final = 'URL audience=NAME (tenant=NAME | tenant-claim=CLAIM) [roles-claim=CLAIM] ["role:ROLE=PERMISSION"] …'


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
        url, words = issuer_words.split(text, called="an issuer", form=FORM)
    except ValueError as error:
        raise TrustError(str(error)) from None
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


def _with(found: TrustedIssuer, word: Word) -> TrustedIssuer:
    """Returns the issuer with one more setting."""
    name, value = word.name, word.value
    try:
        if name == "audience":
            return msgspec.structs.replace(found, audiences=(*found.audiences, value))
        if name == "tenant":
            check_name(value)
            return msgspec.structs.replace(found, tenant=value)
        if name in ("tenant-claim", "roles-claim"):
            return msgspec.structs.replace(found, **{name.replace("-", "_"): value})
        if word.kind == "tenant":
            check_name(value)
            return msgspec.structs.replace(found, tenants={**found.tenants, word.key: value})
        if word.kind == "role":
            return msgspec.structs.replace(found, roles={**found.roles, word.key: canonical([value])[0]})
    except (TenantError, ValueError) as error:
        raise TrustError(f"{found.issuer}: {word.text}: {error}") from None
    raise TrustError(f"{found.issuer}: there is no setting {name!r}; an issuer is written as: {FORM}")
