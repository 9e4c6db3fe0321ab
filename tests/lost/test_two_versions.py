"""Two versions of the program beside each other on one store: each answers or refuses in a sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy

import postgres
from jobreport.model.query import JobQuery
from jobreport.store import OtherVersionError, open_store
from jobs import job
from serving import serve, typed

SENTENCE = "The store was changed by another version of Jobreport: this one must be upgraded and started again."


@contextmanager
def writer(path: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def test_a_server_under_which_a_newer_version_changed_the_store_refuses_in_a_sentence(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("default")
        app.write(job("FB1"))
        with writer(server.store.removeprefix("sqlite:///")) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        # What it reads is there as it was; what it would write, the newer version's tables would miss.
        assert app.found() == ["FB1"]
        refused = app.write(job("FB2"))
        assert (refused.status_code, refused.json()["detail"]) == (503, SENTENCE)
        with writer(server.store.removeprefix("sqlite:///")) as connection:
            connection.execute("ALTER TABLE job RENAME COLUMN state TO standing")
            connection.execute("ALTER TABLE job_count RENAME TO counts")
        answers = [
            app.report(),
            app.find(),
            app.find(searchText="FB"),
            app.summary(),
            app.export(format="ndjson"),
            app.show("FB1"),
            app.write(job("FB3")),
            server.http.get("/readyz"),
        ]
        assert [answer.status_code for answer in answers] == [503] * len(answers)
        assert {answer.json()["detail"] for answer in answers[:-1]} == {SENTENCE}
        assert "Traceback" not in server.log
        older = typed("jobs", "--store", server.store)
        assert older.returncode == 1
        assert "newer version of Jobreport; upgrade the program" in older.stderr


def test_a_server_beside_a_newer_programs_commands_goes_on(tmp_path: Path) -> None:
    """A command of a newer version changes nothing in a store of an older one: it says what to do."""
    with serve(tmp_path) as server:
        app = server.app("default")
        app.write(job("FB1"))
        path = server.store.removeprefix("sqlite:///")
        with writer(path) as connection:
            (now,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            connection.execute("UPDATE alembic_version SET version_num = '0004'")
        for words in (
            ["jobs"],
            ["check"],
            ["app", "list"],
            ["backup", str(tmp_path / "b.db")],
            ["prune", "--keep", "1d"],
        ):
            done = typed(*words, "--store", server.store)
            assert done.returncode == 1, words
            assert "stop every server of the older version, and run `jobreport migrate`" in done.stderr
        with writer(path) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0004",)
            connection.execute("UPDATE alembic_version SET version_num = ?", [now])
        assert app.write(job("FB2")).status_code == 200
        assert sorted(app.found()) == ["FB1", "FB2"]


def test_the_same_holds_on_postgresql(postgres_url: str) -> None:
    with postgres.database(postgres_url) as url:
        opened = open_store(url, migrate=True)
        tenant = opened.tenant_id("default", create=True)
        assert tenant is not None
        with opened.writing() as connection:
            connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(OtherVersionError), opened.writing():
            pass
        with closing(open_store_of_any_version(url)) as engine_connection:
            engine_connection.execute(sqlalchemy.text("ALTER TABLE job RENAME COLUMN state TO standing"))
            engine_connection.commit()
        with pytest.raises(OtherVersionError):
            opened.list_jobs(tenant, JobQuery())
        opened.close()


def open_store_of_any_version(url: str) -> sqlalchemy.Connection:
    """A connection to the database, as another program has one."""
    return sqlalchemy.create_engine(sqlalchemy.make_url(url).set(drivername="postgresql+psycopg")).connect()
