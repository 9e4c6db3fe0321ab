"""The database of a catalog: what is read of it, again and to the end, and what it refuses."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from bareos_connector import wanted
from fakes.bareos_catalog import CLIENT, TABLES, inserted, job, log, put

import postgres
from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.connectors.kinds.bareos import KIND
from jobreport.connectors.kinds.bareos.catalog import PAGE
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store

Look = Callable[..., PassResult]
Jobs = Callable[[], dict[str, Job]]


def test_every_page_is_read_and_afterwards_only_what_has_changed(
    catalog: sqlite3.Connection, clock: Clock, look: Look, store: Store, tenant: int
) -> None:
    begun = clock.now
    put(catalog, *(job(number, begun - (3000 - number) * 600 * ticks.PER_SECOND) for number in range(1, 2 * PAGE + 2)))
    (first,) = look().streams
    assert (first.error, first.read, first.created) == ("", 2 * PAGE + 1, 2 * PAGE + 1)
    assert store.list_jobs(tenant, JobQuery(size=1)).total == 2 * PAGE + 1
    put(catalog, job(2 * PAGE + 2, clock.now, "R"))
    (again,) = look().streams
    assert again.created == 1
    assert again.read < PAGE


def test_what_had_not_ended_is_looked_at_again_however_long_ago_it_began(
    catalog: sqlite3.Connection, clock: Clock, look: Look, jobs: Jobs
) -> None:
    begun = clock.now
    put(catalog, job(1, begun, "R"), job(2, begun, "F"), job(3, begun, "R"), job(4, begun, "R"))
    assert look().whole
    clock.pass_by(20 * 3600)
    put(catalog, *(job(number, clock.now) for number in range(5, 9)))
    catalog.execute("DELETE FROM Job WHERE JobId <= 3")
    ended = job(1, begun, took=2 * 3600, JobErrors=1)
    put(catalog, ended, job(3, clock.now, "R", Name="another"))  # the number is another job's now
    put(catalog, *log(1, "Error: the tape was full", "a line of no interest"), table="Log")
    assert look().whole
    found = jobs()
    assert (found["nightly_01"].state, found["nightly_01"].comments.splitlines()[1]) == (
        JobState.Exception,
        "fs1-dir JobId 1: Error: the tape was full",
    )
    assert "not listed any more" in found["nightly_02"].comments
    assert found["nightly_04"].state is JobState.InProgress


def test_a_job_of_which_another_told_meanwhile_is_looked_at_again(
    store: Store, tenant: int, catalog: sqlite3.Connection, clock: Clock, look: Look, jobs: Jobs
) -> None:
    begun = clock.now
    put(catalog, job(1, begun, "R"))
    assert look().whole
    clock.pass_by(20 * 3600)
    running = jobs()["nightly_01"]
    store.record(tenant, [running.evolve(raw="another's words", comments="half of it", observed=clock.now)])
    put(catalog, job(2, clock.now), job(3, clock.now))
    catalog.execute("DELETE FROM Job WHERE JobId = 1")
    put(catalog, job(1, begun, took=2 * 3600))
    assert look().whole
    assert jobs()["nightly_01"].state is JobState.Successful


def test_a_virtual_full_backup_that_bears_an_older_time_is_found_by_its_number(
    catalog: sqlite3.Connection, clock: Clock, look: Look, jobs: Jobs
) -> None:
    put(catalog, job(1, clock.now))
    look()
    clock.pass_by(86_400)
    put(catalog, job(2, clock.now - 9 * ticks.PER_DAY, Level="f"))
    look()
    assert jobs()["nightly_02"].description == "Backup Virtual Full"


def test_a_catalog_that_was_made_anew_is_read_from_its_beginning(
    catalog: sqlite3.Connection, clock: Clock, look: Look
) -> None:
    put(catalog, *(job(number, clock.now) for number in (1, 2, 9)))
    look()
    clock.pass_by(86_400)
    catalog.execute("DELETE FROM Job")
    put(catalog, job(1, clock.now), job(2, clock.now))
    (looked,) = look().streams
    assert (looked.error, looked.created) == ("", 2)
    catalog.execute("DELETE FROM Job")
    put(catalog, *(job(number, clock.now + ticks.PER_SECOND) for number in (1, 2, 3)))
    (looked,) = look().streams
    assert (looked.error, looked.created) == ("", 3)


def test_a_hole_is_as_long_as_the_shortest_time_that_jobs_are_kept(catalog: sqlite3.Connection, tmp_path: Path) -> None:
    put(catalog, CLIENT | {"ClientId": 2, "JobRetention": 30 * 86_400}, table="Client")
    put(catalog, CLIENT | {"ClientId": 3, "JobRetention": 1, "AutoPrune": 0}, table="Client")
    settings = wanted(catalog=f"sqlite:///{tmp_path}/catalog.db").settings
    with KIND.open(settings) as connector:
        assert [stream.remembers for stream in connector.streams()] == [30 * ticks.PER_DAY]


def test_a_record_that_cannot_be_read_hides_no_other(
    catalog: sqlite3.Connection, clock: Clock, look: Look, jobs: Jobs
) -> None:
    put(catalog, job(1, clock.now), job(2, clock.now, JobTDate=0), job(3, clock.now))
    (looked,) = look().streams
    assert looked.error.startswith("1 of its records cannot be read: job 2 tells its times in the director's zone")
    assert sorted(jobs()) == ["nightly_01", "nightly_03"]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("none.db", None, "the file of the catalog is not there, or may not be read"),
        ("text.db", "no database " * 200, "the file of the catalog is no SQLite database"),
        ("empty.db", "", "the catalog has no such tables: this is another database, or another file"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(look: Look, tmp_path: Path, file: str, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / file).write_text(text)
    assert look(catalog=f"sqlite:///{tmp_path}/{file}").error == said
    assert text is not None or not (tmp_path / file).exists()


@pytest.fixture
def served(postgres_url: str) -> Iterator[str]:
    """A catalog on PostgreSQL, and in it one who may read what a connector needs."""
    with postgres.database(postgres_url) as url, closing(psycopg.connect(url, autocommit=True)) as connection:
        for statement in TABLES:
            connection.execute(statement)
        for statement, values in inserted("Client", [CLIENT], "%s"):
            connection.execute(statement, values)
        connection.execute("CREATE ROLE jobreport LOGIN PASSWORD 'hunter2'")
        try:
            yield url
        finally:
            connection.execute("DROP OWNED BY jobreport; DROP ROLE jobreport")


def test_a_catalog_on_postgresql_is_read_by_a_role_that_may_do_no_more(
    served: str, look: Look, clock: Clock, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = clock.now // ticks.PER_SECOND * ticks.PER_SECOND
    place = urlsplit(served)
    monkeypatch.setenv("PGHOST", place.query.partition("host=")[2] or place.hostname or "")
    if place.port:
        monkeypatch.setenv("PGPORT", str(place.port))
    catalog = f"postgresql://jobreport@{place.path}"
    assert look(catalog=catalog).error == "access denied for SELECT on Client in the catalog"
    assert look(catalog=f"postgresql://nobody@{place.path}").error == "the server of the catalog has no such user"
    with closing(psycopg.connect(served, autocommit=True)) as connection:
        connection.execute("GRANT SELECT ON Job, Client TO jobreport")
        rows = [job(1, begun, "f", away=2), job(2, begun, away=2)]
        for statement, values in (*inserted("Job", rows, "%s"), *inserted("Log", log(1, "Fatal error: no"), "%s")):
            connection.execute(statement, values)
        assert look(catalog=catalog).whole
        assert jobs()["nightly_01"].comments == "f: fatal error"
        assert jobs()["nightly_02"].start == begun
        tried = trial(wanted(catalog=catalog), clock.now)
        assert [(right.name, right.held) for right in tried.rights] == [
            ("SELECT on Job", True),
            ("SELECT on Client", True),
            ("SELECT on Log", False),
        ]
        connection.execute("GRANT SELECT ON Log TO jobreport")
        connection.execute("UPDATE Job SET JobErrors = 1")
    assert look(catalog=catalog).whole
    assert jobs()["nightly_01"].comments == "f: fatal error\nfs1-dir JobId 1: Fatal error: no"
