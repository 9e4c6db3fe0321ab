"""The real barman on a real PostgreSQL: a backup that runs, one that is killed, and those that are done."""

import os
import signal
import subprocess
from socket import gethostname

from postgresql_tools import Tools

from jobreport.connectors.barman import KIND
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.model.sees import Sees
from jobreport.store import Store
from serving import until


def by_time(store: Store, tenant: int) -> list[Job]:
    """The jobs in the store, the first backup first."""
    found = [store.history(tenant, line.job_id) for line in store.list_jobs(tenant, JobQuery()).lines]
    return sorted((one.current.job for one in found if one), key=lambda job: job.job_id)


def test_a_backup_that_is_killed_is_told_and_those_that_are_done_have_their_times(
    real: Tools, store: Store, tenant: int
) -> None:
    settings = KIND.settings(command=tuple(real.barman))
    wanted = Configured(name="pg", kind=KIND, every=300, tenant="default", settings=settings)
    assert collect(store, tenant, wanted).whole  # a server without a backup

    real.run(*real.barman, "cron")
    real.execute("SELECT pg_switch_wal()")
    until(lambda: list((real.folder / "barman" / "main" / "incoming").iterdir()), "the first log")
    real.run(*real.barman, "archive-wal", "main")
    slow = subprocess.Popen(
        [*real.slow_barman, "backup", "main"],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: [one["status"] for one in real.listed()] == ["STARTED"], "a backup that has started")
    assert collect(store, tenant, wanted).whole
    assert [job.state for job in by_time(store, tenant)] == [JobState.InProgress]
    os.killpg(slow.pid, signal.SIGKILL)
    slow.wait()

    real.run(*real.barman, "backup", "main")
    collect(store, tenant, wanted)
    killed, done = by_time(store, tenant)
    assert (killed.state, killed.failed) == (JobState.Failed, 1)
    assert "its process is gone, and barman goes on to say STARTED" in killed.comments
    assert done.state in {JobState.Successful, JobState.InProgress}  # until its last log is archived
    real.execute("SELECT pg_switch_wal()")

    def archived() -> bool:
        real.run(*real.barman, "archive-wal", "main")
        return real.listed()[0]["status"] == "DONE"

    until(archived, "the logs of the backup")
    collect(store, tenant, wanted)
    killed, done = by_time(store, tenant)
    ((system,),) = real.execute("SELECT system_identifier FROM pg_control_system()")
    assert (done.state, done.successful, done.sees) == (JobState.Successful, 1, Sees.OBJECTS)
    label = real.listed()[0]["backup_id"]
    assert done.reference == done.job_id
    # Version 3.4, which Debian has, does not show the system.
    assert done.job_id in {f"barman:{system}:{label}", f"barman:{gethostname()}/main:{label}"}
    assert done.size > 10_000_000
    assert killed.start < done.start <= done.finish
