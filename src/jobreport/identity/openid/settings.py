"""Parses the option `--sign-in-provider`: the company's OpenID provider, and the roles and tenants that it gives."""

from typing import Final
from urllib.parse import urlsplit

import msgspec

from jobreport.identity import issuer_words
from jobreport.identity.issuer_words import Word
from jobreport.identity.tenants import TenantError, check_name
from jobreport.model.roles import NAMES, Role
from jobreport.model.tenants import SERVICE_NAME

FORM: Final = (
    "URL client-id=ID (tenant=NAME | tenants-claim=CLAIM | all-tenants=VALUE) … [roles-claim=CLAIM] "
    '["role:VALUE=ROLE"] … ["tenant:VALUE=NAME"] … ["name=LABEL"] [name-claim=CLAIM] [scope=SCOPE] … [ca=FILE]'
)
MAX_LABEL: Final = 40
_ONCE: Final = {
    "client-id": "client_id",
    "roles-claim": "roles_claim",
    "tenants-claim": "tenants_claim",
    "name": "name",
    "name-claim": "name_claim",
    "ca": "ca",
}
"""The settings that are one text each, and their fields. If one is given twice, the last counts."""


class ProviderError(ValueError):
    """Raised if a `--sign-in-provider` is not valid. The message says why."""


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The company's OpenID provider, by which people sign in.

    `issuer` must be exactly the issuer in the provider's documents and tokens. `roles` maps values of the claim
    `roles_claim` to roles; if it is empty, a value must be the name of a role. Everybody with a role sees `tenants`,
    and the tenants in the claim `tenants_claim`. `tenant_names` maps values of that claim to names of tenants; if it is
    empty, the values are the names. Whoever has a value of `all_tenants` in one of the two claims sees all tenants.
    `ca` is a file with the certificate of the authority that signed the provider's. `repr` shows no secret.
    """

    issuer: str
    client_id: str = ""
    client_secret: str | None = None
    roles_claim: str = "roles"
    roles: dict[str, Role] = {}
    tenants: tuple[str, ...] = ()
    tenants_claim: str = ""
    tenant_names: dict[str, str] = {}
    all_tenants: tuple[str, ...] = ()
    name: str = ""
    name_claim: str = "preferred_username"
    scopes: tuple[str, ...] = ()
    ca: str = ""

    def __repr__(self) -> str:
        return f"ProviderSettings(issuer={self.issuer!r})"

    @property
    def label(self) -> str:
        """What people call the provider: its name, or else its host."""
        return self.name or str(urlsplit(self.issuer).hostname)

    @property
    def named_tenants(self) -> frozenset[str]:
        """The tenants that the settings name."""
        return frozenset({*self.tenants, *self.tenant_names.values()})

    def role_of(self, value: str) -> Role | None:
        """Returns the role that this value of the claim gives; None if it gives none."""
        return self.roles.get(value) if self.roles else NAMES.get(value.casefold())

    def tenant_named(self, value: str) -> str:
        """Returns the name of the tenant that this value of the claim stands for; empty if it can stand for none."""
        if self.tenant_names:
            return self.tenant_names.get(value, "")
        # Only the settings may give somebody the service's own tenant.
        return "" if value == SERVICE_NAME else value


def parse_provider(text: str, secret: str | None = None) -> ProviderSettings:
    """Returns the provider in the text of `--sign-in-provider` (see `FORM`), with its client secret.

    Raises ProviderError if it is not valid.
    """
    try:
        url, words = issuer_words.split(text, called="a provider", form=FORM)
    except ValueError as error:
        raise ProviderError(str(error)) from None
    found = ProviderSettings(issuer=url, client_secret=secret)
    for word in words:
        found = _with(found, word)
    if not found.client_id:
        raise ProviderError(f"{url}: client-id=… is missing; the provider gives it when Jobreport is registered there")
    if not (found.tenants or found.tenants_claim or found.all_tenants):
        raise ProviderError(f"{url}: say by tenant=…, tenants-claim=… or all-tenants=… what people may see")
    if found.tenant_names and not found.tenants_claim:
        raise ProviderError(f"{url}: tenant:VALUE=NAME needs tenants-claim=…")
    if len(found.name) > MAX_LABEL or not found.name.isprintable():
        raise ProviderError(f"{url}: name=… has at most {MAX_LABEL} printable characters")
    return found


def _with(found: ProviderSettings, word: Word) -> ProviderSettings:
    """Returns the provider with one more setting."""
    name, value = word.name, word.value
    try:
        if name in _ONCE:
            return msgspec.structs.replace(found, **{_ONCE[name]: value})
        if name == "tenant":
            check_name(value)
            return msgspec.structs.replace(found, tenants=(*found.tenants, value))
        if name == "all-tenants":
            return msgspec.structs.replace(found, all_tenants=(*found.all_tenants, value))
        if name == "scope":
            return msgspec.structs.replace(found, scopes=(*found.scopes, *value.split()))
        if word.kind == "tenant":
            check_name(value)
            return msgspec.structs.replace(found, tenant_names={**found.tenant_names, word.key: value})
    except TenantError as error:
        raise ProviderError(f"{found.issuer}: {word.text}: {error}") from None
    if word.kind == "role":
        if value not in NAMES:
            raise ProviderError(f"{found.issuer}: {word.text}: a role is one of {', '.join(NAMES)}")
        return msgspec.structs.replace(found, roles={**found.roles, word.key: NAMES[value]})
    raise ProviderError(f"{found.issuer}: there is no setting {name!r}; a provider is written as: {FORM}")
