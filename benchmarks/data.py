"""Makes the store of sample data, of a given number of jobs; only if there is none yet of these jobs and tables."""

import hashlib
import itertools
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from fleet import fleet
from jobreport.cli.actor import actor
from jobreport.identity.tenants import ensure
from jobreport.intake.load import BATCH
from jobreport.model.job import Job
from jobreport.sample.history import UNTIL, history
from jobreport.store import open_store
from options import FOLDER, SEED, TENANTS
from places import Kind, Place, room
from progress import step
from schema import FILLED, PARTS_TABLE, PEERS_FILL, PEERS_INDEX, PEERS_TABLE

PROGRAM: Final = Path(sys.executable).with_name("jobreport")
_PEERS_MOST: Final = 400
"""Bytes a job that the peers' file takes at most."""
_LOOKED_AT: Final = 2_000
"""Jobs of the history that are looked at to see whether it is still the same one."""


def build(kind: Kind, jobs: int, series: int = 0) -> tuple[Place, float]:
    """The store of `jobs` jobs, and how many bytes a job it took when it was new.

    With a number of `series`, it is the fleet (`fleet.fleet`) and not the sample data.
    """
    name = f"fleet-{series}-{jobs}" if series else f"jobs-{jobs}"
    place = kind.place(name, jobs)
    recipe = {"jobs": jobs, "seed": SEED, "tenants": TENANTS, "from": made_from(series)}
    marker = FOLDER / f"{kind.name}-{name.removeprefix('jobs-')}.json"
    found = json.loads(marker.read_text()) if marker.exists() else {}
    if {name: found.get(name) for name in recipe} != recipe:
        marker.unlink(missing_ok=True)
        kind.drop(place)
        room(FOLDER, jobs * kind.most)
        with step(f"Building {jobs:,} jobs{f' of {series:,} series' if series else ''} in {kind.label}"):
            if series:
                _fill_with_fleet(place, jobs, series)
            else:
                _fill(place, jobs)
        found = {**recipe, "bytes": kind.size(place)}
        marker.write_text(json.dumps(found, indent=2))
    else:
        migrate(place)  # other tables may have come
    return place, found["bytes"] / jobs


def _fill(place: Place, jobs: int) -> None:
    """By our own `sample-data`, as anybody would."""
    migrate(place)
    words = ["sample-data", "--jobs", jobs, "--tenants", TENANTS, "--seed", SEED, "--store", place.url]
    subprocess.run([PROGRAM, *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def _fill_with_fleet(place: Place, jobs: int, series: int) -> None:
    """In this process, which closes the store again. Some nights of a small tenant are reported together, since each
    transaction takes its time.
    """
    now = UNTIL
    store = open_store(place.url, migrate=True, clock=lambda: now)
    for name, nights in itertools.groupby(fleet(jobs, series), key=lambda night: night[0]):
        number = ensure(store, name, by=actor()).number
        waiting: list[Job] = []
        for _, night, now in nights:  # noqa: B007 - the clock reads it
            waiting += night
            while len(waiting) >= BATCH:
                store.record(number, waiting[:BATCH])
                del waiting[:BATCH]
        store.record(number, waiting)
    store.close()


def migrate(place: Place) -> None:
    """Makes the tables. By another process: SQLite's locks on a file are lost when its own process opens it again."""
    if place.url.startswith("sqlite:"):  # `migrate` makes no file, but tables in an empty one
        file = Path(place.url.removeprefix("sqlite:///"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    subprocess.run([PROGRAM, "migrate", "--store", place.url], check=True, stdout=subprocess.DEVNULL)


def made_from(series: int = 0) -> str:
    """A digest of the tables and of the first jobs: stores that differ in it hold different data."""
    digest = hashlib.sha256()
    made: Iterator[tuple[object, ...]] = history(_LOOKED_AT, TENANTS, SEED)
    if series:
        made = itertools.islice(fleet(_LOOKED_AT, min(series, _LOOKED_AT)), 1)
    for part in itertools.islice(made, _LOOKED_AT):
        digest.update(repr(part).encode())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_store(f"sqlite:///{path}").close()
        with closing(sqlite3.connect(path)) as empty:
            for name, table, made in empty.execute("SELECT name, tbl_name, sql FROM sqlite_master ORDER BY name"):
                if table in (*FILLED, PARTS_TABLE):
                    digest.update(repr((name, made)).encode())
    return digest.hexdigest()[:16]


def peers(place: Place) -> Path:
    """The same jobs as the peers would keep them, in one table of a file of their own."""
    assert place.path
    path = place.path.with_name(f"peers-{place.jobs}.db")
    marker = path.with_suffix(".json")
    recipe = {"from": made_from(), "how": [PEERS_TABLE, PEERS_FILL, PEERS_INDEX]}
    if path.exists() and marker.exists() and json.loads(marker.read_text()) == recipe:
        return path
    path.unlink(missing_ok=True)
    room(FOLDER, place.jobs * _PEERS_MOST)
    with step(f"Copying {place.jobs:,} jobs for the peers"), closing(sqlite3.connect(path)) as target:
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")
        target.execute("ATTACH ? AS ours", (str(place.path),))
        target.execute(PEERS_TABLE)
        target.execute(PEERS_FILL)
        target.execute(PEERS_INDEX)
        target.commit()
    marker.write_text(json.dumps(recipe))
    return path
