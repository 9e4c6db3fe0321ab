"""Many series are judged by a process of its own, which only one server starts, and which ends with it."""

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from clocks import Clock
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.services.judging_process import LEASE
from jobreport.services.watch import Watch
from jobreport.store import Store, open_store
from jobreport.store.admin import leases
from jobreport.store.watch.verdicts import kept as kept_of
from jobreport.threads import never_before_others
from jobs import job
from serving import serve, until
from strategies import NOW

PROGRAM = """
from jobreport.services import watch
watch.EVERY_SECONDS, watch.MANY = 0.1, 3
if __name__ == "__main__":
    from jobreport.cli import main
    main()
"""


def verdicts(kept: sqlite3.Connection) -> list[str]:
    return [one for (one,) in kept.execute("SELECT verdict FROM series_verdict")]


def test_a_server_has_many_series_judged_apart(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with serve(tmp_path, program=program) as server:
        app = server.app("acme")
        app.write([job(f"FB{number}", plan=f"plan-{number}") for number in range(4)])
        with closing(sqlite3.connect(tmp_path / "store" / "jobs.db", timeout=60)) as kept:
            until(lambda: verdicts(kept) == ["met"] * 4, "the judgement of all")
            until(lambda: not [*kept.execute("SELECT name FROM pulse WHERE name = ?", (LEASE,))], "its end")
        server.stop()
        assert "Traceback" not in server.log
        assert "not judged" not in server.log


@pytest.fixture
def url(new_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(new_file, tmp_path)}"


@pytest.fixture
def store(url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with four series, which are many here."""
    monkeypatch.setattr("jobreport.services.watch.MANY", 3)
    with closing(open_store(url, clock=clock)) as opened:
        tenant = opened.tenant_id("acme", create=True)
        assert tenant == 1
        opened.record(tenant, [done(number) for number in range(4)])
        yield opened


def done(number: int) -> Job:
    return Job(
        job_id=f"FB{number}",
        service=ServiceType.VM,
        type=JobType.Backup,
        state=JobState.Successful,
        start=NOW - 9,
        finish=NOW - 5,
        observed=NOW,
        plan=f"plan-{number}",
    )


def judged(store: Store) -> int:
    with store.reading() as transaction:
        return len(kept_of(transaction, 1, range(1, 10)))


def test_only_one_of_several_servers_starts_the_process(store: Store, url: str) -> None:
    first, second = Watch(store, url), Watch(store, url)
    assert [*first.look(), *second.look(), *second.look()] == []
    assert second._child is None
    until(lambda: judged(store) == 4, "the judgement")
    until(lambda: first._child and not first._child.is_alive(), "the end of the process")
    assert leases.acquire(store, LEASE, 1)
    assert [*first.look()] == []
    assert first._child is None


def test_where_the_process_fails_the_server_judges_itself(store: Store, tmp_path: Path) -> None:
    watch = Watch(store, f"sqlite:///{tmp_path}/nowhere.db")
    assert [*watch.look()] == []
    until(lambda: watch._child and not watch._child.is_alive(), "the end of the process")
    assert judged(store) == 0
    assert len([*watch.look()]) == 1
    assert judged(store) == 4


def test_a_server_that_stops_ends_the_process_and_lets_others_judge(store: Store, url: str) -> None:
    watch = Watch(store, url)
    assert [*watch.look()] == []
    watch.stop()
    assert watch._child
    assert not watch._child.is_alive()
    assert leases.acquire(store, LEASE, 1)


def test_a_process_that_hangs_is_ended_and_the_server_judges_itself(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(store, url)
    assert [*watch.look()] == []
    child = watch._child
    assert child
    assert child.pid
    os.kill(child.pid, signal.SIGSTOP)
    assert [*watch.look()] == []
    monkeypatch.setattr("jobreport.services.watch.STUCK_SECONDS", 0)
    assert len([*watch.look()]) == 1
    assert (child.is_alive(), judged(store)) == (False, 4)


def test_a_server_that_stops_ends_a_process_that_hangs(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobreport.services.watch._STOP_SECONDS", 1)
    watch = Watch(store, url)
    assert [*watch.look()] == []
    assert watch._child
    assert watch._child.pid
    os.kill(watch._child.pid, signal.SIGSTOP)
    watch.stop()
    assert not watch._child.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has classes of scheduling for single threads")
def test_what_judges_never_goes_first_when_it_wakes_and_still_has_a_share_of_a_busy_processor() -> None:
    """A thread that only has what others leave stands still beside programs that compute without end."""

    def scheduled() -> int:
        never_before_others()
        return os.sched_getscheduler(0)

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(scheduled).result() == os.SCHED_BATCH
