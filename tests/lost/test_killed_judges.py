"""`kill -9` of who judges, in the middle of it: another goes on, each series is judged, and nothing is said twice."""

import contextlib
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from clocks import Clock, Running
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.model import ticks
from jobreport.model.audit import Action
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.judging import NEVER
from jobreport.model.query import JobFilter, JobQuery
from jobreport.store import Store, open_store
from jobreport.store.registry import audit_log
from jobreport.store.watch import incidents, standing, verdicts
from jobreport.watch import expectations
from jobreport.watch.judging import look
from serving import LINUX, Server, serve, typed, until
from stores import copy_used_store

SERIES: Final = 90
HOUR: Final = 3600 * ticks.PER_SECOND
PROGRAM: Final = """
from jobreport.services import judging_process, watch
from jobreport.watch import judging
watch.EVERY_SECONDS, watch.MANY, judging.BATCH = 0.1, 3, 2
watch.LEASE_SECONDS, judging_process.LEASE_SECONDS, judging_process._BEAT = 2, 2, 0.5
if __name__ == "__main__":
    from jobreport.cli import main
    main()
"""


@pytest.fixture
def due(store: str) -> None:
    """A store of which all series were due an hour ago, and judged last before that. Nobody judges them by himself."""
    if store.startswith("sqlite"):
        copy_used_store(Path(store.removeprefix("sqlite:///")))
    clock = Clock()
    clock.now = Running()() - 3 * HOUR
    with closing(open_store(store, clock=clock)) as opened:
        tenant = opened.tenant_id("acme", create=True)
        assert tenant is not None
        every = ExpectationDocument(plan="nightly", every="2h", grace="10m")
        expectations.put(opened, "acme", to_expectation(every))
        opened.record(tenant, [ran(number, clock.now) for number in range(SERIES)])
        for _ in look(opened, clock.now):
            pass
        with opened.writing() as transaction:
            verdicts.judge_at(transaction, tenant, dict.fromkeys(range(1, SERIES + 1), NEVER))


def ran(number: int, now: int) -> Job:
    return Job(
        job_id=f"FB{number}",
        service=ServiceType.VM,
        type=JobType.Backup,
        state=JobState.Successful,
        start=now - ticks.PER_SECOND,
        finish=now,
        observed=now,
        plan="nightly",
        resource=f"web-{number}",
    )


@contextmanager
def reading(store: str) -> Iterator[Store]:
    with closing(open_store(store, migrate=False)) as opened:
        yield opened


def missed(store: Store) -> int:
    """Of how many series it is known that they did not start."""
    with store.reading() as transaction:
        return standing.not_met(transaction, [1])[1].total()


def seen_of_all(store: Store) -> tuple[int, int, int]:
    """How many jobs were written, how many incidents go on, and how many the audit log says were opened."""
    jobs = store.list_jobs(1, JobQuery(where=JobFilter(states=(JobState.Failed,)), size=1)).total
    with store.reading() as transaction:
        listed = audit_log.newest(transaction, 1, 10 * SERIES)
        opened = sum(link.action == Action.IncidentOpened.value for link in listed)
        return jobs, len(incidents.going_on(transaction)[1]), opened


def judge_of(*servers: Server) -> tuple[Server, int]:
    """The server that has a process which judges, and that process."""
    return until(lambda: next(((one, pid) for one in servers for pid in judges(one)), None), "a process that judges")


def judges(server: Server) -> list[int]:
    """The processes that threads of a server have started."""
    with contextlib.suppress(FileNotFoundError):  # a thread that has ended just now
        tasks = Path(f"/proc/{server.process.pid}/task").glob("*/children")
        return [int(pid) for task in tasks for pid in task.read_text().split()]
    return []


@LINUX
@pytest.mark.parametrize(
    ("store", "killed"), [("sqlite", "server"), ("postgresql", "server"), ("postgresql", "process")], indirect=["store"]
)
def test_another_goes_on_and_each_series_is_said_to_be_missed_once(
    store: str, due: None, tmp_path: Path, killed: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with (
        serve(tmp_path / "one", store=store, program=program) as one,
        serve(tmp_path / "two", store=store, program=program) as two,
        reading(store) as opened,
    ):
        with opened.writing() as transaction:
            verdicts.judge_all(transaction, 1)
        server, process = judge_of(one, two)
        before = until(lambda: missed(opened), "the first judgements")
        if killed == "server":
            server.kill()
        else:
            os.kill(process, signal.SIGKILL)
        assert before < SERIES
        until(lambda: missed(opened) == SERIES, "the judgement of all")
        other = two if server is one else one
        assert seen_of_all(opened) == (SERIES, SERIES, SERIES)
        other.stop()
        assert "Traceback" not in other.log
    assert typed("check", "--store", store).returncode == 0
