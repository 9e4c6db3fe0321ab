"""A store in; what a service does in it beside serving, for as long as it runs: its audit log, and deleted tenants."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Final, TypeVar, TypeVarTuple

import structlog

from jobreport.api.threads import WRITES, in_thread
from jobreport.identity import purge, seal
from jobreport.identity.seal import Keys
from jobreport.identity.sign_ins import SignIns
from jobreport.identity.tenants import TenantError
from jobreport.store import Store, StoreError

BEAT_SECONDS: Final = 5
"""How often sign-ins are written, and the ends of the audit log's chains sealed."""
LOOK_SECONDS: Final = 60
"""How often hours that are over, and tenants whose grace is over, are looked for."""
_BREATH: Final = 0.02
"""Seconds after each transaction of a purge in which another writer gets his turn."""

Arguments = TypeVarTuple("Arguments")
T = TypeVar("T")

_log = structlog.get_logger()


async def keep_log(store: Store, sign_ins: SignIns, keys: Callable[[], Keys | None]) -> None:
    """Writes what was counted of sign-ins, and seals the audit log, until it is cancelled; then once more."""
    beats = 0
    broken: set[int] = set()
    try:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await _tried("sign-ins", sign_ins.flush, store)
            if beats % (LOOK_SECONDS // BEAT_SECONDS) == 0:
                await _tried("sign-ins", sign_ins.close_hours, store)
            beats += 1
            now_broken = await _tried("seal of the audit log", _seal, store, keys)
            if now_broken and now_broken - broken:
                _log.error("audit log broken", tenants=sorted(now_broken), hint="jobreport audit --verify")
                broken |= now_broken
    finally:
        with suppress(StoreError):
            sign_ins.flush(store)
            _seal(store, keys)


def _seal(store: Store, keys: Callable[[], Keys | None]) -> set[int]:
    """Seals what is not; the tenants whose chain nobody must seal."""
    if not seal.is_wanted(store) or (known := keys()) is None:
        return set()
    return {chain.tenant for chain in seal.seal(store, known)}


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


async def _tried(what: str, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T | None:
    """What `work` gives, from a thread; None where it fails, which is logged: nobody would notice that it had ended."""
    try:
        return await in_thread(WRITES, work, *arguments)
    except StoreError as error:
        _log.warning(what, reason=str(error))
    except Exception as error:  # noqa: BLE001 - see above
        _log.error(what, exc_info=error)
    return None
