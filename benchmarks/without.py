"""Writes jobs into a new store, in a process of its own, and prints the seconds: with what is kept beside them, or not.

`python without.py URL FILE kept|without import|single`; the file has jobs as lines of JSON. `without` is there to
compare with: it replaces functions of the store, so that series, causes, sums, and the days of ends are not kept, and
drops the indexes for them. All else stays as it is. Nothing of this is in the program itself.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from jobreport.intake import load as intake
from jobreport.intake.parse import Line, parse
from jobreport.intake.source import Source
from jobreport.model.job import Job
from jobreport.store import Store, open_store
from jobreport.store.derived import causes, counts, series, subjects, sums
from options import WRITTEN

SINGLE: Final = 2_000
"""The last jobs of the file, which are written one by one."""
_INDEXES: Final = ("job_ended", "job_cause", "subject_series")


def main() -> None:
    """Prints the seconds of the import, or of the single writes after one."""
    url, file, what, how = sys.argv[1:]
    store = open_store(url, migrate=True)
    if what == "without":
        _leave_out(store)
    tenant = store.tenant_id(WRITTEN, create=True) or 0
    clock = _clock(url)
    with Path(file).open("rb") as lines:
        found = parse(Source(lines), store.clock())
        print(_import(store, tenant, found, clock) if how == "import" else _single(store, tenant, found, clock))
    store.close()


def _import(store: Store, tenant: int, lines: Any, clock: Callable[[], float]) -> float:
    """Returns the seconds of what `jobreport import` does with these lines."""
    started = clock()
    for _ in intake.load(store, tenant, lines, intake.Loaded(), lambda line: None):
        pass
    return clock() - started


def _single(store: Store, tenant: int, lines: Any, clock: Callable[[], float]) -> float:
    jobs: list[Job] = [line.job for line in lines if isinstance(line, Line) and line.job]
    for first in range(0, len(jobs) - SINGLE, intake.BATCH):
        store.record(tenant, jobs[first : min(first + intake.BATCH, len(jobs) - SINGLE)])
    started = clock()
    for job in jobs[-SINGLE:]:
        store.record(tenant, [job])
    return clock() - started


def _clock(url: str) -> Callable[[], float]:
    """Processor seconds where all work is done in this process; otherwise those of the clock on the wall."""
    return time.process_time if url.startswith("sqlite") else time.perf_counter


def _leave_out(store: Store) -> None:
    def nothing(*_: object) -> None:
        pass

    every_day = counts.add

    def without_ends(connection: Any, tenant: int, groups: Any) -> None:
        starts: dict[Any, list[int]] = {}
        for group, (number, *_) in groups.items():
            starts.setdefault(group._replace(ended=-1), [0])[0] += number
        every_day(connection, tenant, starts)

    replaced: Any = (series, "apply", nothing), (sums, "add", nothing), (counts, "add", without_ends)
    replaced += (causes, "numbers", lambda *_: {}), (subjects, "series_key", lambda _: None)
    for module, name, function in replaced:
        setattr(module, name, function)
    with store.writing() as connection:
        for name in _INDEXES:
            connection.execute(text(f"DROP INDEX {name}"))


if __name__ == "__main__":
    main()
