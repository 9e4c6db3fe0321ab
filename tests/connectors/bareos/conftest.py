"""A Bacula, catalogs of our own, and what is stored of them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from bacula import Bacula, bacula
from bareos_connector import wanted
from fakes.bareos_catalog import CLIENT, TABLES

from clocks import Clock
from jobreport.connectors.collect import PassResult, collect
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store


@pytest.fixture(scope="module")
def director() -> Iterator[Bacula]:
    with bacula() as started:
        yield started


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An empty catalog in a file, and who writes there."""
    with closing(sqlite3.connect(tmp_path / "catalog.db", isolation_level=None)) as connection:
        for statement in TABLES:
            connection.execute(statement)
        connection.execute("INSERT INTO Client VALUES (?, ?, ?, ?)", list(CLIENT.values()))
        yield connection


@pytest.fixture
def look(store: Store, tenant: int, clock: Clock, tmp_path: Path) -> Callable[..., PassResult]:
    """Looks once at the catalog in the file, or at another one, a minute after the last time."""

    def look(**settings: Any) -> PassResult:
        clock.pass_by(60)
        if not {"catalog", "address"} & settings.keys():
            settings["catalog"] = f"sqlite:///{tmp_path}/catalog.db"
        return collect(store, tenant, wanted(**settings))

    return look


@pytest.fixture
def jobs(store: Store, tenant: int) -> Callable[[], dict[str, Job]]:
    """What is stored, by the names of the runs without their times: `nightly_07`."""

    def jobs() -> dict[str, Job]:
        found: dict[str, Job] = {}
        for line in store.list_jobs(tenant, JobQuery(size=1000)).lines:
            history = store.history(tenant, line.job_id)
            assert history is not None
            job = history.current.job
            run = job.reference.rpartition(":")[2]
            found[f"{run.partition('.')[0]}_{run.rpartition('_')[2]}"] = job
        return found

    return jobs
