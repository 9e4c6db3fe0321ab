"""A store in; what a service does in it beside serving, for as long as it runs: nobody asks for any of it.

Jobs that went silent, signing keys and those of outside issuers, the audit log, and deleted tenants.
"""

import asyncio
import itertools
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Final, TypeVar, TypeVarTuple

import structlog
from anyio import CapacityLimiter

from jobreport.audit import checkpoints, sealing
from jobreport.audit.sealing import Keys
from jobreport.identity import purge
from jobreport.identity.apps import credentials
from jobreport.identity.keys.encryption import SecretKeyError
from jobreport.identity.oauth.issuers import Issuer
from jobreport.identity.oauth.sign_ins import SignIns
from jobreport.identity.oauth.tokens import Tokens
from jobreport.identity.tenants import TenantError
from jobreport.model import ticks
from jobreport.store import BEAT_SECONDS, Store, StoreError
from jobreport.threads import WRITES, in_thread, of_issuer

SEAL_SECONDS: Final = 5
"""How often sign-ins are written, and the ends of the audit log's chains sealed."""
LOOK_SECONDS: Final = 60
"""How often hours that are over, and tenants whose grace is over, are looked for."""
TEND_SECONDS: Final = 10
"""How often the keys are looked after, so that what one process does to them the others know."""
_HOUR: Final = 3600 // TEND_SECONDS
RENEW_SECONDS: Final = 60
"""How often an outside issuer may be asked for its keys while nobody sends a token of his."""
_BREATH: Final = 0.02
"""Seconds after each transaction of a purge in which another writer gets his turn."""

Arguments = TypeVarTuple("Arguments")
T = TypeVar("T")

_log = structlog.get_logger()


async def watch_for_silence(store: Store) -> None:
    """Listens for jobs that went silent, until it is cancelled."""
    while True:
        if presumed := await _tried("watch for silent jobs", store.listen):
            _log.warning("jobs presumed failed", jobs=presumed)
        await asyncio.sleep(BEAT_SECONDS)


async def tend_keys(tokens: Tokens, key_age: int) -> None:
    """Looks after the signing keys, of which none gets older than `key_age` ticks (0: any age), until it is cancelled.

    And warns of apps that soon cannot sign in any more.
    """
    for beat in itertools.count():
        if rotated := await _tried("signing keys not looked after", tokens.tend, key_age):
            _log.info("signing key rotated", kid=rotated, reason="age")
        if beat % _HOUR == 0:
            for name, ends in (
                await _tried("ends of sign-ins not looked for", credentials.to_warn_of, tokens.store) or ()
            ):
                _log.warning("sign-in ends soon", app=name, ends=ticks.to_iso(ends, digits=0))
        await asyncio.sleep(TEND_SECONDS)


async def renew_keys(issuer: Issuer) -> None:
    """Keeps the keys of an outside issuer at hand, until it is cancelled."""
    told = ""
    while True:
        if issuer.is_due():
            reason = await _tried(f"keys of {issuer.name}", issuer.renew, kind=of_issuer(issuer.name))
            if reason is not None and reason != told:
                _log.warning("issuer", issuer=issuer.name, reason=reason or "its keys can be had again")
                told = reason
        await asyncio.sleep(RENEW_SECONDS)


async def keep_log(store: Store, sign_ins: SignIns, keys: Callable[[], Keys | None]) -> None:
    """Writes what was counted of sign-ins, and seals the audit log, until it is cancelled; then once more."""
    beats = 0
    broken: set[int] = set()

    def say(found: set[int] | None) -> None:
        if found and found - broken:
            _log.error("audit log broken", tenants=sorted(found), hint="jobreport audit --verify")
            broken.update(found)

    try:
        while True:
            await asyncio.sleep(SEAL_SECONDS)
            await _tried("sign-ins", sign_ins.flush, store)
            if beats % (LOOK_SECONDS // SEAL_SECONDS) == 0:
                await _tried("sign-ins", sign_ins.close_hours, store)
                say(await _tried("ends of the audit log not noted", _note, store, keys))
            beats += 1
            say(await _tried("seal of the audit log", _seal, store, keys))
    finally:
        with suppress(StoreError, SecretKeyError):
            sign_ins.flush(store)
            _seal(store, keys)


def _seal(store: Store, keys: Callable[[], Keys | None]) -> set[int]:
    """Seals what is not; the tenants whose chain nobody must seal."""
    if not sealing.is_wanted(store) or (known := keys()) is None:
        return set()
    return {chain.tenant for chain in sealing.seal(store, known)}


def _note(store: Store, keys: Callable[[], Keys | None]) -> set[int]:
    """Notes how far the audit log goes, where it is time; the tenants of whose chain it cannot be said."""
    if not checkpoints.is_due(store) or (known := keys()) is None:
        return set()
    return set(checkpoints.note(store, known))


async def purge_deleted(store: Store) -> None:
    """Deletes the history of deleted tenants whose grace is over, until it is cancelled."""
    while True:
        for tenant, _ in await _tried("deleted tenants", purge.due, store) or ():
            steps = purge.purge(store, tenant)
            try:
                gone = 0
                while (jobs := await in_thread(WRITES, next, steps, None)) is not None:
                    gone += jobs
                    await asyncio.sleep(_BREATH)
                _log.warning("deleted tenant purged", tenant=tenant.name, jobs=gone)
            except TenantError:  # another process is at it
                pass
            except Exception as error:  # noqa: BLE001 - the next look goes on with it
                _log.error("deleted tenant not purged", tenant=tenant.name, reason=type(error).__name__)
            finally:
                _end(steps)
        await asyncio.sleep(LOOK_SECONDS)


def _end(steps: Generator[int, None, None]) -> None:
    with suppress(StoreError):
        steps.close()


async def _tried(
    what: str, work: Callable[[*Arguments], T], *arguments: *Arguments, kind: CapacityLimiter = WRITES
) -> T | None:
    """What `work` gives, from a thread of the kind; None where it fails, which is logged."""
    try:
        return await in_thread(kind, work, *arguments)
    except (StoreError, SecretKeyError) as error:
        _log.warning(what, reason=str(error))
    except Exception as error:  # noqa: BLE001 - else nobody would notice that the work is not done any more
        _log.error(what, exc_info=error)
    return None
