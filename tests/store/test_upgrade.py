"""A store of an earlier version becomes one of this version with the same data; a file is copied before."""

import json
import os
import resource
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from example_jobs import done
from store_contents import list_job_ids
from version_0001 import DAY, HOUR, JOBS, NIGHTLY, RECEIVED, START, make

import postgres
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobFilter
from jobreport.store import Store, StoreUnavailableError, open_store
from jobreport.store.admin.backup import restore
from jobreport.store.admin.check import check
from jobreport.store.db import dialect_of
from jobreport.store.migrate import FOLDER, revisions
from jobreport.store.registry import apps
from jobreport.store.registry.signing_keys import signing_keys
from jobreport.store.schema.jobs import tables_of
from serving import command


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the old store is. One on PostgreSQL has a database of its own: others' are of this version."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path}/store/jobs.db"


@pytest.fixture
def old(store_url: str) -> str:
    """The URL of a store of version 0001."""
    make(store_url)
    return store_url


@pytest.fixture
def upgraded(old: str) -> Iterator[Store]:
    with closing(open_store(old, migrate=True)) as store:
        yield store


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def only_read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An upgraded store for all tests that change nothing in it."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('old')}/jobs.db"
        if request.param == "postgresql":
            url = stack.enter_context(postgres.database(request.getfixturevalue("postgres_url")))
        make(url)
        yield stack.enter_context(closing(open_store(url, migrate=True)))


@pytest.fixture
def file(old: str) -> Path:
    """The old store's file."""
    if not old.startswith("sqlite"):
        pytest.skip("a database is copied by its administrator")
    return Path(old.removeprefix("sqlite:///"))


def test_the_revisions_that_the_program_knows_are_those_of_alembic() -> None:
    known = [revision.revision for revision in ScriptDirectory(str(FOLDER)).walk_revisions()]
    assert revisions() == (*known[::-1],)


def test_every_job_is_there_as_it_was_and_in_order(only_read: Store) -> None:
    assert list_job_ids(only_read, 1) == ["run", "FB2", "due", "ÜBER-Straße", "ÄA", "FB1"]
    assert list_job_ids(only_read, 2) == ["FB1"]
    for row in JOBS:
        found = only_read.history(int(str(row["tenant"])), str(row["job_id"]))
        assert found is not None
        current = found.current
        for name in Job.__struct_fields__:
            assert getattr(current.job, name) == row.get(name, "runs" if name == "sees" else "")
        for name in ("filed", "received", "heard", "deadline", "presumed", "app"):
            assert getattr(current, name) == row[name]


def test_the_report_filters_and_counts_as_before(only_read: Store) -> None:
    assert list_job_ids(only_read, 1, services=(ServiceType.FileShare,)) == ["FB2", "FB1"]
    of_machines = list_job_ids(only_read, 1, services=(ServiceType.VM,), types=(JobType.Backup,))
    assert of_machines == ["run", "due", "ÜBER-Straße", "ÄA"]
    assert list_job_ids(only_read, 1, states=(JobState.Failed,)) == ["FB2"]
    assert list_job_ids(only_read, 1, since=START + HOUR, until=START + HOUR) == ["ÜBER-Straße"]
    assert check(only_read).sound
    assert check(only_read).jobs == len(JOBS)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("fb", ["FB2", "FB1"]),
        ("Server a", ["FB2", "FB1"]),
        ("ÜBER", ["ÜBER-Straße"]),
        ("STRASSE", ["ÜBER-Straße"]),
        ("müll", ["ÜBER-Straße"]),
        ("äa", ["ÄA"]),
        ("a", ["FB2", "ÜBER-Straße", "ÄA", "FB1"]),
        ("%", []),
    ],
)
def test_a_search_finds_what_it_found(only_read: Store, search: str, found: list[str]) -> None:
    assert list_job_ids(only_read, 1, search=search) == found


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (JobFilter(comments="STRASSE V"), ["ÜBER-Straße"]),
        (JobFilter(comments="Disk"), ["FB2"]),
        (JobFilter(min_failed=1), ["FB2", "ÜBER-Straße"]),
        (JobFilter(plans=("nightly",)), ["FB2", "FB1"]),
    ],
    ids=str,
)
def test_jobs_are_found_by_filters_that_came_later(only_read: Store, where: JobFilter, found: list[str]) -> None:
    assert list_job_ids(only_read, 1, **{name: getattr(where, name) for name in where.__struct_fields__}) == found


def test_earlier_versions_of_jobs_are_kept(only_read: Store) -> None:
    history = only_read.history(1, "FB1")
    assert history is not None
    (version,) = history.versions
    assert (version.replaced, version.presumed) == (RECEIVED, False)
    assert (version.job.state, version.job.comments, version.job.failed) == (JobState.Failed, "disk full", 3)


def test_apps_their_secrets_and_the_signing_key_are_kept(only_read: Store) -> None:
    with only_read.reading() as connection:
        one, two = apps.list_apps(connection)
        keys = signing_keys(connection)
    assert (one.client_id, one.tenant_name, one.permissions) == ("jr_one", "acme", ("jobs.read", "jobs.write"))
    assert [(secret.secret_hash, secret.expires) for secret in one.secrets] == [("abc", START + 365 * DAY)]
    assert (two.client_id, two.tenant_name, two.revoked) == ("jr_two", "Übersee", START + DAY)
    assert [(key.kid, key.jwk) for key in keys] == [("first", '{"kty":"OKP"}')]


def test_jobs_are_written_as_to_any_store(upgraded: Store) -> None:
    assert upgraded.record(1, [done("FB1", observed=START + DAY), done("new", description=NIGHTLY)]).created == 1
    assert "new" in list_job_ids(upgraded, 1, search="server a nightly")
    history = upgraded.history(1, "FB1")
    assert history is not None
    assert len(history.versions) == 2
    assert check(upgraded).sound


def test_its_schema_is_the_one_of_a_new_store(upgraded: Store, tmp_path: Path, postgres_url: str) -> None:
    trigrams = {"include_object": lambda _object, name, *_rest: not name.startswith(("job_gram", "series_gram"))}
    with upgraded.reading() as connection:
        context = MigrationContext.configure(connection, opts={} if upgraded.is_shared else trigrams)
        assert compare_metadata(context, tables_of(dialect_of(connection))) == []
        url = connection.engine.url.render_as_string(hide_password=False).replace("postgresql+psycopg", "postgresql")
    if upgraded.is_shared:
        with postgres.database(postgres_url) as fresh:
            open_store(fresh, migrate=True).close()
            assert postgres.schema(url) == postgres.schema(fresh)
        return
    with (
        closing(open_store(f"sqlite:///{tmp_path}/fresh.db")) as new,
        new.reading() as fresh,
        upgraded.reading() as ours,
    ):
        everything = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        assert ours.exec_driver_sql(everything).all() == fresh.exec_driver_sql(everything).all()


def copies(file: Path) -> list[Path]:
    return sorted(path for path in file.parent.iterdir() if "before-upgrade" in path.name)


def jobs_in(path: Path) -> list[str]:
    """The IDs in a file of version 0001, which is looked at as it lies there."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [job_id for (job_id,) in connection.execute("SELECT job_id FROM job ORDER BY tenant, job_id")]


def test_a_file_is_copied_before_and_the_copy_is_whole_and_its_owners_alone(file: Path, upgraded: Store) -> None:
    (copy,) = copies(file)
    assert copy == upgraded.upgrade_copy
    assert copy.name.startswith("jobs.db.before-upgrade-0001-20")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert jobs_in(copy) == [*sorted(str(row["job_id"]) for row in JOBS if row["tenant"] == 1), "FB1"]
    assert {path.name for path in file.parent.iterdir()} <= {copy.name, *("jobs.db", "jobs.db-wal", "jobs.db-shm")}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files to others")
def test_a_copy_that_root_makes_belongs_to_the_owner_of_the_store(file: Path, old: str) -> None:
    os.chown(file, 1234, 2345)
    open_store(old).close()
    assert {(path.stat().st_uid, path.stat().st_gid) for path in (file, *copies(file))} == {(1234, 2345)}


def test_what_is_only_in_the_log_of_the_file_is_in_the_copy(file: Path, old: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("UPDATE job SET job_id = 'late' WHERE job_id = 'due'")
        with closing(open_store(old)) as store:
            assert store.upgrade_copy
            assert "late" in jobs_in(store.upgrade_copy)
            assert "late" in list_job_ids(store, 1)


def test_an_upgraded_store_is_not_copied_again(file: Path, old: str) -> None:
    open_store(old).close()
    with closing(open_store(old)) as store:
        assert store.upgrade_copy is None
    assert len(copies(file)) == 1


def test_the_copy_becomes_the_store_again_and_is_only_read(file: Path, old: str, tmp_path: Path) -> None:
    open_store(old).close()
    (copy,) = copies(file)
    before = copy.read_bytes()
    place = tmp_path / "place"
    restored = restore(copy, f"sqlite:///{place}/jobs.db")
    assert (restored.jobs, restored.repaired) == (len(JOBS), 0)
    assert [path.name for path in place.iterdir()] == ["jobs.db"]
    assert copy.read_bytes() == before


def test_people_are_told_where_the_copy_is(file: Path, old: str) -> None:
    said = command("migrate", "--store", old)
    (copy,) = copies(file)
    assert (said.returncode, said.stdout) == (0, "The store is up to date.\n")
    assert said.stderr.endswith(f"as it was before, it is kept in {copy}\n")
    again = command("migrate", "--store", old, "--json")
    assert json.loads(again.stdout) == {"upToDate": True, "splitByTenant": [], "onEveryNode": []}
    assert again.stderr == ""


def test_a_new_store_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for name in ("new.db", "empty.db"):
        with closing(open_store(f"sqlite:///{tmp_path}/{name}")) as store:
            assert store.upgrade_copy is None
    assert {path.name for path in tmp_path.iterdir()} == {"new.db", "empty.db"}


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As on a disk that is full: what is written beyond fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_where_there_is_no_room_for_the_copy_nothing_is_changed(file: Path, old: str) -> None:
    before = file.read_bytes()
    with no_file_larger_than(file.stat().st_size // 2), pytest.raises(StoreUnavailableError, match="cannot be written"):
        open_store(old)
    assert file.read_bytes() == before
    assert {path.name for path in file.parent.iterdir()} <= {"jobs.db", "jobs.db-wal", "jobs.db-shm"}
    with closing(open_store(old)) as store:
        assert len(list_job_ids(store, 1)) == 6


def test_an_upgrade_that_fails_leaves_the_store_and_no_copy(file: Path, old: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE subject (in_the_way INTEGER)")
    for _ in range(2):
        with pytest.raises(Exception, match="subject"):
            open_store(old)
    assert copies(file) == []
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        connection.execute("DROP TABLE subject")
    with closing(open_store(old)) as store:
        assert len(list_job_ids(store, 1)) == 6


OTHERS = "jobs|summary|check|check --repair|app list|app create --name x|tenant create x|key rotate|import -|audit"


@pytest.mark.parametrize("words", [*OTHERS.split("|"), "sample-data --jobs 1"])
def test_a_command_changes_no_file_on_which_an_older_server_may_run(file: Path, old: str, words: str) -> None:
    said = command(*words.split(), "--store", old)
    assert (said.returncode, said.stdout) == (1, "")
    assert "not migrated to this version of Jobreport: stop every server of the older version, and run" in said.stderr
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert copies(file) == []
