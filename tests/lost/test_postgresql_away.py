"""PostgreSQL is stopped, restarted and killed under load: 503 until it is back, nothing lost, no connection leaked."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from crowd import ADDRESS, Crowd, assert_nothing_is_lost

import postgres
from jobreport.store.cache.connections import MOST as KEPT
from jobreport.store.db.postgresql import POOL
from jobs import job
from long import times
from postgres import Postgres
from serving import LINUX, App, Server, command, serve, until

AWAY = "The store's database cannot be reached."
OURS = "SELECT pid, state FROM pg_stat_activity WHERE application_name = 'jobreport'"
POOLS = 2 * (POOL + KEPT)
"""Connections that two workers keep."""


@pytest.fixture(scope="module")
def database_server() -> Iterator[Postgres]:
    """A PostgreSQL of this file's own, which may be stopped."""
    with postgres.postgres() as running:
        yield running


@pytest.fixture
def store(database_server: Postgres) -> Iterator[str]:
    with postgres.database(database_server.url) as url:
        assert command("migrate", "--store", url).returncode == 0
        yield url


@pytest.fixture
def server(store: str, tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path, "--workers", "2", *ADDRESS, store=store) as running:
        yield running


def connections(store: str) -> dict[int, str]:
    """Our servers' connections by process ID, and what each is doing."""
    with closing(psycopg.connect(store)) as connection:
        return dict(connection.execute(OURS).fetchall())


def at_rest(store: str) -> dict[int, str]:
    """Our servers' connections, if there are no more than the pools keep and none has a transaction; otherwise none.

    A service that runs every few seconds has one for a moment.
    """
    found = connections(store)
    return found if len(found) <= POOLS and {*found.values()} == {"idle"} else {}


def assert_it_says_that_it_is_away(app: App) -> None:
    for answer in (app.report(), app.write(job("none")), app.show("none"), app.server.http.get("/readyz")):
        assert (answer.status_code, answer.json()["detail"]) == (503, AWAY)
        assert int(answer.headers["Retry-After"]) > 0
    assert app.server.http.get("/healthz").status_code == 200


@LINUX
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL], ids=["stopped", "crashed", "killed"])
def test_a_database_that_goes_away_under_load_and_comes_back(
    database_server: Postgres, server: Server, store: str, how: int
) -> None:
    app, workers = server.app("default"), server.workers
    with Crowd(app) as crowd:
        for _ in range(times(2)):
            crowd.write_more()
            database_server.stop(how)
            try:
                until(lambda: server.http.get("/readyz").status_code == 503, "what readiness says")
                assert_it_says_that_it_is_away(app)
                crowd.be_refused()
            finally:
                database_server.start()
            until(lambda: server.http.get("/readyz").status_code == 200, "the store")
            crowd.write_more()
            with crowd.paused() as acknowledged:
                assert_nothing_is_lost(store, acknowledged)
        assert len(connections(store)) <= 3 * POOLS
    assert_nothing_is_lost(store, crowd.acknowledged)
    assert crowd.refusals == {AWAY}
    assert server.workers == workers
    left = until(lambda: at_rest(store), "connections beyond the pools to close, and transactions to end")
    assert left.keys() <= connections(store).keys()


@LINUX
def test_a_killed_process_of_the_database_costs_nothing_that_was_acknowledged(server: Server, store: str) -> None:
    """PostgreSQL then ends every connection, recovers, and goes on by itself."""
    app, workers = server.app("default"), server.workers
    with Crowd(app) as crowd:
        for _ in range(times(3)):
            crowd.write_more()
            before = connections(store)
            os.kill(next(iter(before)), signal.SIGKILL)
            until(lambda gone=before: recovered(store, gone), "the recovery")
            crowd.write_more()
            with crowd.paused() as acknowledged:
                assert_nothing_is_lost(store, acknowledged)
    assert_nothing_is_lost(store, crowd.acknowledged)
    assert server.workers == workers


def recovered(store: str, before: dict[int, str]) -> bool:
    """Whether the database answers again, by new processes."""
    try:
        return not before.keys() & connections(store).keys()
    except psycopg.OperationalError:
        return False


@LINUX
def test_a_worker_that_is_killed_while_the_database_is_away_is_replaced_once_it_is_back(
    database_server: Postgres, server: Server
) -> None:
    app = server.app("default")
    assert app.write(job("before")).status_code == 200
    database_server.stop(signal.SIGQUIT)
    try:
        killed, other = server.workers
        os.kill(killed, signal.SIGKILL)
        until(lambda: "worker finds no store" in server.log, "one in its place that finds no database")
        assert_it_says_that_it_is_away(app)
    finally:
        database_server.start()
    until(lambda: server.log.count("Application startup complete") == 3, "a new worker")
    assert other in server.workers
    assert app.found() == ["before"]
    assert "Traceback" not in server.log
