"""Entries of the audit log. Each says who did what, to what and when, and contains the hash of the entry before it."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

SERVICE: Final = 0
"""The tenant number of the service's own chain, for actions that concern no tenant, or more than one."""
START: Final = bytes(32)
"""The hash that the first entry contains, since there is no entry before it."""

Detail = Mapping[str, str | int | bool | list[str] | dict[str, int] | None]


class Action(StrEnum):
    """The actions that are logged. The first word names what was changed."""

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
    TenantChanged = "tenant.changed"
    TenantSuspended = "tenant.suspended"
    TenantResumed = "tenant.resumed"
    TenantDeleted = "tenant.deleted"
    TenantPurged = "tenant.purged"
    OperatorAdded = "operator.added"
    OperatorChanged = "operator.changed"
    OperatorDisabled = "operator.disabled"
    OperatorEnabled = "operator.enabled"
    OperatorRemoved = "operator.removed"
    OperatorPassword = "operator.password"
    OperatorLink = "operator.link"
    OperatorSignedIn = "operator.signed-in"
    OperatorSignedOut = "operator.signed-out"
    SeriesTaken = "series.taken"
    SeriesRetired = "series.retired"
    SeriesUnmarked = "series.unmarked"
    IncidentOpened = "incident.opened"
    IncidentClosed = "incident.closed"
    IncidentReturned = "incident.returned"
    IncidentTicket = "incident.ticket"
    ExpectationSet = "expectation.set"
    ExpectationRemoved = "expectation.removed"
    WallCreated = "wall.created"
    WallEnded = "wall.ended"
    InboxCreated = "inbox.created"
    InboxShown = "inbox.shown"
    InboxRotated = "inbox.rotated"
    InboxRevoked = "inbox.revoked"
    UnreadDeleted = "unread.deleted"
    PingKeyCreated = "ping-key.created"
    PingKeyShown = "ping-key.shown"
    PingKeyRevoked = "ping-key.revoked"
    HolesAcknowledged = "connector.acknowledged"
    ConnectorForgotten = "connector.forgotten"
    MessagesRetried = "messages.retried"
    MessagesDropped = "messages.dropped"
    Pinged = "pings.taken"
    PingsRefused = "pings.refused"
    SignedIn = "sign-in.granted"
    SignInRefused = "sign-in.refused"
    JobsPruned = "jobs.pruned"
    StoreRestored = "store.restored"
    StoreRepaired = "store.repaired"
    StoreMigrated = "store.migrated"
    ChainBegun = "audit.begun"
    ChainsNoted = "audit.noted"


class Actor(msgspec.Struct, frozen=True):
    """The person or program that did something: `user:NAME` at a command line, `app:CLIENT_ID` through the API,
    `operator:NAME` in the monitor, or `service`.

    `address` is a network address; for a command line it is the machine's name, and `request_id` is empty.
    """

    name: str
    address: str = ""
    request_id: str = ""


ITSELF: Final = Actor("service")
"""The service, if it did something without being asked."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One action. `at` is in ticks; `target` names what was changed; `detail` must not contain a secret."""

    tenant: int
    at: int
    actor: Actor
    action: Action
    target: str = ""
    detail: Detail = {}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in a chain: with its number (from 1), the hash of the entry before it (`previous`), and its own hash."""

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
        """Returns the hash that the entry must have: the SHA-256 of all its other fields, as a JSON array."""
        fields = [getattr(self, name) for name in _HASHED]
        return hashlib.sha256(msgspec.json.encode([*fields, self.previous.hex()])).digest()


_HASHED: Final = tuple(name for name in Link.__struct_fields__ if name not in ("previous", "hash"))


def link(entry: AuditEntry, number: int, previous: bytes) -> Link:
    """Returns the entry with its place in a chain. Characters that no database can store are replaced."""
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
