"""The real pgBackRest and barman on a real PostgreSQL: what they have made, and what they do not say by their exits."""

import os
import signal
import subprocess
from pathlib import Path
from socket import gethostname

import pytest
from postgresql_tools import Tools

from clocks import Clock
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds import barman, pgbackrest
from jobreport.connectors.kinds.pgbackrest.settings import Settings
from jobreport.connectors.kinds.pgbackrest.stanzas import Stanzas
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.model.sees import Sees
from jobreport.store import Store
from serving import until

REPOSITORY = "demo: repo 1"


def configured(command: list[str], *stanzas: str) -> Configured:
    settings = Settings(command=tuple(command), stanzas=stanzas)
    return Configured(name="db", kind=pgbackrest.KIND, every=300, tenant="default", settings=settings)


def test_backups_are_results_and_damaged_pages_make_an_exception(
    real: Tools, store: Store, tenant: int, clock: Clock
) -> None:
    """All in one, as each backup takes a second: no stanza, no backup, a full one, and one with a page that is broken,
    for which pgBackRest ends with 0.
    """
    wanted = configured(real.pgbackrest)
    assert "finds no stanza in any repository" in collect(store, tenant, wanted).error
    named = trial(configured(real.pgbackrest, "demo"), store.clock())
    assert [right.held for right in named.rights] == [False]
    assert [one.error for one in named.streams] == [f"{REPOSITORY} cannot be read: missing stanza path"]

    real.run(*real.pgbackrest, "--stanza=demo", "--no-online", "stanza-create")
    (empty,) = collect(store, tenant, wanted).streams
    assert (empty.stream, empty.read, empty.error) == (REPOSITORY, 0, "")

    full = real.back_up("full")
    real.execute("CREATE TABLE broken AS SELECT generate_series(1, 1000) AS number")
    real.execute("CHECKPOINT")
    ((where,),) = real.execute("SELECT pg_relation_filepath('broken')")
    with (real.folder / "data" / str(where)).open("r+b") as file:
        file.seek(100)
        file.write(b"rubbish")
    damaged = real.back_up("incr")
    real.execute("DROP TABLE broken")  # barman's copy would fail for it
    clock.now = ticks.from_iso("2050-01-01T00:00:00Z")  # behind what the tool says, whose clock is the machine's
    (looked,) = collect(store, tenant, wanted).streams
    assert (looked.read, looked.error) == (2, "")
    found = {line.job_id: store.history(tenant, line.job_id) for line in store.list_jobs(tenant, JobQuery()).lines}
    jobs = {job_id.split(":")[3]: known.current.job for job_id, known in found.items() if known}
    assert {label: job.state for label, job in jobs.items()} == {
        full: JobState.Successful,
        damaged: JobState.Exception,
    }
    assert jobs[damaged].cause == "damaged"
    assert f"--set={damaged}" in jobs[damaged].comments
    assert {job.sees for job in jobs.values()} == {Sees.RESULTS}
    ((system,),) = real.execute("SELECT system_identifier FROM pg_control_system()")
    assert jobs[full].reference.startswith(f"pgbackrest:{system}:demo:{full}:1:0000")
    assert 0 < jobs[full].finish - jobs[full].start < ticks.PER_DAY

    away = real.folder / "repo"
    away.rename(away.with_name("unmounted"))
    assert "finds no stanza" in collect(store, tenant, wanted).error


def test_a_program_that_cannot_be_called_is_told_in_its_own_words(real: Tools, tmp_path: Path) -> None:
    with pytest.raises(CannotReadError, match=r"pgBackRest ended with exit code 55: ERROR: \[055\]: unable to open"):
        list(Stanzas(Settings(command=(real.pgbackrest[0], f"--config={tmp_path}/none"))).streams())
    with pytest.raises(CannotReadError, match="cannot be started: No such file"):
        list(Stanzas(Settings(command=(f"{tmp_path}/pgbackrest",))).streams())


def by_time(store: Store, tenant: int) -> list[Job]:
    """The jobs in the store, the first backup first."""
    found = [store.history(tenant, line.job_id) for line in store.list_jobs(tenant, JobQuery()).lines]
    return sorted((one.current.job for one in found if one), key=lambda job: job.job_id)


def test_a_backup_that_is_killed_is_told_and_those_that_are_done_have_their_times(
    real: Tools, store: Store, tenant: int
) -> None:
    settings = barman.KIND.settings(command=tuple(real.barman))
    wanted = Configured(name="pg", kind=barman.KIND, every=300, tenant="default", settings=settings)
    assert collect(store, tenant, wanted).whole  # a server without a backup

    real.run(*real.barman, "cron")
    real.archive()
    slow = subprocess.Popen(
        [*real.slow_barman, "backup", "main"],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(real.has_started, "a backup that has started")
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
    real.archive()
    collect(store, tenant, wanted)
    killed, done = by_time(store, tenant)
    ((system,),) = real.execute("SELECT system_identifier FROM pg_control_system()")
    assert (done.state, done.successful, done.sees) == (JobState.Successful, 1, Sees.OBJECTS)
    label = real.listed()[0]["backup_id"]
    assert done.reference == done.job_id
    # Version 3.4, which Debian has, does not show the system.
    assert done.job_id in {f"barman:{system}:main:{label}", f"barman:{gethostname()}:main:{label}"}
    assert done.size > 10_000_000
    assert killed.start < done.start <= done.finish
