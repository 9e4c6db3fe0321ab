"""Opening an embedded store: what is made, how it is protected, and what is refused and left as it was."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from example_jobs import done
from sqlalchemy import create_engine, inspect
from store_contents import list_job_ids

from jobreport.store import Store, StoreError, UnusableStoreError, open_store
from jobreport.store.schema.jobs import embedded as metadata
from serving import command

NO_GRAMS = {"include_object": lambda _object, name, *_rest: not name.startswith(("job_gram", "series_gram"))}
"""The index of ID parts is no table to SQLAlchemy."""


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file in the folder, side files of databases included."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def foreign_database(path: Path, mode: str) -> None:
    """Another program's database, closed as it should be."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE invoices (number INTEGER, paid TEXT)")
        connection.execute("INSERT INTO invoices VALUES (1, 'no')")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where nothing is yet, in a folder that is not there either."""
    before = os.umask(0o022)
    yield tmp_path / "new" / "jobs.db"
    os.umask(before)


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """These are of SQLite alone."""
    return f"sqlite:///{tmp_path}/jobs.db"


# What is made


def test_a_new_store_and_its_folder_are_for_their_owner_alone(path: Path) -> None:
    with closing(open_store(url(path))) as store:
        store.record(store.tenant_id("default", create=True) or 0, [done()])
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert modes == {"jobs.db": 0o600, "jobs.db-wal": 0o600, "jobs.db-shm": 0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    open_store(url(tmp_path / "jobs.db")).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_closed_store_is_one_file_and_holds_everything(path: Path) -> None:
    with closing(open_store(url(path))) as store:
        tenant = store.tenant_id("default", create=True)
        store.record(tenant or 0, [done()])
    assert [file.name for file in path.parent.iterdir()] == ["jobs.db"]
    with closing(open_store(url(path))) as store:
        assert list_job_ids(store, store.tenant_id("default") or 0) == ["FB1"]


def test_opening_a_store_again_changes_nothing(path: Path) -> None:
    open_store(url(path)).close()
    before = contents(path.parent)
    open_store(url(path)).close()
    assert contents(path.parent) == before


@pytest.mark.parametrize(
    ("written", "name"), [("a b", "a b"), ("ü", "ü"), ("a%20b", "a b"), ("what%3F", "what?"), ("a#b+c&d", "a#b+c&d")]
)
def test_a_path_may_have_any_character_some_of_them_in_percent(tmp_path: Path, written: str, name: str) -> None:
    open_store(f"sqlite:///{tmp_path}/{written}/jobs.db").close()
    assert contents(tmp_path / name).keys() == {"jobs.db"}


def test_an_open_store_is_ready(store: Store) -> None:
    store.ready()


def test_readers_and_a_writer_do_not_wait_for_each_other_and_a_commit_is_on_disk(store: Store) -> None:
    with store.reading() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]


def test_a_store_opens_while_another_process_is_writing_to_it(path: Path) -> None:
    with closing(open_store(url(path))) as store, store.writing():
        open_store(url(path)).close()


def test_a_process_that_opens_a_store_twice_keeps_its_hold_on_the_file(path: Path) -> None:
    """SQLite's locks are the process's: whoever closes another handle of the file gives up all of them."""
    with closing(open_store(url(path))) as store:
        tenant = store.tenant_id("default", create=True) or 0
        store.record(tenant, [done("before")])
        open_store(url(path)).close()
        assert command("check", "--store", url(path)).returncode == 0
        # For that process this one would have gone, and with it what both share about the log.
        assert (path.parent / "jobs.db-wal").exists()
        store.record(tenant, [done("after")])
        assert "Jobs: 2;" in command("check", "--store", url(path)).stdout


# Its schema


def test_the_migrated_schema_is_the_one_that_the_program_works_with(store: Store, tmp_path: Path) -> None:
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=NO_GRAMS), metadata) == []
        migrated = inspect(connection)
        engine = create_engine(url(tmp_path / "fresh.db"))
        metadata.create_all(engine)
        fresh = inspect(engine)
        ours = {name for name in migrated.get_table_names() if not name.startswith(("job_gram", "series_gram"))}
        assert ours - {"alembic_version"} == set(fresh.get_table_names())
        for table in fresh.get_table_names():
            assert repr(migrated.get_columns(table)) == repr(fresh.get_columns(table))
            assert migrated.get_pk_constraint(table) == fresh.get_pk_constraint(table)
            assert migrated.get_foreign_keys(table) == fresh.get_foreign_keys(table)
            assert migrated.get_unique_constraints(table) == fresh.get_unique_constraints(table)
        engine.dispose()


def test_the_migrated_indexes_are_the_ones_that_the_program_counts_on(store: Store, tmp_path: Path) -> None:
    engine = create_engine(url(tmp_path / "fresh.db"))
    metadata.create_all(engine)
    indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    with store.reading() as migrated, engine.connect() as fresh:
        found = migrated.exec_driver_sql(indexes).all()
        assert found == fresh.exec_driver_sql(indexes).all()
        assert [name for name, _ in found] == sorted(
            [f"job_{name}" for name in ("commented", "deadline", "ended", "failing", "filed", "folded_id", "key")]
            + ["job_service_type", "job_state", "job_subject", "job_cause", "cause_code", "job_alias_job"]
            + ["series_codes", "series_digest", "series_good", "series_name", "series_not_good", "subject_series"]
            + ["operator_failure_last", "operator_session_expires", "operator_session_operator", "operator_subject"]
            + [
                "series_empty",
                "series_verdict_need",
                "series_verdict_not_met",
                "series_verdict_too_old",
                "series_judge",
                "series_origin",
                "series_text_resource",
                "inbox_slug",
                "inbox_unread_digest",
            ]
            + ["job_made", "job_reference", "delivery_due", "delivery_waiting"]
            + [f"incident_{name}" for name in ("opened", "open", "series", "news", "held", "told_due", "told_group")]
            + ["incident_group_due", "incident_group_open"]
            + ["assertion_expires", "audit_at", "refusal_minute", "sign_in_hour", "subject_digest"]
        )
    engine.dispose()


# What is refused


@pytest.mark.parametrize("mode", ["DELETE", "WAL", "PERSIST"])
def test_another_programs_database_is_refused_and_left_byte_for_byte(tmp_path: Path, mode: str) -> None:
    foreign_database(tmp_path / "books.db", mode)
    before = contents(tmp_path)
    with pytest.raises(UnusableStoreError, match=r"not a store of Jobreport .*'invoices'"):
        open_store(url(tmp_path / "books.db"))
    assert contents(tmp_path) == before


def test_another_programs_database_is_refused_while_that_program_writes_to_it(tmp_path: Path) -> None:
    foreign_database(tmp_path / "books.db", "DELETE")
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO invoices VALUES (2, 'no')")
        with pytest.raises(UnusableStoreError, match="not a store of Jobreport"):
            open_store(url(tmp_path / "books.db"))
        connection.execute("COMMIT")


@pytest.mark.parametrize(
    "content", [b"Dear diary,\n", b"x" * 10_000, b"\0" * 5000, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_refused_and_left_byte_for_byte(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "diary.txt").write_bytes(content)
    with pytest.raises(UnusableStoreError, match=r"damaged, or no database|cannot be"):
        open_store(url(tmp_path / "diary.txt"))
    assert contents(tmp_path) == {"diary.txt": content}


def test_a_store_of_a_newer_version_is_refused_and_left_byte_for_byte(path: Path) -> None:
    open_store(url(path)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = contents(path.parent)
    with pytest.raises(UnusableStoreError, match=r"newer version of Jobreport; upgrade the program"):
        open_store(url(path))
    assert contents(path.parent) == before


def test_another_programs_alembic_database_is_refused_too(tmp_path: Path) -> None:
    foreign_database(tmp_path / "books.db", "DELETE")
    with closing(sqlite3.connect(tmp_path / "books.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('4f2a')")
    before = contents(tmp_path)
    with pytest.raises(UnusableStoreError):
        open_store(url(tmp_path / "books.db"))
    assert contents(tmp_path) == before


def test_a_store_whose_tables_were_changed_behind_its_back_is_not_ready(store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnusableStoreError, match="not migrated"):
        store.ready()


@pytest.mark.parametrize(
    "unusable",
    [
        "",
        "jobs.db",
        "/var/lib/jobs.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://host/jobs",
        "sqlite+nothing:////tmp/jobs.db",
        "http://user:hunter2@host/jobs",
        "sqlite:////tmp/what?/jobs.db",
    ],
)
def test_a_url_that_names_no_store_is_refused_with_an_example_and_without_its_secret(unusable: str) -> None:
    with pytest.raises(UnusableStoreError, match=r"sqlite:////path/jobs\.db") as caught:
        open_store(unusable)
    assert "hunter2" not in str(caught.value)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableStoreError, match="cannot be opened"):
        open_store(url(tmp_path))


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UnusableStoreError, match="cannot be opened"):
        open_store(url(tmp_path / "file" / "jobs.db"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UnusableStoreError, match="cannot be opened"):
        open_store(url(tmp_path / "jobs.db"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_file_that_may_not_be_written_is_refused(path: Path) -> None:
    open_store(url(path)).close()
    path.chmod(0o400)
    with pytest.raises(StoreError):
        open_store(url(path))
