"""The catalog of a director with many jobs, in a file."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import program
from fakes.bareos_catalog import CLIENT, TABLES, job, put

from jobreport.clock import now_ticks
from jobreport.model import ticks

_DAYS: Final = 25


@contextmanager
def _served(jobs: int) -> Iterator[str]:
    begun = now_ticks() - (_DAYS + 1) * ticks.PER_DAY
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        with closing(sqlite3.connect(Path(folder) / "catalog.db", isolation_level=None)) as catalog:
            for statement in TABLES:
                catalog.execute(statement)
            catalog.execute("CREATE UNIQUE INDEX number ON Job (JobId)")  # as a catalog has it
            put(catalog, CLIENT, table="Client")
            put(catalog, *(job(one, begun + one * _DAYS * ticks.PER_DAY // jobs) for one in range(1, jobs + 1)))
        yield f"sqlite:///{folder}/catalog.db"


def _read(url: str) -> int:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as catalog:
        question = "SELECT * FROM Job LEFT JOIN Client ON Client.ClientId = Job.ClientId ORDER BY JobId"
        return sum(1 for _ in catalog.execute(question))


program.run(_served, _read)
