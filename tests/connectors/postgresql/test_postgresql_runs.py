"""A backup that went through `jobreport run`, and is then found by pgBackRest or barman: one job, in either order."""

import json
import socket
from pathlib import Path

import pytest
from barman_records import Barman, row, shown
from pgbackrest_records import backup, stanza

from clocks import Clock
from jobreport.connectors.base import Kind
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds import barman, pgbackrest
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.runner.tools.known import recognise
from jobreport.runner.tracker import JobTracker
from jobreport.store import Store

BARMAN_SAYS = (
    "Starting backup using postgres method for server main in /b/main/base/{}",
    "Backup completed (start time: 2026-11-30 04:45:43, elapsed time: 1 second)",
)


def run(line: str, *said: str) -> Job:
    """The job of a run that ended now, well, and with these words."""
    command = line.split()
    tracker = JobTracker(command, recognise(command), plan="nightly")
    tracker.starts()
    tracker.lines("stdout", said)
    return tracker.ends(0, None)


def connector(kind: Kind, **settings: object) -> Configured:
    told = kind.settings(**settings)
    return Configured(name="pg", kind=kind, every=300, tenant="default", settings=told)


def told_in_either_order(store: Store, tenant: int, job: Job, wanted: Configured, *, run_first: bool) -> list[Job]:
    """The jobs in the store when both were told, each of them twice."""
    for _ in range(2):
        if run_first:
            store.record(tenant, [job])
        assert collect(store, tenant, wanted, back=ticks.PER_DAY).whole
        store.record(tenant, [job])
    found = [store.history(tenant, line.job_id) for line in store.list_jobs(tenant, JobQuery()).lines]
    return [one.current.job for one in found if one]


@pytest.mark.parametrize("run_first", [True, False])
@pytest.mark.parametrize("host", ["", "elsewhere"])
def test_a_run_of_pgbackrest_keeps_its_state_and_gets_the_reference(
    store: Store, tenant: int, clock: Clock, tmp_path: Path, host: str, run_first: bool
) -> None:
    """It prints nothing of what it made, so only a host that is another one keeps both apart."""
    job = run("pgbackrest --stanza=demo --type=incr backup", "WARN: invalid page checksum found in file /d/5 at page 1")
    clock.now = job.finish + ticks.PER_SECOND
    record = backup()
    began = (job.start - ticks.UNIX_EPOCH) // ticks.PER_SECOND
    record["timestamp"] = {"start": began, "stop": began}
    (tmp_path / "printed").write_text(json.dumps([stanza(record)]))
    wanted = connector(pgbackrest.KIND, command=("sh", "-c", f"cat {tmp_path}/printed"), host=host)
    found = told_in_either_order(store, tenant, job, wanted, run_first=run_first)
    if host:
        assert len(found) == 2
        return
    (one,) = found
    assert (one.state, one.failed, one.plan, one.origin) == (
        JobState.Exception,
        1,
        "nightly",
        f"runner/{socket.gethostname()}",
    )
    assert one.reference == f"pgbackrest:7713821119787959050:demo:{record['label']}:1:{record['archive']['start']}"


@pytest.mark.parametrize("run_first", [True, False])
def test_a_run_of_barman_keeps_its_state_and_gets_the_reference(
    store: Store, tenant: int, clock: Clock, tmp_path: Path, run_first: bool
) -> None:
    now = run("barman backup main").start
    backup_id = f"{ticks.to_datetime(now):%Y%m%dT%H%M%S}"
    job = run("barman backup main", *(line.format(backup_id) for line in BARMAN_SAYS))
    clock.now = job.finish + ticks.PER_SECOND
    origin = Barman(tmp_path)
    ended = (now - ticks.UNIX_EPOCH) // ticks.PER_SECOND + 1
    origin.has("main", (row(backup_id, ended=ended), shown(backup_id, ended=ended)))
    wanted = connector(barman.KIND, command=origin.command, timezone="UTC")
    (one,) = told_in_either_order(store, tenant, job, wanted, run_first=run_first)
    assert (one.state, one.plan, one.comments) == (JobState.Successful, "nightly", "1 backup made")
    assert one.reference == f"barman:7713821119787959050:main:{backup_id}"
