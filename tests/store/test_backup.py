"""A backup is the store at one moment, whole or not there; a restore puts it back, or leaves everything as it was."""

import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from example_jobs import done
from store_contents import list_job_ids

from jobreport.store import Store, StoreError, StoreUnavailableError, UnusableStoreError, open_store
from jobreport.store.admin.backup import OccupiedStoreError, backup, restore
from jobreport.store.admin.check import check
from jobreport.store.db import store_file


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def store_url(file_url: str) -> str:
    """These are of SQLite alone."""
    return file_url


@pytest.fixture
def filled(store: Store, tenant: int) -> Store:
    store.record(tenant, [done(f"FB{number}") for number in range(50)])
    return store


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "place"
    found.mkdir()
    return found


@pytest.fixture
def file(filled: Store, tmp_path: Path) -> Path:
    backup(filled, tmp_path / "backup.db")
    return tmp_path / "backup.db"


def test_a_backup_is_one_file_of_its_owner_and_comes_back_whole(filled: Store, tenant: int, place: Path) -> None:
    made = backup(filled, place / "backup.db")
    assert made.jobs == 50
    assert [path.name for path in place.iterdir()] == ["backup.db"]
    assert stat.S_IMODE((place / "backup.db").stat().st_mode) == 0o600
    restored = restore(place / "backup.db", url(place / "new" / "jobs.db"))
    assert (restored.jobs, restored.tenants, restored.repaired, restored.aside) == (50, 1, 0, "")
    assert [path.name for path in (place / "new").iterdir()] == ["jobs.db"]
    assert stat.S_IMODE((place / "new" / "jobs.db").stat().st_mode) == 0o600
    with closing(open_store(url(place / "new" / "jobs.db"))) as again:
        assert list_job_ids(again, tenant) == list_job_ids(filled, tenant)
        assert check(again).sound


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files to others")
def test_what_root_restores_belongs_to_whom_the_store_or_its_folder_belonged(file: Path, place: Path) -> None:
    os.chown(place, 1234, 2345)
    restore(file, url(place / "jobs.db"))
    made = (place / "jobs.db").stat()
    assert (made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)) == (1234, 2345, 0o600)
    os.chown(place / "jobs.db", 3456, 4567)
    (place / "jobs.db").chmod(0o640)
    restore(file, url(place / "jobs.db"), replace=True)
    made = (place / "jobs.db").stat()
    assert (made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)) == (3456, 4567, 0o640)
    assert {path.stat().st_uid for path in place.iterdir()} == {3456}


def test_a_link_in_the_place_of_the_new_file_is_not_followed(tmp_path: Path) -> None:
    foreign, partial = tmp_path / "foreign", tmp_path / "partial"
    foreign.write_text("of somebody else")
    os.link(foreign, partial)
    with pytest.raises(StoreUnavailableError, match="somebody changed"):
        store_file.give_owner(partial, tmp_path / "jobs.db")
    partial.unlink()
    partial.symlink_to(foreign)
    with pytest.raises(StoreUnavailableError):
        store_file.give_owner(partial, tmp_path / "jobs.db")


def test_a_backup_while_others_write_is_of_one_moment(store: Store, tenant: int, place: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        count = 0
        while not stop.is_set():
            store.record(tenant, [done(f"{count}-{part}", description="x" * 500) for part in range(100)])
            count += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backup(store, place / f"{count}.db").jobs for count in range(8)]
    finally:
        stop.set()
        writer.join()
    assert all(jobs % 100 == 0 for jobs in made)
    assert made == sorted(made)
    for count, jobs in enumerate(made):
        with closing(open_store(url(place / f"{count}.db"))) as copy:
            assert check(copy).sound
            assert check(copy).jobs == jobs


def test_a_file_that_is_there_is_only_replaced_by_force(filled: Store, place: Path) -> None:
    (place / "backup.db").write_text("mine")
    with pytest.raises(FileExistsError):
        backup(filled, place / "backup.db")
    assert contents(place) == {"backup.db": b"mine"}
    backup(filled, place / "backup.db", force=True)
    assert contents(place).keys() == {"backup.db"}
    assert (place / "backup.db").read_bytes() != b"mine"


def test_a_backup_that_cannot_be_written_is_said(filled: Store, place: Path) -> None:
    with pytest.raises(StoreError, match="nothing can be written"):
        backup(filled, place / "none" / "backup.db")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def scramble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for at in range(3 * 4096, len(data) - 4096, 4096):
        data[at : at + 2000] = b"\xa5" * 2000
    path.write_bytes(bytes(data))


def text(path: Path) -> None:
    path.write_text("no database at all, but as long as a header is")


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE invoices (number INTEGER)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [cut, scramble, text, foreign, newer, nothing])
def test_a_file_that_is_no_good_backup_changes_nothing(file: Path, place: Path, spoil: Callable[[Path], None]) -> None:
    target = place / "jobs.db"
    with closing(open_store(url(target))) as old:
        old.record(old.tenant_id("default", create=True) or 0, [done()])
    spoil(file)
    before, given = contents(place), file.read_bytes()
    with pytest.raises(UnusableStoreError):
        restore(file, url(target), replace=True)
    assert contents(place) == before
    assert file.read_bytes() == given


@pytest.fixture
def occupied(place: Path) -> Iterator[Path]:
    with closing(open_store(url(place / "jobs.db"))) as old:
        old.record(old.tenant_id("default", create=True) or 0, [done("OLD")])
    return place / "jobs.db"


def test_a_store_with_something_in_it_is_only_replaced_by_force_and_kept(
    file: Path, occupied: Path, tenant: int
) -> None:
    with pytest.raises(OccupiedStoreError):
        restore(file, url(occupied))
    restored = restore(file, url(occupied), replace=True)
    with closing(open_store(url(occupied))) as store:
        assert len(list_job_ids(store, tenant)) == 50
    with closing(open_store(url(Path(restored.aside)))) as store:
        assert list_job_ids(store, store.tenant_id("default") or 0) == ["OLD"]


def test_an_empty_store_is_replaced(file: Path, place: Path) -> None:
    open_store(url(place / "jobs.db")).close()
    assert restore(file, url(place / "jobs.db")).jobs == 50


def test_a_damaged_store_is_replaced_by_force(file: Path, occupied: Path) -> None:
    text(occupied)
    with pytest.raises(OccupiedStoreError):
        restore(file, url(occupied))
    restored = restore(file, url(occupied), replace=True)
    assert Path(restored.aside).read_text().startswith("no database")


def test_a_store_that_is_in_use_is_not_replaced(file: Path, occupied: Path) -> None:
    with closing(open_store(url(occupied))) as serving:
        assert list_job_ids(serving, serving.tenant_id("default") or 0) == ["OLD"]
        with pytest.raises(StoreUnavailableError, match="in use"):
            restore(file, url(occupied), replace=True)
        assert list_job_ids(serving, serving.tenant_id("default") or 0) == ["OLD"]


def test_wrong_counts_of_a_backup_are_repaired_on_the_way(file: Path, place: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE job_count SET jobs = jobs + 1 WHERE state = -1")
    assert restore(file, url(place / "jobs.db")).repaired == 4
    with closing(open_store(url(place / "jobs.db"))) as store:
        assert check(store).sound


def test_the_store_itself_is_no_backup_of_itself(occupied: Path) -> None:
    with pytest.raises(UnusableStoreError, match="itself"):
        restore(occupied, url(occupied), replace=True)


def test_a_plain_copy_of_a_stopped_store_is_taken_too(occupied: Path, tmp_path: Path) -> None:
    assert restore(occupied, url(tmp_path / "other.db")).jobs == 1
    assert contents(occupied.parent).keys() == {"jobs.db"}
