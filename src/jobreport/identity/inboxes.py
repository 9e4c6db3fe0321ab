"""Inboxes: addresses that anything can ping. Whoever knows one can report jobs of one plan, and read nothing.

The store has only the hash of an address, by which it is found, and the address encrypted with the operator's secret
key, so that it can be shown once more. So a copy of the store alone gives no address away.
"""

import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable
from typing import Final

import msgspec

from jobreport.identity.keys.encryption import SecretKey, SecretKeyError
from jobreport.identity.tenants import ensure_within, require
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry, Detail
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS
from jobreport.store import Store, Transaction
from jobreport.store.registry import audit_log, inboxes, tenants
from jobreport.store.registry.inboxes import Addressee, Inbox, PingKey

MAX_NAME: Final = 64
MAX_SLUG: Final = 100
MAX_INBOXES: Final = 1000
"""The most inboxes of a tenant that pings themselves may make (`create=1`)."""
LONGEST: Final = 24 * 3600
"""How long a run may take unless it is said, in seconds; and below, how long at least and at most."""
LEAST_LONGEST: Final = 60
MOST_LONGEST: Final = 72 * 3600
_SECRET_BYTES: Final = 16
_ID_BYTES: Final = 4
_SLUG: Final = re.compile(rf"[a-z0-9_-]{{1,{MAX_SLUG}}}", re.ASCII)
_NO_SLUG: Final = re.compile(r"[^a-z0-9_-]+")
_PURPOSE: Final = "inbox addresses 1"


class InboxError(ValueError):
    """Raised if there is no such inbox, or if it cannot be made or shown. The message says why."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the jobs of an inbox are. Texts that are empty are made of its name; `longest` is in seconds."""

    plan: str = ""
    service: ServiceType = ServiceType.Common
    type: JobType = JobType.Backup
    resource: str = ""
    tool: str = ""
    longest: int = LONGEST
    slug: str = ""


def create(
    store: Store, name: str, settings: Settings, *, tenant: str, secret: SecretKey | None, by: Actor = ITSELF
) -> tuple[Inbox, str]:
    """Makes an inbox. Returns it with its address.

    Makes the tenant if there is none. Raises InboxError if the name or the slug is not allowed or taken; TenantError if
    the tenant cannot be written to.
    """
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise InboxError(f"the name of an inbox has 1 to {MAX_NAME} printable characters")
    slug = settings.slug or _NO_SLUG.sub("-", name.lower()).strip("-")[:MAX_SLUG]
    if not slug or not _SLUG.fullmatch(slug):
        raise InboxError(f"a slug has 1 to {MAX_SLUG} of a-z, 0-9, - and _; give one by --slug")
    for field, text in (("plan", settings.plan), ("resource", settings.resource)):
        if len(text) > TEXT_LIMITS[field] or not (text.isprintable() or not text):
            raise InboxError(f"the {field} has at most {TEXT_LIMITS[field]} printable characters")
    if not LEAST_LONGEST <= settings.longest <= MOST_LONGEST:
        raise InboxError("a run may take from 1m to 72h")
    address = _new_address()
    with store.writing() as transaction:
        whose, made = ensure_within(transaction, tenant, store.clock(), by)
        audit_log.append(transaction, *made)
        taken = _words(inboxes.list_inboxes(transaction, whose.number))
        if name in taken:
            raise InboxError(f"there is an inbox called {name!r} already, by its name, its slug or its ID")
        if slug in taken:
            raise InboxError(f"another inbox has the slug, the name or the ID {slug!r}: give another by --slug")
        new = _made(whose.number, name, slug, settings, address, secret, store.clock(), taken)
        if not inboxes.add(transaction, new):
            raise InboxError(f"another inbox has the slug {slug!r}: give another by --slug")
        _log(transaction, store, new, Action.InboxCreated, by, {"plan": new.plan, "slug": slug})
    return new, address


def create_by_slug(store: Store, tenant: int, slug: str, secret: SecretKey | None = None) -> Inbox | None:
    """Makes the inbox of a slug that was pinged with `create=1`, and returns it; or the one that has the slug by now.

    Its name is the slug, or begins so if that names another inbox. Returns None if the tenant has as many inboxes as
    pings may make.
    """
    with store.writing() as transaction:
        every = inboxes.list_inboxes(transaction, tenant)
        if quicker := next((one for one in every if one.slug == slug), None):
            return quicker
        if len(every) >= MAX_INBOXES:
            return None
        taken = _words(every)
        new = _made(tenant, slug[:MAX_NAME], slug, Settings(plan=slug), _new_address(), secret, store.clock(), taken)
        if new.name in taken or new.name != slug:
            begin = slug[: MAX_NAME - len(new.inbox) - 1]
            new = msgspec.structs.replace(new, name=f"{begin} {new.inbox}")
        if not inboxes.add(transaction, new):  # another process was quicker
            return next((one for one in inboxes.list_inboxes(transaction, tenant) if one.slug == slug), None)
        _log(transaction, store, new, Action.InboxCreated, ITSELF, {"plan": new.plan, "slug": slug})
    return new


def find(store: Store, address: str) -> Addressee | None:
    """Returns the inbox with this address; None if there is none, or its tenant is not active."""
    with store.reading() as transaction:
        return inboxes.by_address(transaction, digest(address))


def find_slug(store: Store, key: str, slug: str) -> Addressee | None:
    """Returns for whom a ping key is, and the inbox that has the slug; None if there is no such key."""
    with store.reading() as transaction:
        return inboxes.by_slug(transaction, digest(key), slug)


def find_by_slug(store: Store, slug: str, *, tenant: str) -> Inbox | None:
    """Returns the tenant's inbox that has this slug; None if there is none, or the tenant is not active."""
    with store.reading() as transaction:
        whose = tenants.find(transaction, tenant)
        every = inboxes.list_inboxes(transaction, whose.number) if whose and not whose.unusable() else ()
    return next((one for one in every if one.slug == slug), None)


def named(store: Store, word: str, *, tenant: str) -> Inbox:
    """Returns the inbox of the tenant with this name, slug or ID. Raises InboxError if there is none, or several."""
    with store.reading() as transaction:
        whose = require(tenant, tenants.find(transaction, tenant))
        every = inboxes.list_inboxes(transaction, whose.number)
    found = [one for one in every if word in {one.name, one.slug, one.inbox}]
    if len(found) > 1:
        which = " and ".join(f"{one.name!r} (slug {one.slug}, ID {one.inbox})" for one in found)
        raise InboxError(f"{word!r} names {len(found)} inboxes: {which}. Use a word that names one of them only")
    if not found:
        raise InboxError(f"the tenant {tenant} has no inbox {word!r}: jobreport inbox list shows those that there are")
    return found[0]


def shown(store: Store, one: Inbox, secret: SecretKey | None, *, by: Actor = ITSELF) -> str:
    """Returns the address of an inbox once more. Raises InboxError if nobody can read it."""
    address = _opened(one.sealed, secret)
    with store.writing() as transaction:
        _log(transaction, store, one, Action.InboxShown, by)
    return address


def rotate(store: Store, one: Inbox, secret: SecretKey | None, *, by: Actor = ITSELF) -> str:
    """Gives an inbox another address, and returns it. The old one is nobody's from now on."""
    address = _new_address()
    with store.writing() as transaction:
        inboxes.replace_address(transaction, one.inbox, digest(address), _sealed(address, secret))
        _log(transaction, store, one, Action.InboxRotated, by)
    return address


def revoke(store: Store, one: Inbox, *, by: Actor = ITSELF) -> None:
    """Deletes an inbox. Its address is nobody's from now on; its jobs stay."""
    with store.writing() as transaction:
        inboxes.end(transaction, one)
        _log(transaction, store, one, Action.InboxRevoked, by)


def ping_key(store: Store, secret: SecretKey | None, *, tenant: str, rotate: bool = False, by: Actor = ITSELF) -> str:
    """Returns the ping key of a tenant; makes one if it has none, or if it is to be another.

    Raises InboxError if the tenant cannot be written to, or nobody can read its key.
    """
    with store.writing() as transaction:
        whose = require(tenant, tenants.find(transaction, tenant))
        if unusable := whose.unusable():
            raise InboxError(unusable)
        if not rotate and (kept := inboxes.key_of(transaction, whose.number)):
            _log_key(transaction, store, whose.number, Action.PingKeyShown, by)
            return _opened(kept.sealed, secret)
        key = secrets.token_urlsafe(_SECRET_BYTES)
        new = PingKey(digest=digest(key), tenant=whose.number, sealed=_sealed(key, secret), created=store.clock())
        inboxes.put_key(transaction, new)
        _log_key(transaction, store, whose.number, Action.PingKeyCreated, by)
    return key


def end_ping_key(store: Store, *, tenant: str, by: Actor = ITSELF) -> None:
    """Deletes the ping key of a tenant. Raises InboxError if it has none."""
    with store.writing() as transaction:
        whose = require(tenant, tenants.find(transaction, tenant))
        if inboxes.key_of(transaction, whose.number) is None:
            raise InboxError(f"the tenant {tenant} has no ping key")
        inboxes.end_key(transaction, whose.number)
        _log_key(transaction, store, whose.number, Action.PingKeyRevoked, by)


def digest(secret: str) -> bytes:
    """Returns the hash under which an address or a ping key is stored. One round of SHA-256 is enough: it has 128
    random bits.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _new_address() -> str:
    """Returns a new address: 128 random bits in the form of a UUID."""
    return str(uuid.UUID(bytes=secrets.token_bytes(_SECRET_BYTES)))


def _words(every: Iterable[Inbox]) -> frozenset[str]:
    """Returns all words by which these inboxes are called."""
    return frozenset(word for one in every for word in (one.name, one.slug, one.inbox))


def _made(
    tenant: int,
    name: str,
    slug: str,
    settings: Settings,
    address: str,
    secret: SecretKey | None,
    now: int,
    taken: frozenset[str],
) -> Inbox:
    number = secrets.token_hex(_ID_BYTES)
    while number in taken or number in {name, slug}:
        number = secrets.token_hex(_ID_BYTES)
    return Inbox(
        inbox=number,
        tenant=tenant,
        name=name,
        slug=slug,
        address=digest(address),
        sealed=_sealed(address, secret),
        plan=settings.plan or name,
        service=settings.service,
        type=settings.type,
        resource=settings.resource,
        tool=settings.tool,
        longest=settings.longest,
        created=now,
    )


def _sealed(plain: str, secret: SecretKey | None) -> bytes | None:
    return secret.seal(_PURPOSE, plain.encode()) if secret else None


def _opened(sealed: bytes | None, secret: SecretKey | None) -> str:
    if sealed is None:
        raise InboxError("it was made without a secret key, so nobody can show it: rotate makes another")
    if secret is None:
        raise InboxError(
            "it can be shown with the secret key only: set JOBREPORT_SECRET_KEY, or .._FILE, to the service's"
        )
    try:
        return secret.unseal(_PURPOSE, sealed).decode()
    except SecretKeyError:
        raise InboxError(
            "it was encrypted with another secret key, so nobody can show it again: rotate makes another"
        ) from None


def _log(
    transaction: Transaction, store: Store, one: Inbox, action: Action, by: Actor, more: Detail | None = None
) -> None:
    detail = {"name": one.name, **(more or {})}
    target = f"inbox:{one.inbox}"
    entry = AuditEntry(tenant=one.tenant, at=store.clock(), actor=by, action=action, target=target, detail=detail)
    audit_log.append(transaction, entry)


def _log_key(transaction: Transaction, store: Store, tenant: int, action: Action, by: Actor) -> None:
    audit_log.append(transaction, AuditEntry(tenant=tenant, at=store.clock(), actor=by, action=action))
