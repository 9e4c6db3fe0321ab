"""Replaces signing keys by new ones, and destroys the private half of keys that are no longer needed.

A new key is published at once, but signs only after `stored_keys.LEAD_SECONDS`. By then everybody who caches the
published keys has it. The old keys verify tokens until the last token that they signed has expired.
"""

from collections.abc import Sequence

from jobreport.identity.keys import provision, seal_marker, stored_keys
from jobreport.identity.keys.encryption import SecretKey
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.registry import audit_log
from jobreport.store.registry import signing_keys as registry
from jobreport.store.registry.signing_keys import SigningKey


def rotate(store: Store, secret: SecretKey | None, by: Actor = ITSELF, *, at_once: bool = False) -> SigningKey:
    """Creates a new key, which begins to sign `LEAD_SECONDS` from now, and returns it.

    With `at_once` it signs now, and the old keys are destroyed, so that no token that they signed is valid any more.
    That is for a key that was stolen. Raises SecretKeyError in the same cases as `provision.ensure`.
    """
    provision.ensure(store, secret)
    now = store.clock()
    new = stored_keys.generate(now, secret)
    with store.writing() as transaction:
        locks.lock(transaction, locks.REGISTRY)
        entries = _replace(transaction, new, secret, by, at_once=at_once)
        audit_log.append(transaction, *entries)
    return new


def rotate_if_due(store: Store, secret: SecretKey | None, max_age: int) -> str | None:
    """Creates a new key if the newest is older than `max_age` ticks (0: never), and destroys keys that are "over".

    Returns the ID of the new key, or None. Any number of processes may do this at the same time.
    """
    now = store.clock()
    with store.reading() as transaction:
        if not _is_due(registry.signing_keys(transaction), secret, now, max_age):
            return None
    new = stored_keys.generate(now, secret)
    with store.writing() as transaction:
        locks.lock(transaction, locks.REGISTRY)
        stored = registry.signing_keys(transaction)
        if not _is_due(stored, secret, now, max_age):
            return None
        entries = [_destroy(transaction, key, secret, now, ITSELF) for key in _to_destroy(stored, secret, now)]
        too_old = _is_too_old(stored, now, max_age)
        if too_old:
            entries += _replace(transaction, new, secret, ITSELF, at_once=False)
        audit_log.append(transaction, *entries)
    return new.kid if too_old else None


def _replace(
    transaction: Transaction, new: SigningKey, secret: SecretKey | None, by: Actor, *, at_once: bool
) -> list[AuditEntry]:
    """Adds the new key and retires the old ones. Returns the entries for the audit log."""
    now = new.created
    entries = [stored_keys.entry(now, by, Action.KeyCreated, new.kid)]
    stored = registry.signing_keys(transaction)
    for key in stored:
        if at_once and stored_keys.stage(key, now) != "over":
            registry.retire_signing_key(transaction, key.kid, now - stored_keys.OVERLAP)
            entries.append(_destroy(transaction, key, secret, now, by))
        elif not key.retired:
            ends = now + stored_keys.LEAD_SECONDS * ticks.PER_SECOND
            registry.retire_signing_key(transaction, key.kid, ends)
            detail = {"from": ticks.to_iso(ends, digits=0)}
            entries.append(stored_keys.entry(now, by, Action.KeyRetired, key.kid, {**detail}))
    marker = stored_keys.marker_of(stored, secret)
    registry.add_signing_key(transaction, stored_keys.with_marker(new, secret, marker))
    return entries


def _destroy(transaction: Transaction, key: SigningKey, secret: SecretKey | None, now: int, by: Actor) -> AuditEntry:
    """Deletes the private half of the key; the public half and the seal marker stay. Returns the audit entry."""
    public = stored_keys.rsa_key(key, secret).as_dict(private=False)
    _, marker = stored_keys.split(key, secret)
    registry.replace_signing_key(transaction, key.kid, seal_marker.join(public, secret, marker))
    return stored_keys.entry(now, by, Action.KeyDeleted, key.kid)


def _is_due(keys: Sequence[SigningKey], secret: SecretKey | None, now: int, max_age: int) -> bool:
    return _is_too_old(keys, now, max_age) or bool(_to_destroy(keys, secret, now))


def _is_too_old(keys: Sequence[SigningKey], now: int, max_age: int) -> bool:
    return bool(max_age and keys and now - keys[-1].created >= max_age)


def _to_destroy(keys: Sequence[SigningKey], secret: SecretKey | None, now: int) -> list[SigningKey]:
    """Returns the keys that are "over" (`stored_keys.stage`) and still have their private half."""
    return [key for key in keys if stored_keys.stage(key, now) == "over" and "d" in stored_keys.split(key, secret)[0]]
