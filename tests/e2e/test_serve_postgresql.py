"""`jobreport serve` on PostgreSQL: migrated first, and then while the database is away."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import postgres
from jobs import job
from serving import App, Server, command, serve, until


@pytest.fixture(scope="module")
def database_server() -> Iterator[postgres.Postgres]:
    """A PostgreSQL of this file's own, which may be stopped."""
    with postgres.postgres() as running:
        yield running


@contextmanager
def migrated(database_server: postgres.Postgres) -> Iterator[str]:
    """The URL of a new store, which has been migrated."""
    with postgres.database(database_server.url) as url:
        done = command("migrate", "--store", url)
        assert (done.returncode, done.stdout, done.stderr) == (0, "The store is up to date.\n", "")
        yield url


@pytest.fixture(scope="module")
def store(database_server: postgres.Postgres) -> Iterator[str]:
    """The store of the server that these tests share."""
    with migrated(database_server) as url:
        yield url


@pytest.fixture(scope="module")
def server(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("server"), "--workers", "2", store=store) as running:
        yield running


def test_serve_refuses_a_store_that_is_not_migrated_with_the_command_to_run(
    database_server: postgres.Postgres,
) -> None:
    with postgres.database(database_server.url) as url:
        done = command("serve", "--port", "0", "--store", url)
        assert (done.returncode, done.stdout) == (78, "")
        assert "not migrated" in done.stderr
        assert "jobreport migrate" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_password_in_the_url_is_not_printed(database_server: postgres.Postgres, tmp_path: Path) -> None:
    with (
        migrated(database_server) as store,
        serve(tmp_path, store=store.replace("tests@", "tests:hunter2@")) as server,
    ):
        assert "app create" in server.log
        assert "hunter2" not in server.log + server.printed


def test_jobs_that_are_reported_are_in_the_report(server: Server, app: App) -> None:
    assert app.write([job("a", description="ÜBER NACHT"), job("b")]).json()["created"] == 2
    assert app.write([job("a", description="ÜBER NACHT"), job("b")]).json()["unchanged"] == 2
    assert app.found() == ["b", "a"]
    assert app.found(searchText="über") == ["a"]
    assert app.show("a").json()["jobId"] == "a"
    assert app.show("a\0").status_code == 404
    assert server.http.get("/readyz").status_code == 200


def test_a_client_id_that_no_database_can_hold_is_refused_as_any_other(server: Server) -> None:
    for client_id in ("nobody", "a\0b"):
        assert server.ask_token(client_id=client_id, client_secret="x").status_code == 401


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_while_the_database_is_away_everything_is_503_and_afterwards_all_is_well(
    database_server: postgres.Postgres, server: Server, app: App, how: int
) -> None:
    assert app.write(job("before")).status_code == 200
    database_server.stop(how)
    try:
        for answer in (app.report(), app.write(job("during")), server.http.get("/readyz")):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert "postgres" not in answer.text
        assert server.http.get("/healthz").status_code == 200
    finally:
        database_server.start()
    until(lambda: server.http.get("/readyz").status_code == 200, "the store")
    assert app.found() == ["before"]
    assert app.write(job("after")).status_code == 200
    assert server.process.poll() is None
