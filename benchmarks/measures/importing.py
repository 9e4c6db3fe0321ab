"""Jobs a second of an import, against a bare `executemany` of the same rows into the same tables and indexes."""

import sqlite3
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg

import cores
import data
from bench import Bench
from figure import Bar, Figure
from jobreport.contract.job_document import job_to_wire
from jobreport.intake import load as intake
from jobreport.intake.parse import parse
from jobreport.intake.source import Source
from jobreport.sample.history import history
from jobreport.store import open_store
from jobreport.store.derived import trigrams
from options import FOLDER, SEED, WRITTEN
from places import Place, scratch
from progress import step
from schema import FILLED, PARTS

_MOST: Final = 3_000_000
"""Jobs of all rounds."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Lines of JSON, in batches as `jobreport import` makes them."""
    jobs = bench.options.imported
    lines = lines_of(jobs)
    rounds = max(1, min(bench.options.rounds, _MOST // jobs))
    ours: list[float] = []
    bare: list[float] = []
    with step("Import, against a bare insert"), cores.on(cores.SERVER):
        for _ in range(rounds):
            with scratch(bench.kind, "import") as place, scratch(bench.kind, "bare") as target:
                ours.append(jobs / _import(place, lines, jobs))
                bare.append(jobs / (_bare_sqlite if bench.sqlite else _bare_postgresql)(place, target))
    yield Figure(
        f"import of {jobs:,} jobs",
        statistics.median(ours),
        "jobs/s",
        statistics.median(bare),
        "bare executemany, same tables and indexes",
        Bar(0.3, at_least=True),
        "≥ 40,000 jobs/s" if bench.sqlite else "≥ 25,000 jobs/s",
        larger_is_better=True,
        free=True,
    )


def lines_of(jobs: int) -> Path:
    """A file of a history that is in no store yet."""
    path = FOLDER / f"import-{jobs}-{data.made_from()}.ndjson"
    if not path.exists():
        with step(f"Writing {jobs:,} lines"), path.with_suffix(".partial").open("wb") as file:
            for _, found in history(jobs, 1, SEED + 1):
                file.writelines(msgspec.json.encode(job_to_wire(job)) + b"\n" for job in found)
        path.with_suffix(".partial").rename(path)
    return path


def _import(place: Place, lines: Path, jobs: int) -> float:
    """Seconds of `jobreport import`, without the start of the program."""
    store, loaded = open_store(place.url, migrate=True), intake.Loaded()
    tenant = store.tenant_id(WRITTEN, create=True) or 0
    with lines.open("rb") as file:
        started = time.perf_counter()
        for _ in intake.load(store, tenant, parse(Source(file), store.clock()), loaded, lambda line: None):
            pass
        took = time.perf_counter() - started
    store.close()
    assert (loaded.created, loaded.refused) == (jobs, 0), loaded
    return took


def _bare_sqlite(source: Place, target: Place) -> float:
    """Seconds of inserting what the import made, as it lies there; reading it is not counted."""
    open_store(target.url, migrate=True).close()
    took = 0.0
    with closing(sqlite3.connect(str(source.path))) as made, closing(sqlite3.connect(str(target.path))) as file:
        made.create_function("parts", 1, trigrams.text_of)
        made.execute("BEGIN")
        file.execute("PRAGMA synchronous = FULL")
        pairs = [(_insert(made.execute(f"SELECT * FROM {name}"), name, "?"), name) for name in FILLED]
        reads = {name: made.execute(f"SELECT * FROM {name}") for _, name in pairs}
        put_parts, get_parts = PARTS
        parts = made.execute(get_parts)
        for statement, name in pairs:
            while rows := reads[name].fetchmany(intake.BATCH):
                # The index of parts of job IDs belongs to the jobs' own transaction, as it does on our side.
                more = parts.fetchmany(len(rows)) if name == "job" else []
                started = time.perf_counter()
                with file:
                    file.executemany(statement, rows)
                    if more:
                        file.executemany(put_parts, more)
                took += time.perf_counter() - started
    return took


def _bare_postgresql(source: Place, target: Place) -> float:
    """The same with psycopg, which sends many at a time."""
    open_store(target.url, migrate=True).close()
    took = 0.0
    with psycopg.connect(source.url) as made, psycopg.connect(target.url) as file:
        for name in FILLED:
            with made.cursor(f"all_of_{name}") as read:
                read.execute(f"SELECT * FROM {name}")
                statement = _insert(read, name, "%s")
                while rows := read.fetchmany(intake.BATCH):
                    started = time.perf_counter()
                    with file.cursor() as write:
                        write.executemany(statement, rows)
                    file.commit()
                    took += time.perf_counter() - started
    return took


def _insert(read: Any, name: str, mark: str) -> str:
    columns: Sequence[str] = [column[0] for column in read.description]
    return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join(mark for _ in columns)})"
