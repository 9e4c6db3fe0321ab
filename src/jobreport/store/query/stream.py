"""All jobs that match, batch by batch from one snapshot, as an export reads them.

Whatever their number, no more than a batch of them is in memory: what is to be sorted is sorted on disk.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, bindparam, select

from jobreport.contract.job_row import JobRow, Row
from jobreport.model.query import JobQuery
from jobreport.store.db import dialect_of
from jobreport.store.db import engine as engines
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import pages
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import SUBJECT

BATCH: Final = 250
"""Jobs that are read at a time."""
_KNOWN: Final = 10_000
"""Subjects that are remembered: jobs come back to the same ones night after night."""

_NOTHING: Final = ("",) * len(SUBJECT)

Columns = tuple[Any, ...]
OF_JOB: Final = (*(table.c[name] for name in JobRow._fields if name not in SUBJECT), table.c.subject)
"""What is read of a job itself; `JobRow` has what it is about behind it."""


class JobStream:
    """All jobs that match, exactly `total`; `now` (ticks) is the moment until when a job that runs has lasted."""

    def __init__(self, connection: Connection, tenant: int, query: JobQuery, now: int) -> None:
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
        given = {"tenant": self._tenant, "numbers": dialect_of(self._connection).array([*missing])}
        # A job whose subject is missing, which `jobreport check` finds, is about nothing. It is counted, so it comes.
        self._known |= dict.fromkeys(missing, _NOTHING)
        for number, *texts in _ABOUT.rows(self._connection, given):
            self._known[number] = tuple(texts)


@contextmanager
def opened(engine: Engine, tenant: int, query: JobQuery, now: int) -> Iterator[JobStream]:
    """One consistent snapshot. StoreUnavailableError where the database cannot answer."""
    with engines.reading_all(engine) as connection:
        yield JobStream(connection, tenant, query, now)


_ABOUT: Final = Prepared(
    select(subjects.c.subject, *(subjects.c[name] for name in SUBJECT)).where(
        subjects.c.tenant == bindparam("tenant"), any_of(subjects.c.subject, "numbers")
    )
)
