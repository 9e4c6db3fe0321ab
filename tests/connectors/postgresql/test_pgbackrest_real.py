"""The real pgBackRest on a real PostgreSQL: what a first look finds, and what pgBackRest does not say by its exit."""

from pathlib import Path

import pytest
from postgresql_tools import Tools

from clocks import Clock
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.pgbackrest import KIND
from jobreport.connectors.pgbackrest.settings import Settings
from jobreport.connectors.pgbackrest.stanzas import Stanzas
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.query import JobQuery
from jobreport.model.sees import Sees
from jobreport.store import Store

REPOSITORY = "demo: repo 1"


def configured(command: list[str], *stanzas: str) -> Configured:
    settings = Settings(command=tuple(command), stanzas=stanzas)
    return Configured(name="db", kind=KIND, every=300, tenant="default", settings=settings)


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
    clock.now = ticks.from_iso("2050-01-01T00:00:00Z")  # behind what the tool says, whose clock is the machine's
    (looked,) = collect(store, tenant, wanted).streams
    assert (looked.read, looked.error) == (2, "")
    found = {line.job_id: store.history(tenant, line.job_id) for line in store.list_jobs(tenant, JobQuery()).lines}
    jobs = {job_id.split(":")[2]: known.current.job for job_id, known in found.items() if known}
    assert {label: job.state for label, job in jobs.items()} == {
        full: JobState.Successful,
        damaged: JobState.Exception,
    }
    assert jobs[damaged].cause == "damaged"
    assert f"--set={damaged}" in jobs[damaged].comments
    assert {job.sees for job in jobs.values()} == {Sees.RESULTS}
    ((system,),) = real.execute("SELECT system_identifier FROM pg_control_system()")
    assert jobs[full].reference == f"pgbackrest:{system}:{full}:1"
    assert 0 < jobs[full].finish - jobs[full].start < ticks.PER_DAY

    away = real.folder / "repo"
    away.rename(away.with_name("unmounted"))
    assert "finds no stanza" in collect(store, tenant, wanted).error


def test_a_program_that_cannot_be_called_is_told_in_its_own_words(real: Tools, tmp_path: Path) -> None:
    with pytest.raises(CannotReadError, match=r"pgBackRest ended with exit code 55: ERROR: \[055\]: unable to open"):
        list(Stanzas(Settings(command=(real.pgbackrest[0], f"--config={tmp_path}/none"))).streams())
    with pytest.raises(CannotReadError, match="cannot be started: No such file"):
        list(Stanzas(Settings(command=(f"{tmp_path}/pgbackrest",))).streams())
