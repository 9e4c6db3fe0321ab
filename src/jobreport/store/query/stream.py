"""Reads all jobs that match, batch by batch from one snapshot. Exports use it.

However many jobs there are, only one batch is in memory. If they must be sorted, the database sorts them on disk.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, bindparam, select

from jobreport.contract.job_row import JobRow, Row
from jobreport.model.query import JobQuery
from jobreport.model.sees import EVERY
from jobreport.store.db import dialect_of
from jobreport.store.db import engine as engines
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import pages
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.repeated import whole
from jobreport.store.schema.rows import SUBJECT

BATCH: Final = 250
"""The number of jobs in a batch."""
_KNOWN: Final = 10_000
"""About this many subjects are remembered, because the jobs of every night have the same subjects."""

_NOTHING: Final = ("",) * len(SUBJECT)
_NO_CAUSE: Final = ("", "")

Columns = tuple[Any, ...]
_OTHERWHERE: Final = (*SUBJECT, "cause", "cause_text", "reference", "sees")
OF_JOB: Final = (
    *(whole(name) for name in JobRow._fields if name not in _OTHERWHERE),
    *(table.c[name] for name in ("subject", "cause", "reference", "sees")),
)
"""The columns that are read from the table of jobs. A `JobRow` has texts in place of the last four."""


class JobStream:
    """Reads all jobs that match; `total` is their exact number.

    `now` (ticks) is the present time; it gives the duration of jobs that still run.
    """

    def __init__(self, connection: Connection, tenant: int, query: JobQuery, now: int) -> None:
        self._connection, self._tenant, self.now = connection, tenant, now
        self._subjects: dict[int, Columns] = {}
        self._causes: dict[int, Columns] = {}
        self.total, self._statement, self._values = pages.every(connection, tenant, query, now, OF_JOB)

    def batches(self) -> Iterator[list[Row]]:
        """Gives the jobs in order, at most `BATCH` at a time."""
        if not self.total or self._statement is None:
            return
        with closing(self._statement.stream(self._connection, self._values)) as cursor:
            while rows := cursor.fetchmany(BATCH):
                self._learn(self._subjects, _ABOUT, {row[-4] for row in rows}, _NOTHING)
                self._learn(self._causes, _CAUSES, {row[-3] for row in rows}, _NO_CAUSE)
                about, why = self._subjects, self._causes
                yield [
                    cast(Row, (*row[:-4], *about[row[-4]], *why[row[-3]], row[-2] or "", EVERY[row[-1]].value))
                    for row in rows
                ]

    def _learn(self, known: dict[int, Columns], texts: Prepared, numbers: set[int], nothing: Columns) -> None:
        """Reads the texts of subjects, or of causes, that are not known yet."""
        if not (missing := numbers.difference(known)):
            return
        if len(known) > _KNOWN:
            known.clear()
            missing = numbers
        given = {"tenant": self._tenant, "numbers": dialect_of(self._connection).array([*missing])}
        # If a row is missing (`jobreport check` finds that), its jobs get empty texts. They are in the total, so
        # they must not be left out.
        known |= dict.fromkeys(missing, nothing)
        for number, *columns in texts.rows(self._connection, given):
            known[number] = tuple(columns)


@contextmanager
def opened(engine: Engine, tenant: int, query: JobQuery, now: int) -> Iterator[JobStream]:
    """Opens a stream on one consistent snapshot, and closes it at the end of the `with` block.

    Raises StoreUnavailableError if the database cannot answer.
    """
    with engines.reading_all(engine) as connection:
        yield JobStream(connection, tenant, query, now)


_ABOUT: Final = Prepared(
    select(subjects.c.subject, *(subjects.c[name] for name in SUBJECT)).where(
        subjects.c.tenant == bindparam("tenant"), any_of(subjects.c.subject, "numbers")
    )
)
_CAUSES: Final = Prepared(
    select(causes.c.cause, causes.c.code, causes.c.text).where(
        causes.c.tenant == bindparam("tenant"), any_of(causes.c.cause, "numbers")
    )
)
