"""Opening a store on PostgreSQL: what is made and by whom, what is refused, and what its faults are called."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from example_jobs import done
from sqlalchemy import create_engine
from store_contents import list_job_ids

import postgres
from jobreport.store import Store, StoreUnavailableError, UnusableStoreError, open_store, shown
from jobreport.store.admin.backup import backup
from jobreport.store.db import postgresql as settings
from jobreport.store.schema.jobs import shared as metadata


@pytest.fixture
def other_database(postgres_url: str) -> Iterator[str]:
    with postgres.database(postgres_url) as url:
        yield url


# Its schema


def test_a_database_without_tables_is_refused_with_the_command_to_run_and_left_alone(database: str) -> None:
    with pytest.raises(UnusableStoreError, match=r"not migrated: .* run `jobreport migrate`"):
        open_store(database)
    assert postgres.schema(database) == [[], [], []]


def test_the_migrated_schema_is_the_one_that_the_program_works_with(database: str, other_database: str) -> None:
    with closing(open_store(database, migrate=True)) as store, store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine = create_engine(other_database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION pg_trgm")
        metadata.create_all(connection)
    engine.dispose()
    assert postgres.schema(database) == postgres.schema(other_database)
    assert [row[:2] for row in postgres.schema(database)[0] if row[5] == "C"] == [
        ("app", "client_id"),
        ("app_certificate", "client_id"),
        ("app_certificate", "thumbprint"),
        ("app_secret", "client_id"),
        ("app_tenant", "client_id"),
        ("assertion", "client_id"),
        ("connector", "connector"),
        ("connector", "holder"),
        ("connector_hole", "connector"),
        ("connector_hole", "stream"),
        ("connector_job", "connector"),
        ("connector_job", "job_id"),
        ("connector_job", "stream"),
        ("connector_next_run", "connector"),
        ("connector_next_run", "plan"),
        ("connector_next_run", "stream"),
        ("connector_stream", "connector"),
        ("connector_stream", "stream"),
        ("delivery", "channel"),
        ("delivery", "holder"),
        ("delivery", "incident"),
        ("delivery", "message"),
        ("delivery", "state"),
        ("digest", "digest"),
        ("inbox", "inbox"),
        ("inbox", "slug"),
        ("inbox_state", "inbox"),
        ("inbox_state", "run"),
        ("inbox_unread", "inbox"),
        ("inbox_unread", "unread"),
        ("incident", "incident"),
        ("incident_group", "in_group"),
        ("incident_told", "in_group"),
        ("incident_told", "incident"),
        ("incident_told", "rule"),
        ("job", "job_id"),
        ("job", "made"),
        ("job", "reference"),
        ("job_alias", "alias"),
        ("job_alias", "job_id"),
        ("job_version", "job_id"),
        ("operator", "issuer"),
        ("operator", "subject"),
        ("operator_failure", "address"),
        ("operator_failure", "name"),
        ("refusal", "address"),
        ("refusal", "client"),
        ("series", "ended_id"),
        ("series", "good_id"),
        ("series", "newest_id"),
        ("series", "sort_name"),
        ("series_text", "origin"),
        ("series_text", "resource"),
        ("sign_in", "address"),
        ("sign_in", "client"),
    ]


def test_a_migrated_store_is_ready_and_migrated_again_in_vain(database: str) -> None:
    open_store(database, migrate=True).close()
    before = postgres.schema(database)
    with closing(open_store(database, migrate=True)) as store:
        store.ready()
    assert postgres.schema(database) == before


def test_another_programs_database_is_refused_and_left_alone(database: str) -> None:
    with closing(psycopg.connect(database)) as connection, connection.transaction():
        connection.execute("CREATE TABLE invoices (number integer)")
    before = postgres.schema(database)
    for migrate in (True, False):
        with pytest.raises(UnusableStoreError, match=r"not a store of Jobreport .*'invoices'"):
            open_store(database, migrate=migrate)
    assert postgres.schema(database) == before


def test_a_store_of_a_newer_version_is_refused(database: str) -> None:
    with closing(open_store(database, migrate=True)) as store, store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for migrate in (True, False):
        with pytest.raises(UnusableStoreError, match="newer version of Jobreport; upgrade the program"):
            open_store(database, migrate=migrate)


def test_a_database_that_cannot_keep_every_character_is_refused(postgres_url: str) -> None:
    with closing(psycopg.connect(postgres_url, autocommit=True)) as server:
        server.execute("DROP DATABASE IF EXISTS jobreport_latin")
        server.execute("CREATE DATABASE jobreport_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
        place, _, options = postgres_url.partition("?")
        try:
            with pytest.raises(UnusableStoreError, match="UTF8"):
                open_store(f"{place.rsplit('/', 1)[0]}/jobreport_latin?{options}", migrate=True)
        finally:
            server.execute("DROP DATABASE jobreport_latin WITH (FORCE)")


# Its connections


def test_reads_are_of_one_moment_and_cannot_write_and_a_commit_is_on_disk(database: str) -> None:
    names = ("transaction_isolation", "transaction_read_only", "synchronous_commit")
    with closing(open_store(database, migrate=True)) as store:
        for _ in range(2):
            with store.reading() as connection:
                settings = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
                assert settings == ["repeatable read", "on", "on"]
            with store.writing() as connection:
                settings = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
                assert settings == ["read committed", "off", "on"]


def test_what_the_url_says_stands_before_our_defaults(database: str) -> None:
    given = f"{database}{'&' if '?' in database else '?'}application_name=nightly&options=-c%20lock_timeout%3D7s"
    with closing(open_store(given, migrate=True)) as store, store.reading() as connection:
        names = ("application_name", "lock_timeout", "statement_timeout")
        assert [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names] == ["nightly", "7s", "1min"]


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_a_url_may_name_the_database_as_its_own_programs_do(database: str, scheme: str) -> None:
    open_store(scheme + database.removeprefix("postgresql"), migrate=True).close()


@pytest.mark.parametrize("unusable", ["postgresql://", "postgresql://user:hunter2@host", "postgresql://host/"])
def test_a_url_without_a_database_is_refused_with_an_example_and_without_its_secret(unusable: str) -> None:
    with pytest.raises(UnusableStoreError, match="postgresql://user@host/database") as caught:
        open_store(unusable)
    assert "hunter2" not in str(caught.value)


def test_another_driver_is_refused_by_name() -> None:
    with pytest.raises(UnusableStoreError, match=r"postgresql\+asyncpg is not supported"):
        open_store("postgresql+asyncpg://user@host/jobs")


def test_a_server_that_is_not_there_is_unavailable_and_its_place_stays_unsaid() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://backup:hunter2@127.0.0.1:{nobody.getsockname()[1]}/jobs"
        with pytest.raises(StoreUnavailableError) as caught:
            open_store(url)
    assert str(caught.value) == "the store's database cannot be reached"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////srv/jobs.db", "sqlite:////srv/jobs.db"),
        ("sqlite:////srv/a@b.db", "sqlite:////srv/a@b.db"),
        ("postgresql://u:hunter2@db/jobs", "postgresql://u:***@db/jobs"),
        ("postgresql://u@db/jobs?sslmode=require", "postgresql://u@db/jobs?sslmode=require"),
        ("postgresql://db/jobs?user=u&password=hunter2", "postgresql://db/jobs?user=u"),
        ("hunter2@", "…"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, expected: str) -> None:
    assert shown(url) == expected


def test_a_lost_connection_is_replaced_and_none_is_leaked(database: str) -> None:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    end = f"SELECT pg_terminate_backend(pid) {others}"
    with (
        closing(open_store(database, migrate=True)) as store,
        closing(psycopg.connect(database, autocommit=True)) as other,
    ):
        tenant = store.tenant_id("default", create=True) or 0
        for round_ in range(5):
            other.execute(end)
            store.record(tenant, [done(f"FB{round_}")])
        assert len(list_job_ids(store, tenant)) == 5
        with pytest.raises(StoreUnavailableError, match="cannot be reached"):
            end_within_a_transaction(store, other, end)
        store.ready()
        assert other.execute(f"SELECT count(*) {others}").fetchone() == (1,)


def end_within_a_transaction(store: Store, other: psycopg.Connection, end: str) -> None:
    with store.writing() as connection:
        other.execute(end)
        connection.exec_driver_sql("SELECT 1")


@pytest.mark.parametrize(
    ("statement", "error", "message"),
    [
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(60)", StoreUnavailableError, "too long"),
        ("SELECT * FROM no_such_table", UnusableStoreError, "another version"),
        ("SET LOCAL ROLE pg_monitor; SELECT * FROM job", UnusableStoreError, "may not do"),
        ("SET TRANSACTION READ ONLY; DELETE FROM job", StoreUnavailableError, "only be read"),
    ],
)
def test_the_servers_faults_are_told_in_a_sentence(
    migrated: str, statement: str, error: type[Exception], message: str
) -> None:
    with closing(open_store(migrated)) as store, pytest.raises(error, match=message):
        run(store, statement.split("; "))


def run(store: Store, statements: Sequence[str]) -> None:
    with store.writing() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_tenant_whose_writer_hangs_is_busy_and_the_others_are_not(database: str) -> None:
    impatient = f"{database}{'&' if '?' in database else '?'}options=-c%20lock_timeout%3D200ms"
    with closing(open_store(impatient, migrate=True)) as store, closing(psycopg.connect(database)) as other:
        hanging, idle = (store.tenant_id(name, create=True) or 0 for name in ("a", "b"))
        other.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", (0x4A52, hanging))
        with pytest.raises(StoreUnavailableError, match="busy"):
            store.record(hanging, [done()])
        assert store.record(idle, [done()]).created == 1
        assert list_job_ids(store, hanging) == []
        other.rollback()
        assert store.record(hanging, [done()]).created == 1


def test_more_threads_than_connections_are_served_one_after_another(
    migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "POOL", 1)
    monkeypatch.setattr(settings, "MOST", 1)
    monkeypatch.setattr(settings, "LOCK_SECONDS", 1)
    with closing(open_store(migrated)) as store:
        with store.reading(), pytest.raises(StoreUnavailableError, match="in use"):
            store.ready()
        store.ready()


def test_a_backup_as_a_file_is_refused_and_nothing_is_left_behind(migrated: str, tmp_path: Path) -> None:
    with closing(open_store(migrated)) as store, pytest.raises(UnusableStoreError, match="the database's own tools"):
        backup(store, tmp_path / "backup.db")
    assert list(tmp_path.iterdir()) == []
