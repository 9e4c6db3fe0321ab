"""The store: every tenant's jobs and registrations, in a file or in PostgreSQL. No other room knows SQL."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from jobreport.clock import now_ticks
from jobreport.contract import summary_answer
from jobreport.contract.summary import Summary
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.query import JobQuery, Page
from jobreport.model.summary import SummaryQuery
from jobreport.model.write_result import WriteResult
from jobreport.store import migrate as migrations
from jobreport.store.cache.connections import ReadConnections
from jobreport.store.cache.reader import EventLoopReader
from jobreport.store.cache.summaries import SummaryCache
from jobreport.store.db import dialect_of
from jobreport.store.db import engine as engines
from jobreport.store.db.engine import shown
from jobreport.store.db.errors import (
    FinalJobError,
    ForeignJobError,
    StoreError,
    StoreUnavailableError,
    UnusableStoreError,
)
from jobreport.store.jobs import stalled
from jobreport.store.jobs.group_commit import GroupCommit
from jobreport.store.jobs.history import History, Version, history
from jobreport.store.jobs.record import Writer
from jobreport.store.query import pages, stream, summary
from jobreport.store.registry import apps

__all__ = [
    "FinalJobError",
    "ForeignJobError",
    "History",
    "Store",
    "StoreError",
    "StoreUnavailableError",
    "Transaction",
    "UnusableStoreError",
    "Version",
    "Writer",
    "open_store",
    "shown",
]

Transaction = Connection
"""What `Store.reading` and `Store.writing` give, by a name for those who know no SQL."""

HEARTBEAT_SECONDS: Final = 5
"""How often somebody looks for stalled jobs. Three times as long without that counts as time without a service."""


def open_store(
    url: str,
    *,
    create: bool = True,
    migrate: bool | None = None,
    copy_before: bool = True,
    clock: Callable[[], int] = now_ticks,
) -> "Store":
    """The store at `url`: `sqlite:////path/jobs.db`, or `postgresql://user@host/database`.

    If `create`, a file is made where there is none. Tables that are behind are changed if `migrate` is True; if it is
    None, in a file only, for a database that others share is changed when its operator says so. If it is False, no
    table is changed, and only those of a new file are made. A file of an older version is copied before
    (`Store.upgrade_copy`), unless `copy_before` is False. `clock` gives the time in ticks.

    UnusableStoreError where the URL or what it names is not a store of ours, where there is no
    file and it is not to be made (`create`), or where the store is not migrated and is not to be.
    StoreUnavailableError where it cannot be reached, or there is no room for the copy: nothing was changed then.
    """
    engine = engines.make_engine(engines.parse(url), create=create)
    try:
        with engines.reading(engine) as connection:
            behind = migrations.is_behind(connection)
            if behind and not _may_change(connection, migrate=migrate, create=create):
                migrations.require_current(connection)
        copy = None
        if behind:
            with engines.writing(engine) as connection:
                copy = migrations.upgrade(connection, copy_before=copy_before)
        engines.prepare(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, clock, copy)


def _may_change(connection: Connection, *, migrate: bool | None, create: bool) -> bool:
    """Whether the tables may be made or changed; see `open_store`."""
    if migrate:
        return True
    if dialect_of(connection).is_shared:
        return False
    return migrate is None or (create and migrations.is_new(connection))


class Store:
    """Every tenant's jobs and registrations. Safe to share between threads.

    Any method raises StoreUnavailableError where the database cannot answer at the moment.
    """

    def __init__(self, engine: Engine, clock: Callable[[], int], upgrade_copy: Path | None) -> None:
        self._engine = engine
        self._groups: dict[int, GroupCommit] = {}
        self._event_loop_reader: EventLoopReader | None = None
        self._dialect = dialect_of(engine)
        self._connections = ReadConnections(engine) if self._dialect.is_shared else None
        self._summaries = None if self._connections else SummaryCache(engine)
        self.clock = clock
        self.upgrade_copy = upgrade_copy
        """The copy of the file from before it was upgraded just now, or None where it was not."""

    @property
    def is_shared(self) -> bool:
        """Whether it is a database that others may reach too, and not a file of its owner's."""
        return self._dialect.is_shared

    def list_jobs(self, tenant: int, query: JobQuery) -> Page:
        """The page of any `query`, its exact total, and where the next page begins, from one snapshot."""
        now = self.clock()
        if self._connections and query.is_short:
            if pages.is_first(self._dialect, query):  # by one statement, which is a snapshot by itself
                return self._connections.read(lambda connection: pages.first(connection, tenant, query), snapshot=False)
            page = self._connections.read(lambda connection: pages.begin(connection, tenant, query, now), snapshot=True)
            return page()
        with self.reading() as connection:
            return pages.find(connection, tenant, query, now)

    def list_at_once(self, tenant: int, query: JobQuery) -> Page | None:
        """As `list_jobs`, for a short question to a file, and without ever waiting; None for any other.

        For one thread only: that of the event loop.
        """
        if self._connections:
            return None
        self._event_loop_reader = self._event_loop_reader or EventLoopReader(self._engine)
        return self._event_loop_reader.page(tenant, query, self.clock())

    def stream_jobs(self, tenant: int, query: JobQuery) -> AbstractContextManager[stream.JobStream]:
        """All jobs of `query`, whatever its page, and their exact number, from one snapshot that ends with it."""
        return stream.opened(self._engine, tenant, query, self.clock())

    def summary(self, tenant: int, query: SummaryQuery) -> Summary:
        """Every group of the jobs that match, exactly, from one snapshot; InvalidInputError where they are too many."""
        now = self.clock()
        if self._summaries and (known := self._summaries.summary(tenant, query, now)):
            return known
        if self._connections and query.is_counted:
            groups = self._connections.read(
                lambda connection: summary.find(connection, tenant, query, now), snapshot=True
            )
        else:
            with self.reading() as connection:
                groups = summary.find(connection, tenant, query, now)
        return summary_answer.answer(query, *groups, now)

    def history(self, tenant: int, job_id: str) -> History | None:
        """Everything that is kept of one job, or None."""
        with self.reading() as connection:
            return history(connection, tenant, job_id)

    def record(self, tenant: int, jobs: Sequence[Job], writer: Writer | None = None) -> WriteResult:
        """Stores all of `jobs` or, where it raises FinalJobError or ForeignJobError, none; on disk when it returns."""
        # A file has one writer at a time, whoever it writes for. Elsewhere tenants do not wait for each other.
        key = tenant if self._dialect.is_shared else 0
        if (group := self._groups.get(key)) is None:
            group = self._groups.setdefault(key, GroupCommit(self.writing, self.clock))
        return group.record(tenant, jobs, writer or Writer())

    def fail_stalled_jobs(self) -> int:
        """Marks stalled jobs as Failed, and returns how many. Is to be called every `HEARTBEAT_SECONDS`."""
        now = self.clock()
        with self.writing() as connection:
            if not stalled.heartbeat(connection, now, 3 * HEARTBEAT_SECONDS * ticks.PER_SECOND):
                return 0
        presumed = 0
        while overdue := self._overdue(now):
            for tenant, job_ids in overdue.items():
                with self.writing() as connection:
                    presumed += stalled.mark_failed(connection, tenant, job_ids, now)
        return presumed

    def _overdue(self, now: int) -> dict[int, list[str]]:
        with self.reading() as connection:
            return stalled.overdue(connection, now)

    def tenant_id(self, name: str, *, create: bool = False) -> int | None:
        """The key of the tenant called `name`; None where there is none and none is to be made."""
        with self.reading() as connection:
            found = apps.tenant_number(connection, name)
        if found is None and create:
            with self.writing() as connection:
                return apps.add_tenant(connection, name, self.clock())
        return found

    def ready(self) -> None:
        """Returns where the store is reachable and of this version's schema; StoreError otherwise."""
        with self.reading() as connection:
            migrations.require_current(connection)

    def reading(self) -> AbstractContextManager[Connection]:
        """A consistent snapshot for the functions of `store.registry.apps`."""
        return engines.reading(self._engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction for the functions of `store.registry.apps`: all or nothing."""
        return engines.writing(self._engine)

    def truncate_log(self) -> None:
        """Leaves nothing in a file of what was overwritten in it just now, as far as nobody reads it still."""
        engines.truncate_log(self._engine)

    def close(self) -> None:
        """Closes every connection."""
        for opened in (self._event_loop_reader, self._connections, self._summaries):
            if opened:
                opened.close()
        self._engine.dispose()
