"""Verifies a password that somebody typed into a form, after the delay that earlier failures cost."""

import asyncio
from typing import Final

from starlette.requests import Request

from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError
from jobreport.identity.operators import accounts
from jobreport.server.operation import services
from jobreport.server.problem import RETRY_SECONDS, ProblemError
from jobreport.store.registry.operators import Operator
from jobreport.store.registry.sign_ins import OPERATOR
from jobreport.threads import HASHES, REFUSALS, in_thread

_MOST_WAITING: Final = 100
"""So many sign-ins wait for their turn at the most; then there is no use in waiting."""


async def verified(request: Request, name: str, password: str) -> Operator | None:
    """Returns the operator if the name and the password are right; None if not.

    Raises TooManyAttemptsError if this name, or this address, has to wait first; ProblemError 503 if too many wait.
    """
    known = services(request)
    address = request.client.host if request.client else None
    if HASHES.statistics().tasks_waiting >= _MOST_WAITING:
        raise ProblemError(503, "Too many people sign in just now.", headers={"Retry-After": str(RETRY_SECONDS)})
    try:
        await asyncio.sleep(await in_thread(REFUSALS, known.delays.begin, name, address))
        found = await in_thread(HASHES, accounts.verified, known.store, known.passwords, name, password)
    except TooManyAttemptsError:
        _count_refused(request, name)
        raise
    if found is None:
        _count_refused(request, name)
        return None
    await in_thread(REFUSALS, known.delays.succeeded, name, address)
    return found


def _count_refused(request: Request, name: str) -> None:
    known = services(request)
    address = request.client.host if request.client else ""
    known.sign_ins.refused(f"{OPERATOR}{name}", address, known.store.clock())


def to_wait(error: TooManyAttemptsError) -> str:
    """Returns what is said to somebody who has to wait."""
    minutes, seconds = divmod(error.seconds, 60)
    for_long = f"{minutes + 1} minutes" if minutes else f"{seconds} second{'' if seconds == 1 else 's'}"
    return f"Too many attempts from here were wrong. Wait {for_long}, then try again."
