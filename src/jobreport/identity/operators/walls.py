"""Screens on walls: each shows the overview of one tenant by a token of its own, which reads nothing else."""

import hashlib
import secrets
from typing import Final

from jobreport.identity.tenants import require
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry
from jobreport.store import Store
from jobreport.store.registry import audit_log, tenants, walls
from jobreport.store.registry.tenants import Tenant, TenantStatus
from jobreport.store.registry.walls import Wall

PREFIX: Final = "jrw_"
"""Lets a leaked token be recognised."""
MAX_NAME: Final = 64
ID_DIGITS: Final = 8


class WallError(ValueError):
    """Raised if there is no such screen, or if it cannot be made. The message says why."""


def create(store: Store, *, name: str, tenant: str, by: Actor = ITSELF) -> tuple[Wall, str]:
    """Makes a screen for the overview of a tenant. Returns it with its token, which cannot be shown again.

    Raises WallError if the name is not allowed, or the tenant cannot be read; TenantError if there is no such tenant.
    """
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise WallError(f"the name of a wall has 1 to {MAX_NAME} printable characters")
    token = PREFIX + secrets.token_urlsafe(32)
    with store.writing() as transaction:
        whose = require(tenant, tenants.find(transaction, tenant))
        if unusable := whose.unusable():
            raise WallError(unusable)
        new = Wall(token=hash_token(token), tenant=whose.number, name=name, created=store.clock())
        walls.add(transaction, new)
        audit_log.append(transaction, _entry(store, new, Action.WallCreated, by))
    return new, token


def tenant_of(store: Store, token: str) -> Tenant | None:
    """Returns the tenant that the screen with this token shows; None if there is no such screen, or its tenant is not
    active.
    """
    if not token.startswith(PREFIX):
        return None
    with store.reading() as transaction:
        found = walls.find(transaction, hash_token(token))
        whose = tenants.by_number(transaction, found.tenant) if found else None
    return whose if whose and whose.status is TenantStatus.ACTIVE else None


def end(store: Store, named: str, *, by: Actor = ITSELF) -> Wall:
    """Ends the screen that has this name, or whose ID begins so. Raises WallError unless there is exactly one."""
    with store.writing() as transaction:
        every = walls.list_walls(transaction)
        found = [one for one in every if one.name == named] or [one for one in every if wall_id(one).startswith(named)]
        if len(found) != 1 or not named:
            raise WallError(f"there {'are several walls' if found else 'is no wall'} called {named!r}; list shows them")
        walls.end(transaction, found[0].token)
        audit_log.append(transaction, _entry(store, found[0], Action.WallEnded, by))
    return found[0]


def wall_id(one: Wall) -> str:
    """Returns the ID by which people name a screen: the first digits of the hash of its token."""
    return one.token.hex()[:ID_DIGITS]


def hash_token(token: str) -> bytes:
    """Returns the hash under which a screen is stored. One round of SHA-256 is enough: a token has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _entry(store: Store, one: Wall, action: Action, by: Actor) -> AuditEntry:
    return AuditEntry(
        tenant=one.tenant,
        at=store.clock(),
        actor=by,
        action=action,
        target=f"wall:{wall_id(one)}",
        detail={"name": one.name},
    )
