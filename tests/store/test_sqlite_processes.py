"""Several threads and processes on one embedded store, killed ones and busy ones among them."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from example_jobs import done, running
from store_contents import list_job_ids

from clocks import Clock
from jobreport.store import StoreUnavailableError, UnusableStoreError, open_store
from jobreport.store.db import sqlite

TESTS = Path(__file__).parent


def start(*arguments: str) -> subprocess.Popen[str]:
    """A process that writes to the store."""
    return subprocess.Popen(
        [sys.executable, str(TESTS / "writing_process.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"},
    )


def test_every_job_that_was_recorded_survives_the_kill_of_its_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    for round_ in range(3):
        with start(url, f"r{round_}-", "1000000") as writer:
            assert writer.stdout is not None
            said = [writer.stdout.readline() for _ in range(20 + 7 * round_)]
            writer.send_signal(signal.SIGKILL)
            said.extend(writer.stdout)
        acknowledged = {job_id for line in said if line.endswith("\n") for job_id in line.split()}
        assert len(acknowledged) >= 40
        with closing(open_store(url)) as store:
            stored = set(list_job_ids(store, store.tenant_id("default") or 0))
        assert acknowledged <= stored
        # All of a request or none of it: every job has its twin.
        twins = {job_id for job_id in stored if job_id.endswith("-twin")}
        assert {job_id.removesuffix("-twin") for job_id in twins} == stored - twins


def test_processes_that_open_a_fresh_store_and_write_the_same_jobs_at_once_all_succeed(tmp_path: Path) -> None:
    url, begin = f"sqlite:///{tmp_path}/fresh/jobs.db", tmp_path / "begin"
    writers = [start(url, "same-", "10", str(begin)) for _ in range(6)]
    begin.touch()
    for writer in writers:
        _, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, "")
    with closing(open_store(url)) as store:
        tenant = store.tenant_id("default")
        assert tenant is not None
        assert len(list_job_ids(store, tenant)) == len(set(list_job_ids(store, tenant))) == 20


def test_threads_that_open_a_fresh_store_at_once_all_succeed(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def open_it(_: int) -> int | None:
        together.wait()
        with closing(open_store(f"sqlite:///{tmp_path}/jobs.db")) as store:
            return store.tenant_id("default", create=True)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == [1] * 8


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A store that waits for others but for a moment."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    open_store(f"sqlite:///{tmp_path}/jobs.db").close()
    return tmp_path / "jobs.db"


def test_a_store_that_stays_busy_is_unavailable_for_writers_and_readable_all_the_same(impatient: Path) -> None:
    with (
        closing(open_store(f"sqlite:///{impatient}", clock=Clock())) as store,
        closing(sqlite3.connect(impatient, isolation_level=None)) as other,
    ):
        tenant = store.tenant_id("default", create=True) or 0
        store.record(tenant, [running()])
        other.execute("BEGIN IMMEDIATE")
        for write in (lambda: store.record(tenant, [done(), done("FB2")]), store.fail_stalled_jobs):
            with pytest.raises(StoreUnavailableError, match="busy"):
                write()
        assert list_job_ids(store, tenant) == ["FB1"]
        other.execute("ROLLBACK")
        assert store.record(tenant, [done(), done("FB2")]).created == 1


def test_a_store_that_another_holds_alone_is_unavailable_when_it_is_opened(impatient: Path) -> None:
    with closing(sqlite3.connect(impatient, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailableError, match="busy"):
            open_store(f"sqlite:///{impatient}")
        other.execute("ROLLBACK")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Reads from a store that is not in its final journal mode yet, as one is that another process just made."""
    open_store(f"sqlite:///{tmp_path}/jobs.db").close()
    connection = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("BEGIN")
    connection.execute("SELECT * FROM tenant").fetchall()
    yield connection
    connection.close()


def test_a_fresh_store_that_others_still_read_is_opened_once_they_are_done(
    reader: sqlite3.Connection, tmp_path: Path
) -> None:
    done_reading = threading.Timer(0.3, reader.execute, ["COMMIT"])
    done_reading.start()
    with closing(open_store(f"sqlite:///{tmp_path}/jobs.db")) as store:
        store.ready()
    done_reading.join()


def test_a_fresh_store_that_others_read_for_ever_is_unavailable(
    reader: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    with pytest.raises(StoreUnavailableError, match="busy"):
        open_store(f"sqlite:///{tmp_path}/jobs.db")
    reader.execute("COMMIT")


def test_a_full_disk_takes_none_of_a_request_and_the_store_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/jobs.db")) as store:
        tenant = store.tenant_id("default", create=True) or 0
        store.record(tenant, [done("before")])
        many = [done(str(number), comments="x" * 4000) for number in range(100)]
        with store.reading() as connection:  # the only connection of this store, and so the one that writes
            connection.exec_driver_sql("PRAGMA max_page_count = 30")
        with pytest.raises(StoreUnavailableError, match="disk is full"):
            store.record(tenant, many)
        assert list_job_ids(store, tenant) == ["before"]
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert store.record(tenant, many).created == 100


def test_a_store_with_damaged_pages_says_so(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    open_store(f"sqlite:///{path}").close()
    # The pages of a new store say which tables there are: without them it is no store at all.
    intact = path.stat().st_size
    with closing(open_store(f"sqlite:///{path}")) as store:
        tenant = store.tenant_id("default", create=True) or 0
        store.record(tenant, [done(str(number)) for number in range(500)])
    content = path.read_bytes()
    path.write_bytes(content[:intact] + b"\xa5" * (len(content) - intact))
    with closing(open_store(f"sqlite:///{path}")) as store, pytest.raises(UnusableStoreError, match="damaged"):
        list_job_ids(store, tenant)
