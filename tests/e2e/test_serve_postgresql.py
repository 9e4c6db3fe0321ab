"""`jobreport serve` on PostgreSQL: migrated first, and then through stops, restarts and crashes of the database."""

import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import postgres
from jobs import job
from serving import App, Server, command, serve, until


@pytest.fixture(scope="module")
def database_server() -> Iterator[postgres.Postgres]:
    """A PostgreSQL of this file's own, which may be stopped."""
    with postgres.postgres() as running:
        yield running


@pytest.fixture
def store(database_server: postgres.Postgres) -> Iterator[str]:
    """The URL of a migrated store."""
    with postgres.database(database_server.url) as url:
        done = command("migrate", "--store", url)
        assert (done.returncode, done.stdout, done.stderr) == (0, "The store is up to date.\n", "")
        yield url


@pytest.fixture
def server(store: str, tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path, "--workers", "2", store=store) as running:
        yield running


def test_serve_refuses_a_store_that_is_not_migrated_with_the_command_to_run(
    database_server: postgres.Postgres,
) -> None:
    with postgres.database(database_server.url) as url:
        done = command("serve", "--port", "0", "--store", url)
        assert (done.returncode, done.stdout) == (1, "")
        assert "not migrated" in done.stderr
        assert "jobreport migrate" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_password_in_the_url_is_not_printed(store: str, tmp_path: Path) -> None:
    with serve(tmp_path, store=store.replace("tests@", "tests:hunter2@")) as server:
        assert "app create" in server.log
        assert "hunter2" not in server.log + server.printed


def test_jobs_that_are_reported_are_in_the_report(server: Server) -> None:
    app = server.app("default")
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
    database_server: postgres.Postgres, server: Server, how: int
) -> None:
    app = server.app("default")
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


def test_nothing_that_was_acknowledged_is_lost_in_crashes_under_load(
    database_server: postgres.Postgres, server: Server, store: str
) -> None:
    apps = [server.app("default") for _ in range(4)]
    acknowledged: list[list[str]] = [[] for _ in apps]
    stop = threading.Event()

    def write(number: int, app: App) -> None:
        turn = 0
        while not stop.is_set():
            answer = app.write([job(f"{number}-{turn}"), job(f"{number}-{turn}-twin")])
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 200:
                acknowledged[number] += answer.json()["jobIds"]
            turn += 1

    for app in apps:
        assert app.token
    writers = [threading.Thread(target=write, args=pair) for pair in enumerate(apps)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            known = sum(map(len, acknowledged))
            until(lambda known=known: sum(map(len, acknowledged)) > known + 40, "writes")
            database_server.stop(signal.SIGQUIT)
            database_server.start()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    until(lambda: server.http.get("/readyz").status_code == 200, "the store")
    found = apps[0].found(pagination={"pageSize": 10_000})
    assert {job_id for ids in acknowledged for job_id in ids} <= set(found)
    twins = {job_id for job_id in found if job_id.endswith("-twin")}
    assert {job_id.removesuffix("-twin") for job_id in twins} == set(found) - twins
    assert apps[0].report().json()["totalCount"] == len(found)
    with closing(psycopg.connect(store)) as connection:
        question = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jobreport'"
        (connections,) = connection.execute(question).fetchone() or (0,)
    assert connections <= 2 * 15
