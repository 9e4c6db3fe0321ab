"""Tries a call again if it failed for a passing reason. Pauses grow, and are never shorter than the server asked."""

from collections.abc import Callable
from typing import Final

import tenacity

from jobreport.client.errors import ConnectionFailedError, JobReportError, ServerUnavailableError
from jobreport.client.flow import Flow, Pause, T

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 60.0
"""The longest pause, in seconds. If the server asks for a longer one, the call fails; the caller may try again
later."""
JITTER: Final = 0.5
_STATUSES: Final = frozenset({429, 502, 503, 504})

_growing: Final = tenacity.wait_exponential(FIRST_WAIT, LONGEST_WAIT) + tenacity.wait_random(0.0, JITTER)


def worth_another_try(error: BaseException) -> bool:
    """Returns whether the call may well succeed within a minute."""
    if isinstance(error, ServerUnavailableError):
        return error.status in _STATUSES and (error.retry_after or 0.0) <= LONGEST_WAIT
    return isinstance(error, ConnectionFailedError) and error.temporary


def retried(once: Callable[[], Flow[T]], retries: int) -> Flow[T]:
    """Runs the flow of `once`, again at most `retries` times. Raises the error of the last try.

    The library decides whether and how long to wait; the client that runs the flow does the waiting.
    """
    pauses: list[float] = []
    tries = tenacity.Retrying(
        retry=tenacity.retry_if_exception(worth_another_try),
        stop=tenacity.stop_after_attempt(retries + 1),
        wait=_pause,
        sleep=pauses.append,
        reraise=True,
    )
    for attempt in tries:
        while pauses:
            yield Pause(pauses.pop())
        with attempt:
            return (yield from once())
    raise AssertionError("the last try either returns or raises")


def _pause(state: tenacity.RetryCallState) -> float:
    """Returns the seconds to wait: at least as long as the server asked, plus a random time, so that not all clients
    come back at once.
    """
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None) if isinstance(error, JobReportError) else None
    return max(asked or 0.0, 0.0) + _growing(state)
