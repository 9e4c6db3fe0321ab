"""Streams all jobs that a question finds as one file: for apps by the API, for people by the monitor."""

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Final

import structlog

from jobreport.contract.job_row import Row
from jobreport.export.batches import MissingExtraError, Result
from jobreport.export.formats import FORMAT, FORMATS, Format
from jobreport.model import ticks
from jobreport.model.errors import InvalidInputError
from jobreport.model.query import JobQuery
from jobreport.server.problem import ProblemError
from jobreport.server.streams import Link, Streamed
from jobreport.store import Store
from jobreport.threads import EXPORTS, READS, in_thread

MOST: Final = 3
"""The most exports that run at the same time in one process."""
MOST_OF_TENANT: Final = 2
"""The most exports of one tenant that run at the same time in one process."""
RETRY_SECONDS: Final = 15
"""The `Retry-After` header of a refused export, in seconds."""
TOTAL: Final = "Total-Count"
"""The name of the response header with the exact number of jobs."""

_log = structlog.get_logger()


class _Slots:
    """Counts the exports that run in this process, by tenant."""

    def __init__(self) -> None:
        self._lock, self._taken = threading.Lock(), Counter[int]()

    def take(self, tenant: int) -> None:
        """Notes that an export of the tenant begins. Raises ProblemError if too many run: 429 if they are the tenant's
        own, else 503.
        """
        wait = {"Retry-After": str(RETRY_SECONDS)}
        with self._lock:
            if self._taken[tenant] >= MOST_OF_TENANT:
                raise ProblemError(429, f"{MOST_OF_TENANT} exports of this tenant are under way.", headers=wait)
            if self._taken.total() >= MOST:
                raise ProblemError(503, f"{MOST} exports are under way, as many as there may be.", headers=wait)
            self._taken[tenant] += 1

    def give(self, tenant: int) -> None:
        """Notes that an export of the tenant has ended."""
        with self._lock:
            self._taken[tenant] -= 1
            if not self._taken[tenant]:
                del self._taken[tenant]


_slots: Final = _Slots()


async def exported(store: Store, tenant: int, query: JobQuery, form: Format | None, *, head: bool) -> Streamed:
    """Returns the answer with all jobs of `query` (its page is ignored) as a file. `head`: only with their number, in a
    header.

    Raises InvalidInputError if there is no form, or if its library is missing on this server.
    """
    if form is None:
        raise InvalidInputError.of(FORMAT.name, f"is required: one of {', '.join(FORMATS)}")
    try:
        # Off the event loop: a library may take a third of a second to be loaded.
        encode = await in_thread(READS, form.encoder)
    except MissingExtraError:
        _log.warning("export without its library", format=form.name)
        raise InvalidInputError.of(FORMAT.name, f"{form.name} is not installed on this server") from None

    def work(link: Link) -> None:
        with store.stream_jobs(tenant, query) as found:

            def batches() -> Iterator[list[Row]]:
                for batch in found.batches():
                    link.check()
                    yield batch

            link.start(
                {
                    "Content-Type": form.media_type,
                    "Content-Disposition": f'attachment; filename="jobs-{_stamp(found.now)}.{form.name}"',
                    "Cache-Control": "no-store",
                    TOTAL: str(found.total),
                }
            )
            if not head:
                for piece in encode(Result(found.total, found.now, batches())):
                    link.piece(piece)
        link.end()

    return Streamed(EXPORTS, work, lambda: _slots.take(tenant), lambda: _slots.give(tenant))


def _stamp(now: int) -> str:
    return f"{ticks.to_datetime(now):%Y%m%dT%H%M%SZ}"
