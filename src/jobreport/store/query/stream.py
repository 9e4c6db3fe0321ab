"""A question in; how many jobs match, and all of them in their order, batch by batch from one snapshot, out.

Whatever their number, no more than a batch of them is in memory: what is to be sorted is sorted on disk.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, bindparam, select

from jobreport.contract.job_row import JobRow, Row
from jobreport.model.query import ListQuery
from jobreport.store.db import engine as engines
from jobreport.store.db import postgresql
from jobreport.store.db.arrays import among, one_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import pages
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import SUBJECT

BATCH: Final = 250
"""Jobs that are read at a time."""
_KNOWN: Final = 10_000
"""Subjects that are remembered: jobs come back to the same ones night after night."""
_SORTED_KIB: Final = 16_000
"""Memory of a file's reader for what it sorts; the rest goes to disk."""

Columns = tuple[Any, ...]
OF_JOB: Final = (*(table.c[name] for name in JobRow._fields if name not in SUBJECT), table.c.subject)
"""What is read of a job itself; `JobRow` has what it is about behind it."""


class Whole:
    """All jobs that match, exactly `total`; `now` (ticks) is the moment until when a job that runs has lasted."""

    def __init__(self, connection: Connection, tenant: int, query: ListQuery, now: int) -> None:
        self._connection, self._tenant, self.now = connection, tenant, now
        self._known: dict[int, Columns] = {}
        self.total, self._statement, self._values = pages.every(connection, tenant, query, now, OF_JOB)

    def batches(self) -> Iterator[list[Row]]:
        """The jobs in order, at most `BATCH` at a time."""
        if not self.total or self._statement is None:
            return
        with closing(self._statement.stream(self._connection, self._values)) as cursor:
            while rows := cursor.fetchmany(BATCH):
                self._learn({row[-1] for row in rows})
                known = self._known
                yield [cast(Row, (*row[:-1], *known[row[-1]])) for row in rows]

    def _learn(self, numbers: set[int]) -> None:
        if not (missing := numbers.difference(self._known)):
            return
        if len(self._known) > _KNOWN:
            self._known.clear()
            missing = numbers
        given = {"tenant": self._tenant, "numbers": among(self._connection, [*missing])}
        for number, *texts in _ABOUT.rows(self._connection, given):
            self._known[number] = tuple(texts)


@contextmanager
def opened(engine: Engine, tenant: int, query: ListQuery, now: int) -> Iterator[Whole]:
    """One consistent snapshot. StoreUnavailableError where the database cannot answer."""
    options = postgresql.READS if engine.dialect.name == "postgresql" else {}
    with (
        engines.translated(engine),
        engine.connect().execution_options(**options) as connection,
        _sorting_on_disk(connection),
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            postgresql.take_time(connection)
        yield Whole(connection, tenant, query, now)


@contextmanager
def _sorting_on_disk(connection: Connection) -> Iterator[None]:
    """Short reads of a file sort in memory, where millions have no room. It can be changed between transactions."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA temp_store = FILE")
    driver.execute(f"PRAGMA cache_size = -{_SORTED_KIB}")
    try:
        yield
    finally:
        driver.execute("PRAGMA temp_store = MEMORY")
        driver.execute(f"PRAGMA cache_size = -{engines.READER_KIB}")


_ABOUT: Final = Prepared(
    select(subjects.c.subject, *(subjects.c[name] for name in SUBJECT)).where(
        subjects.c.tenant == bindparam("tenant"), one_of(subjects.c.subject, "numbers")
    )
)
