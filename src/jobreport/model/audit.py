"""Entries of the audit log: who did what to whom and when, and the hash by which each holds the entry before it."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

SERVICE: Final = 0
"""The tenant whose chain is the service's own: what concerns no tenant, or more than one."""
START: Final = bytes(32)
"""What stands for the entry before the first."""

Detail = Mapping[str, str | int | bool | list[str] | dict[str, int] | None]


class Action(StrEnum):
    """What can be done. The first word is what it is done to."""

    AppCreated = "app.created"
    AppRevoked = "app.revoked"
    AppTenants = "app.tenants"
    SecretAdded = "secret.added"
    SecretEnded = "secret.ended"
    CertificateAdded = "certificate.added"
    CertificateEnded = "certificate.ended"
    KeyCreated = "key.created"
    KeyRetired = "key.retired"
    KeyDeleted = "key.deleted"
    KeysEncrypted = "keys.encrypted"
    TenantCreated = "tenant.created"
    TenantSuspended = "tenant.suspended"
    TenantResumed = "tenant.resumed"
    TenantDeleted = "tenant.deleted"
    TenantPurged = "tenant.purged"
    SignedIn = "sign-in.granted"
    SignInRefused = "sign-in.refused"
    JobsPruned = "jobs.pruned"
    StoreRestored = "store.restored"
    StoreRepaired = "store.repaired"
    StoreMigrated = "store.migrated"
    ChainBegun = "audit.begun"
    ChainsNoted = "audit.noted"


class Actor(msgspec.Struct, frozen=True):
    """Who did it: `user:NAME` at a command line, `app:CLIENT_ID` through the API, or `service`; and from where.

    `address` is a network address, or the machine's name for a command line; `request_id` is empty there.
    """

    name: str
    address: str = ""
    request_id: str = ""


ITSELF: Final = Actor("service")
"""The service, of its own accord."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done. `at` in ticks; `target` names what it was done to; no secret is in `detail`."""

    tenant: int
    at: int
    actor: Actor
    action: Action
    target: str = ""
    detail: Detail = {}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as a chain keeps it: its number from 1, the hash of the one before, and its own."""

    tenant: int
    number: int
    at: int
    actor: str
    action: str
    target: str
    address: str
    request_id: str
    detail: str
    previous: bytes
    hash: bytes = b""

    def computed(self) -> bytes:
        """The hash that the entry must have: SHA-256 of everything else in it, as a JSON array."""
        fields = [getattr(self, name) for name in _HASHED]
        return hashlib.sha256(msgspec.json.encode([*fields, self.previous.hex()])).digest()


_HASHED: Final = tuple(name for name in Link.__struct_fields__ if name not in ("previous", "hash"))


def link(entry: AuditEntry, number: int, previous: bytes) -> Link:
    """The entry with its place in a chain. What no database can hold of a text is replaced."""
    new = Link(
        tenant=entry.tenant,
        number=number,
        at=entry.at,
        actor=_kept(entry.actor.name),
        action=entry.action.value,
        target=_kept(entry.target),
        address=_kept(entry.actor.address),
        request_id=_kept(entry.actor.request_id),
        detail=_kept(msgspec.json.encode(entry.detail, order="sorted").decode()),
        previous=previous,
    )
    return msgspec.structs.replace(new, hash=new.computed())


def _kept(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
