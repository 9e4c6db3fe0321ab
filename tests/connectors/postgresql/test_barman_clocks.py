"""Barman's IDs are local times: when clocks are put back, one of a later backup may be the smaller one."""

from pathlib import Path

import pytest
from barman_records import Barman, row, shown

from clocks import Clock
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.barman import KIND
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.query import JobQuery
from jobreport.store import Store

RUNNING = "20261025T020500"  # the second time that clocks show it
ENDED = ticks.from_iso("2026-10-25T00:59:30Z")


@pytest.mark.parametrize(
    ("before", "state"),
    [
        ("20261025T025900", JobState.InProgress),  # it was begun the first time
        ("20261025T031000", JobState.Failed),  # this one is later, whichever of both times it was
    ],
)
def test_a_backup_is_not_gone_for_one_that_was_begun_before_the_clocks_were_put_back(
    store: Store, tenant: int, clock: Clock, tmp_path: Path, before: str, state: JobState
) -> None:
    barman = Barman(tmp_path)
    ended = (ENDED - ticks.UNIX_EPOCH) // ticks.PER_SECOND
    both = row(before, ended=ended), shown(before, ended=ended)
    barman.has("main", (row(RUNNING, "STARTED"), shown(RUNNING, "STARTED")), both, processes="backup")
    clock.now = ticks.from_iso("2026-10-25T02:30:00Z")
    settings = KIND.settings(command=barman.command, timezone="Europe/Berlin")
    collect(store, tenant, Configured(name="pg", kind=KIND, every=300, tenant="default", settings=settings))
    found = {line.job_id.rpartition(":")[2]: line.state for line in store.list_jobs(tenant, JobQuery()).lines}
    assert found[RUNNING] == state
    assert found[before] == JobState.Successful
