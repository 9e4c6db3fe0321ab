"""The store: all jobs and registrations of all tenants, in a file or in PostgreSQL. No other package uses SQL."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from jobreport.clock import now_ticks
from jobreport.contract import summary_answer
from jobreport.contract.summary import Summary
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.nights import NightHours
from jobreport.model.query import JobQuery, Page
from jobreport.model.series_query import SeriesPage, SeriesQuery, SeriesRuns
from jobreport.model.summary import SummaryQuery
from jobreport.model.tenant_summary import TenantSummary
from jobreport.model.write_result import WriteResult
from jobreport.store import migrate as migrations
from jobreport.store import opening
from jobreport.store.backfill.step import Progress
from jobreport.store.cache.connections import ReadConnections
from jobreport.store.cache.part_days import PartDays
from jobreport.store.cache.reader import EventLoopReader
from jobreport.store.cache.summaries import SummaryCache
from jobreport.store.db import dialect_of
from jobreport.store.db import engine as engines
from jobreport.store.db.engine import shown
from jobreport.store.db.errors import (
    FinalJobError,
    ForeignJobError,
    OtherVersionError,
    StoreError,
    StoreUnavailableError,
    UnusableStoreError,
)
from jobreport.store.jobs import deliveries, pings, stalled
from jobreport.store.jobs.deliveries import Delivery, Filed, Recorded
from jobreport.store.jobs.group_commit import Groups
from jobreport.store.jobs.history import History, Version, history
from jobreport.store.jobs.inbox_states import Through
from jobreport.store.jobs.judging import Writer
from jobreport.store.jobs.pings import Ping
from jobreport.store.jobs.record import Request, record
from jobreport.store.query import details, first_page, pages, standings, stream
from jobreport.store.query.series import listing, of_job, runs
from jobreport.store.query.summaries import summary
from jobreport.store.registry import apps, tenants
from jobreport.store.registry.unread import UnreadFullError

__all__ = [
    "Delivery",
    "Filed",
    "FinalJobError",
    "ForeignJobError",
    "History",
    "OtherVersionError",
    "Ping",
    "Progress",
    "Recorded",
    "Store",
    "StoreError",
    "StoreUnavailableError",
    "Through",
    "Transaction",
    "UnreadFullError",
    "UnusableStoreError",
    "Version",
    "Writer",
    "open_store",
    "shown",
]

Transaction = Connection
"""The type of the transactions of `Store.reading` and `Store.writing`, for packages that do not know SQLAlchemy."""

HEARTBEAT_SECONDS: Final = 5
"""Seconds between two checks for stalled jobs, each of which stores a heartbeat of the service, too: without one for
three times as long, no service was running."""


def open_store(
    url: str,
    *,
    create: bool = True,
    migrate: bool | None = None,
    copy_before: bool = True,
    clock: Callable[[], int] = now_ticks,
    progress: Callable[[Progress], None] | None = None,
    committed: Callable[[int], object] = int,
) -> "Store":
    """Opens the store at `url`: `sqlite:////path/jobs.db`, or `postgresql://user@host/database`.

    With `create`, a missing file is created. If the tables are those of an older version, `migrate` says what to do.
    True: they are upgraded. None: only in a file, since a shared store is only changed when its operator asks for it.
    False: they are not changed; tables are only made in a new file. A file is copied before the upgrade
    (`Store.upgrade_copy`), unless `copy_before` is False. After an upgrade the new tables are filled from the jobs,
    which may take minutes; `progress` is called again and again meanwhile. Whoever breaks it off loses nothing: the
    next one who may upgrade the store goes on. `clock` returns ticks. `committed` is called in any thread after each
    transaction that stored jobs or pings, with their number.

    Raises UnusableStoreError if there is no store of Jobreport at the URL, or if it would have to be upgraded but may
    not be; StoreUnavailableError if the store cannot be reached, or has no space for the copy. Then nothing changed.
    """
    engine, copy = opening.opened(url, create=create, migrate=migrate, copy_before=copy_before, progress=progress)
    return Store(engine, clock, copy, committed)


class Store:
    """All jobs and registrations of all tenants. Safe to share between threads.

    Any method raises StoreUnavailableError if the database cannot answer now.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], int], copy: Path | None, committed: Callable[[int], object]
    ) -> None:
        self._engine = engine
        self._event_loop_reader: EventLoopReader | None = None
        self._dialect = dialect_of(engine)
        self._connections = ReadConnections(engine) if self._dialect.is_shared else None
        self._part_days = PartDays()
        self._summaries = None if self._connections else SummaryCache(engine)
        self.clock = clock
        self._jobs = Groups(self.writing, clock, record, committed, apart=self.is_shared)
        self._pings = Groups(self.writing, clock, pings.record, committed, apart=self.is_shared)
        self._deliveries = Groups(self.writing, clock, deliveries.record, committed, apart=self.is_shared)
        self.upgrade_copy = copy
        """The copy of the file that was made before `open_store` upgraded it; None if it was not upgraded."""

    @property
    def is_shared(self) -> bool:
        """Whether the store is on a server that others can reach too, not in a file of its owner."""
        return self._dialect.is_shared

    def list_jobs(self, tenant: int, query: JobQuery) -> Page:
        """Returns the page of `query`, the exact total, and where the next page begins, all from one snapshot."""
        now = self.clock()
        if self._connections and query.is_short:
            if first := first_page.plan(self._dialect, query):
                return self._connections.read(lambda to: first_page.read_at_once(to, tenant, first), snapshot=False)
            page = self._connections.read(lambda connection: pages.begin(connection, tenant, query, now), snapshot=True)
            return page()
        with self.reading() as connection:
            return pages.find(connection, tenant, query, now)

    def list_at_once(self, tenant: int, query: JobQuery) -> Page | None:
        """Returns the same page as `list_jobs` if that needs no waiting, for a short query to a store in a file; else
        None. To be called only in the thread of the event loop.
        """
        if self._connections:
            return None
        self._event_loop_reader = self._event_loop_reader or EventLoopReader(self._engine)
        return self._event_loop_reader.page(tenant, query, self.clock())

    def list_details(self, tenant: int, query: JobQuery) -> details.Details:
        """Returns the same page as `list_jobs` with the details of each job, such as its plan and its resource."""
        now = self.clock()
        with self.reading() as connection:
            return details.find(connection, tenant, query, now)

    def stream_jobs(self, tenant: int, query: JobQuery) -> AbstractContextManager[stream.JobStream]:
        """Returns a context manager with a stream of all jobs that match `query`, and their exact number.

        The page of the query is ignored. The stream reads from one snapshot.
        """
        return stream.opened(self._engine, tenant, query, self.clock())

    def summary(self, tenant: int, query: SummaryQuery) -> Summary:
        """Returns every group of the jobs that match, with exact numbers, from one snapshot.

        Raises InvalidInputError if there are too many groups.
        """
        now = self.clock()
        if self._summaries and (known := self._summaries.summary(tenant, query, now)):
            return known
        if self._connections and query.is_counted:
            groups = self._connections.read(
                lambda connection: summary.find(connection, tenant, query, now), snapshot=True
            )
        else:
            with self.reading() as connection:
                groups = summary.find(connection, tenant, query, now, remember=self._part_days)
        return summary_answer.answer(query, *groups, now)

    def history(self, tenant: int, job_id: str) -> History | None:
        """Returns a job with its earlier versions, its series, and its neighbours in that; None if there is none."""
        with self.reading() as connection:
            found = history(connection, tenant, job_id)
            return replace(found, series=of_job.find(connection, tenant, found.current)) if found else None

    def list_series(self, tenant: int, query: SeriesQuery) -> SeriesPage:
        """Returns the page of `query`, which must name no standings (`watch.lists` knows those), like `list_jobs`."""
        with self.reading_series(query) as connection:
            return listing.find(connection, tenant, query)

    def one_series(self, tenant: int, name: str) -> SeriesRuns | None:
        """Returns the series of this number or key, with its last runs; None if the tenant has none."""
        with self.reading() as connection:
            return runs.one_series(connection, tenant, name)

    def tenants_summary(self, only: Collection[int] | None, *, suspended: bool = False) -> list[TenantSummary]:
        """Returns how each tenant stands, sorted by name: `only` those of these numbers, or all if it is None.

        Suspended tenants are among them only if `suspended`, and deleted ones never.
        """
        now = self.clock()
        with self.reading() as connection:
            names = standings.names(connection, only, suspended=suspended)
            if not self._connections:
                return standings.begin(connection, names, now)()
        return self._connections.read(lambda connection: standings.begin(connection, names, now), snapshot=True)()

    def record(self, tenant: int, jobs: Sequence[Job], writer: Writer | None = None) -> WriteResult:
        """Stores all of `jobs`. They are on disk when it returns. Raises FinalJobError or ForeignJobError if it refuses
        a job; then it stores none of them.
        """
        return self._jobs.of(tenant).record(tenant, Request(jobs, writer or Writer()), len(jobs))

    def ping(self, tenant: int, ping: Ping) -> bool:
        """Stores what a ping does. It is on disk when it returns. False: its inbox was revoked meanwhile."""
        return self._pings.of(tenant).record(tenant, ping)

    def deliver(self, tenant: int, delivery: Delivery) -> Recorded:
        """Stores what a delivery tells. It is on disk when it returns. Raises UnreadFullError if it is to be kept
        unread, and there is no room for it.
        """
        return self._deliveries.of(tenant).record(tenant, delivery, max(1, len(delivery.jobs)))

    def fail_stalled_jobs(self) -> int:
        """Marks stalled jobs as Failed, and returns their number. Call it every `HEARTBEAT_SECONDS`."""
        now = self.clock()
        with self.writing() as connection:
            if not stalled.heartbeat(connection, now, 3 * HEARTBEAT_SECONDS * ticks.PER_SECOND):
                return 0
        presumed = 0
        while overdue := self._overdue(now):
            for tenant, job_ids in overdue.items():
                # Read before, so that nobody who writes waits for it.
                with self.reading() as connection:
                    usual = {job_id: of_job.usual_of_job(connection, tenant, job_id) for job_id in job_ids}
                with self.writing() as connection:
                    presumed += stalled.mark_failed(connection, tenant, job_ids, now, usual)
        return presumed

    def _overdue(self, now: int) -> dict[int, list[str]]:
        with self.reading() as connection:
            return stalled.overdue(connection, now)

    def tenant_id(self, name: str, *, create: bool = False) -> int | None:
        """Returns the number of the tenant called `name`. If there is none, creates it (`create`) or returns None."""
        with self.reading() as connection:
            found = apps.tenant_number(connection, name)
        if found is None and create:
            with self.writing() as connection:
                return apps.add_tenant(connection, name, self.clock())
        return found

    def night_hours(self, tenant: int) -> NightHours:
        """Returns when the nights of the tenant begin."""
        with self.reading() as connection:
            return tenants.night_hours(connection, tenant)

    def ready(self) -> None:
        """Raises StoreError if the store cannot be reached, or does not have the schema of this version."""
        with self.reading() as connection:
            migrations.require_current(connection)

    def reading(self) -> AbstractContextManager[Connection]:
        """Opens a transaction that reads one consistent snapshot, for the functions of `store.registry`."""
        return engines.reading(self._engine)

    def reading_series(self, query: SeriesQuery) -> AbstractContextManager[Connection]:
        """Opens the same for what this query needs: how series stood in the past is read from all of their jobs."""
        return self.reading() if query.at is None else engines.reading_all(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Opens a transaction that writes all or nothing, for the functions of `store.registry`.

        Raises OtherVersionError if another version has changed the tables.
        """
        with engines.writing(self._engine) as connection:
            migrations.require_version(connection)
            yield connection

    def truncate_log(self) -> None:
        """Removes from a file and its log the data that was just overwritten, unless a reader still needs it."""
        engines.truncate_log(self._engine)

    def close(self) -> None:
        """Closes every connection."""
        for opened in (self._event_loop_reader, self._connections, self._summaries):
            if opened:
                opened.close()
        self._engine.dispose()
