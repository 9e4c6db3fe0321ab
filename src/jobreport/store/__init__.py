"""A store's URL in; a `Store` that keeps jobs and registrations and answers queries out. Only this room knows SQL."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from jobreport.clock import now_ticks
from jobreport.contract import summary_answer
from jobreport.contract.summary import Summary
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.query import JobQuery, Listing, ListQuery, Page, Report
from jobreport.model.summary import SummaryQuery
from jobreport.model.write_result import WriteResult
from jobreport.store import migrate as migrations
from jobreport.store.cache.connections import Kept
from jobreport.store.cache.reader import Quick
from jobreport.store.cache.summaries import Recall
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
from jobreport.store.query import pages, report, summary
from jobreport.store.query.stream import Whole, opened
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

T = TypeVar("T")

Transaction = Connection
"""What `Store.reading` and `Store.writing` give, by a name for those who know no SQL."""

BEAT_SECONDS: Final = 5
"""How often the watch for silent jobs beats; a longer gap is time in which nobody listened."""


def open_store(
    url: str,
    *,
    create: bool = True,
    migrate: bool | None = None,
    keep: bool = True,
    clock: Callable[[], int] = now_ticks,
) -> "Store":
    """The store at `url`: `sqlite:////path/jobs.db`, or `postgresql://user@host/database`.

    A file is made where there is none. Where the tables are behind, they are brought up to date if `migrate` says
    so; where it says nothing, in a file only: what others share is changed when its operator says so. A file of an
    older version is copied before (`Store.kept`), unless `keep` says otherwise. `clock` gives the time in ticks.

    UnusableStoreError where the URL or what it names is not a store of ours, where there is no
    file and it is not to be made (`create`), or where the store is not migrated and is not to be.
    StoreUnavailableError where it cannot be reached, or there is no room for the copy: nothing was changed then.
    """
    engine = engines.make_engine(engines.parse(url), create=create)
    try:
        with engines.reading(engine) as connection:
            behind = migrations.is_behind(connection)
            if behind and not (engine.dialect.name == "sqlite" if migrate is None else migrate):
                migrations.require_current(connection)
        kept = None
        if behind:
            with engines.writing(engine) as connection:
                kept = migrations.upgrade(connection, keep=keep)
        engines.prepare(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, clock, kept)


class Store:
    """Every tenant's jobs and registrations. Safe to share between threads.

    Any method raises StoreUnavailableError where the database cannot answer at the moment.
    """

    def __init__(self, engine: Engine, clock: Callable[[], int], kept: Path | None) -> None:
        self._engine = engine
        self._groups: dict[int, GroupCommit] = {}
        self._quick: Quick | None = None
        self._kept = Kept(engine) if engine.dialect.name == "postgresql" else None
        self._recall = None if self._kept else Recall(engine)
        self.clock = clock
        self.kept = kept
        """The copy of the file from before it was upgraded just now, or None where it was not."""

    @property
    def is_shared(self) -> bool:
        """Whether it is a database that others may reach too, and not a file of its owner's."""
        return self._engine.dialect.name != "sqlite"

    def find(self, tenant: int, query: JobQuery) -> Page:
        """The page of `query` and its exact total, from one snapshot."""
        return self._asked(lambda connection: report.find(connection, tenant, query), short=not query.search)

    def report(self, tenant: int, query: JobQuery) -> Report:
        """The same, with what a report tells of each job."""
        if self._kept and report.is_first(query):
            return self._kept.ask(lambda connection: report.first(connection, tenant, query), snapshot=False)
        if self._kept and not query.search:
            return self._kept.ask(lambda connection: report.begun(connection, tenant, query), snapshot=True)()
        return self._asked(lambda connection: report.report(connection, tenant, query), short=False)

    def _asked(self, work: Callable[[Connection], T], *, short: bool) -> T:
        """What `work` reads; if it is short, on a connection that is kept for it."""
        if self._kept and short:
            return self._kept.ask(work, snapshot=True)
        with self.reading() as connection:
            return work(connection)

    def report_at_once(self, tenant: int, query: JobQuery) -> Report | None:
        """The same for a short question to a file, without ever waiting; None for any other. For one thread only."""
        return self._at_once().report(tenant, query) if not self._kept else None

    def _at_once(self) -> Quick:
        self._quick = self._quick or Quick(self._engine)
        return self._quick

    def list_jobs(self, tenant: int, query: ListQuery) -> Listing:
        """The page of any `query`, its exact total, and where the next page begins, from one snapshot."""
        plain = query.plain()
        if plain and (told := pages.of_report(plain, self.report(tenant, plain))):
            return told
        now, short = self.clock(), query.narrow and not query.where.search
        return self._asked(lambda connection: pages.find(connection, tenant, query, now), short=short)

    def list_at_once(self, tenant: int, query: ListQuery) -> Listing | None:
        """The same for a short question to a file, without ever waiting; None for any other. For one thread only."""
        if plain := query.plain():
            found = self.report_at_once(tenant, plain)
            return pages.of_report(plain, found) if found else None
        return self._at_once().listing(tenant, query, self.clock()) if not self._kept else None

    def whole(self, tenant: int, query: ListQuery) -> AbstractContextManager[Whole]:
        """All jobs of `query`, whatever its page, and their exact number, from one snapshot that ends with it."""
        return opened(self._engine, tenant, query, self.clock())

    def summary(self, tenant: int, query: SummaryQuery) -> Summary:
        """Every group of the jobs that match, exactly, from one snapshot; InvalidInputError where they are too many."""
        now = self.clock()
        if self._recall and (known := self._recall.summary(tenant, query, now)):
            return known
        found = self._asked(lambda connection: summary.find(connection, tenant, query, now), short=query.is_counted)
        return summary_answer.answer(query, *found, now)

    def history(self, tenant: int, job_id: str) -> History | None:
        """Everything that is kept of one job, or None."""
        with self.reading() as connection:
            return history(connection, tenant, job_id)

    def record(self, tenant: int, jobs: Sequence[Job], writer: Writer | None = None) -> WriteResult:
        """Stores all of `jobs` or, where it raises FinalJobError or ForeignJobError, none; on disk when it returns."""
        # A file has one writer at a time, whoever it writes for. Elsewhere tenants do not wait for each other.
        key = 0 if self._engine.dialect.name == "sqlite" else tenant
        if (group := self._groups.get(key)) is None:
            group = self._groups.setdefault(key, GroupCommit(self.writing, self.clock))
        return group.record(tenant, jobs, writer or Writer())

    def listen(self) -> int:
        """One beat of the watch for silent jobs, due every `BEAT_SECONDS`; how many were presumed to have failed."""
        now = self.clock()
        with self.writing() as connection:
            if not stalled.heartbeat(connection, now, 3 * BEAT_SECONDS * ticks.PER_SECOND):
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

    def forget(self) -> None:
        """Leaves nothing in a file of what was overwritten in it just now, as far as nobody reads it still."""
        engines.truncate_log(self._engine)

    def close(self) -> None:
        """Closes every connection."""
        if self._quick:
            self._quick.close()
        if self._kept:
            self._kept.close()
        if self._recall:
            self._recall.close()
        self._engine.dispose()
