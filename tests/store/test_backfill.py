"""New tables are filled from the jobs of an older store, in parts: whoever breaks it off loses nothing."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from store_contents import rows_of_tables
from version_0001 import JOBS, make

import postgres
from jobreport.store import Progress, UnusableStoreError, open_store
from jobreport.store.admin.check import check
from jobreport.store.db import engine
from serving import command

OLD_WRITES = (
    "INSERT INTO subject (tenant, subject, digest, description, plan, resource, origin, folded) "
    "VALUES (1, 77, :digest, 'a', 'b', '', '', 'a')",
    "INSERT INTO job_count (tenant, service, type, state, day, jobs) VALUES (1, -1, -1, -1, 5, 1)",
    "INSERT INTO job_count (tenant, service, type, state, day, jobs) "
    "SELECT tenant, service, type, state, day, 1 FROM job_count WHERE tenant = 1 "
    "ON CONFLICT (tenant, service, type, state, day) DO UPDATE SET jobs = job_count.jobs + excluded.jobs",
)
"""What the version before wrote with each new subject and each new job."""


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the old store is."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path}/jobs.db"


class BreakOffError(Exception):
    """What a test breaks an upgrade off with."""


class BreakOff:
    """Breaks an upgrade off before its next part but `parts`, and collects how far each one was."""

    def __init__(self, parts: int) -> None:
        self.left, self.seen = parts, list[Progress]()

    def __call__(self, progress: Progress) -> None:
        self.seen.append(progress)
        if not self.left:
            raise BreakOffError
        self.left -= 1


@pytest.fixture
def whole(store_url: str, tmp_path: Path, postgres_url: str) -> dict[str, list[tuple[object, ...]]]:
    """What is in the store after an upgrade at one go."""
    if store_url.startswith("postgresql"):
        with postgres.database(postgres_url) as other:
            make(other)
            with closing(open_store(other, migrate=True)) as store:
                return rows_of_tables(store)
    make(f"sqlite:///{tmp_path}/whole.db")
    with closing(open_store(f"sqlite:///{tmp_path}/whole.db", migrate=True)) as store:
        return rows_of_tables(store)


def test_an_upgrade_that_is_broken_off_after_every_part_goes_on_and_ends_with_the_same(
    store_url: str, whole: dict[str, list[tuple[object, ...]]]
) -> None:
    make(store_url)
    said: list[Progress] = []
    while True:
        # What has been said last comes first the next time: that part was not done.
        breaking = BreakOff(1 if said else 0)
        try:
            opened = open_store(store_url, migrate=True, progress=breaking)
        except BreakOffError:
            assert breaking.seen[0] == said[-1] if said else True
            said += breaking.seen[-1:]
            with pytest.raises(UnusableStoreError, match=r"not complete: run `jobreport migrate`"):
                open_store(store_url, migrate=False)
            continue
        break
    with closing(opened) as store:
        assert check(store).sound
        assert check(store).jobs == len(JOBS)
        assert rows_of_tables(store) == whole
        store.ready()
    steps = [*dict.fromkeys(progress.what for progress in said)]
    assert steps[0] == "subjects"
    assert steps[-1] == "series"
    assert all(0 <= progress.done <= progress.total for progress in said)
    assert {progress.total for progress in said if progress.what == "jobs"} == {len(JOBS)}


def test_the_command_migrate_goes_on_with_what_was_broken_off(store_url: str) -> None:
    make(store_url)
    with pytest.raises(BreakOffError):
        open_store(store_url, migrate=True, progress=BreakOff(2))
    refused = command("check", "--store", store_url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the store's upgrade to this version of Jobreport is not complete: run `jobreport migrate`" in refused.stderr
    migrated = command("migrate", "--store", store_url)
    assert (migrated.returncode, migrated.stdout) == (0, "The store is up to date.\n")
    assert migrated.stderr.splitlines()[0].startswith("Upgrading the store: reading ")
    assert command("check", "--store", store_url).returncode == 0


@pytest.mark.parametrize("parts", [0, 3, 100])
@pytest.mark.parametrize("statement", OLD_WRITES, ids=["subject", "new day", "known day"])
def test_an_older_server_that_still_runs_cannot_write_in_between_or_afterwards(
    store_url: str, parts: int, statement: str
) -> None:
    make(store_url)
    try:
        open_store(store_url, migrate=True, progress=BreakOff(parts)).close()
    except BreakOffError:
        assert parts < 100
    opened = engine.make_engine(engine.parse(store_url))
    with pytest.raises(IntegrityError), engine.writing(opened) as connection:
        connection.execute(text(statement), {"digest": b"x" * 16} if ":digest" in statement else {})
    opened.dispose()


def test_what_a_killed_upgrade_left_of_its_copy_is_removed_by_the_next(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/jobs.db"
    make(store)
    left = [tmp_path / f".jobs.db.before-upgrade-0001-20260101000000.{name}.partial" for name in ("ab", "cd")]
    others = [tmp_path / ".jobs.db.ab.partial", tmp_path / ".other.db.before-upgrade-0001-20260101000000.ab.partial"]
    for path in (*left, *others):
        path.write_bytes(b"half")
    open_store(store).close()
    assert [path.exists() for path in (*left, *others)] == [False, False, True, True]
    assert len([*tmp_path.glob("jobs.db.before-upgrade-*")]) == 1


def test_what_an_upgrade_sorts_is_sorted_on_disk_and_later_sorts_are_in_memory_again(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/jobs.db"
    make(store)
    opened = engine.make_engine(engine.parse(store))

    def asked(connection: Connection) -> tuple[int, int]:
        values = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("temp_store", "cache_size"))
        return next(values), next(values)

    with engine.reading(opened) as connection:
        before = asked(connection)
    with engine.writing_all(opened) as connection:
        where, pages = asked(connection)
    with engine.reading(opened) as connection:
        assert asked(connection) == before
    assert (where, pages < before[1]) == (1, True)
    opened.dispose()
