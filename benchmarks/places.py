"""Where the stores of the measurements lie, for each kind of store."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Place:
    """A store: its URL, how many jobs of sample data it has (0: none), and its file where it is one."""

    url: str
    jobs: int = 0
    path: Path | None = None


class Kind(Protocol):
    """What differs between the kinds of store."""

    name: str
    label: str
    most: int
    """Bytes a job that it takes at most, before it is known."""

    def place(self, name: str, jobs: int = 0) -> Place:
        """The store called `name`, whether there is one already or not."""
        ...

    def drop(self, place: Place) -> None:
        """Takes away whatever is there."""
        ...

    def size(self, place: Place) -> int:
        """Bytes on disk, with all indexes."""
        ...


class SQLite:
    """Stores in files of a folder."""

    name, label, most = "sqlite", "SQLite", 600

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, name: str, jobs: int = 0) -> Place:
        path = self._folder / f"{name}.db"
        return Place(f"sqlite:///{path}", jobs, path)

    def drop(self, place: Place) -> None:
        assert place.path
        for file in place.path.parent.glob(f"{place.path.name}*"):
            file.unlink()

    def size(self, place: Place) -> int:
        assert place.path
        return sum(file.stat().st_size for file in place.path.parent.glob(f"{place.path.name}*"))


class PostgreSQL:
    """Databases of one server, which is named by the URL of one that is always there."""

    name, label, most = "postgresql", "PostgreSQL", 1_500

    def __init__(self, url: str) -> None:
        self._url = url

    def place(self, name: str, jobs: int = 0) -> Place:
        called = f"bench_{name.replace('-', '_')}"
        with psycopg.connect(self._url, autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (called,)).fetchone():
                make = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
                server.execute(make.format(sql.Identifier(called)))
        return Place(self._url.replace("/postgres?", f"/{called}?"), jobs)

    def drop(self, place: Place) -> None:
        called = place.url.partition("?")[0].rsplit("/", 1)[1]
        with psycopg.connect(self._url, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(called)))
        self.place(called.removeprefix("bench_"))

    def size(self, place: Place) -> int:
        with psycopg.connect(place.url) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            return int(row[0]) if row else 0


@contextmanager
def scratch(kind: Kind, name: str) -> Iterator[Place]:
    """An empty store that is gone in the end."""
    place = kind.place(f"scratch-{name}")
    kind.drop(place)
    try:
        yield place
    finally:
        kind.drop(place)


def room(folder: Path, wanted: int) -> None:
    """SystemExit where the folder's disk has not so many bytes left."""
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise SystemExit(f"make bench: {folder} needs {wanted / 1e9:.0f} GB, and has {free / 1e9:.0f} GB left")
