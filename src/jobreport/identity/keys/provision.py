"""Creates the first signing key of a store, and encrypts the keys with the operator's secret key.

If a store was used without a secret key, the operator can set one later: the keys are encrypted at the next start.
"""

from collections.abc import Sequence

from jobreport.identity.keys import seal_marker, stored_keys
from jobreport.identity.keys.encryption import SecretKey, SecretKeyError, is_encrypted
from jobreport.model.audit import ITSELF, Action, Actor, AuditEntry, Detail
from jobreport.store import Store
from jobreport.store.db import locks
from jobreport.store.registry import audit_log
from jobreport.store.registry import signing_keys as registry
from jobreport.store.registry.signing_keys import SigningKey


def ensure(store: Store, secret: SecretKey | None) -> None:
    """Creates the first signing key if there is none, and encrypts plain keys if there is a secret key.

    Any number of processes may do this at the same time. Raises SecretKeyError if the keys are encrypted and `secret`
    is missing or wrong, or if the store is shared (PostgreSQL) and there is no secret key.
    """
    if store.is_shared and secret is None:
        raise SecretKeyError(
            "a store on PostgreSQL can be read by others, so its signing keys must be encrypted: make a secret key by "
            "`jobreport key secret > secret.key` (in a folder of your own), set JOBREPORT_SECRET_KEY_FILE to that file "
            "wherever this store is served, and keep a copy elsewhere"
        )
    with store.reading() as transaction:
        stored = registry.signing_keys(transaction)
    if stored_keys.in_use(stored, store.clock()):
        stored_keys.check(stored, secret, adopting=True)
        if secret is None or all(is_encrypted(key.jwk) for key in stored):
            return
    new = stored_keys.generate(store.clock(), secret)
    with store.writing() as transaction:
        # If several processes start at once, the first does the work, and the others find it done.
        locks.lock(transaction, locks.REGISTRY)
        stored = registry.signing_keys(transaction)
        stored_keys.check(stored, secret, adopting=True)
        entries = []
        if not stored_keys.in_use(stored, store.clock()):
            marker = stored_keys.marker_of(stored, secret)
            registry.add_signing_key(transaction, stored_keys.with_marker(new, secret, marker))
            entries.append(stored_keys.entry(new.created, ITSELF, Action.KeyCreated, new.kid))
        plain = [key for key in stored if not is_encrypted(key.jwk)]
        if secret and plain:
            for key in plain:
                # A marker in a plain key proves nothing: anybody could have written it.
                jwk, _ = stored_keys.split(key, None)
                registry.replace_signing_key(transaction, key.kid, seal_marker.join(jwk, secret, None))
            entries.append(_encrypted(plain, secret, store.clock(), ITSELF))
        if entries:
            audit_log.append(transaction, *entries)
    if secret and plain:
        store.truncate_log()


def reencrypt(store: Store, old: SecretKey | None, new: SecretKey, by: Actor) -> int:
    """Encrypts every key with `new` instead of `old`, and returns their number.

    Raises SecretKeyError if `old` is not the present secret key.
    """
    with store.writing() as transaction:
        locks.lock(transaction, locks.REGISTRY)
        stored = registry.signing_keys(transaction)
        stored_keys.check(stored, old, adopting=True)
        for key in stored:
            jwk, marker = stored_keys.split(key, old)
            registry.replace_signing_key(transaction, key.kid, seal_marker.join(jwk, new, marker))
        audit_log.append(transaction, _encrypted(stored, new, store.clock(), by))
    store.truncate_log()
    return len(stored)


def _encrypted(keys: Sequence[SigningKey], secret: SecretKey, now: int, by: Actor) -> AuditEntry:
    detail: Detail = {"keys": [key.kid for key in keys], "secretKey": secret.name}
    return stored_keys.entry(now, by, Action.KeysEncrypted, detail=detail)
