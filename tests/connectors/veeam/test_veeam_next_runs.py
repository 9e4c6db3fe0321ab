"""When each job runs next, as the server's own scheduler says, becomes what is expected of its plan."""

import json
import os
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from fakes.veeam.veeam_records import job_state, session
from fakes.veeam.veeam_server import FakeVeeam

from clocks import Clock
from jobreport.connectors.base import NextRun
from jobreport.connectors.collect import PassResult
from jobreport.connectors.kinds.veeam import client
from jobreport.connectors.kinds.veeam.next_runs import next_runs_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.store import Store
from jobreport.store.registry import next_runs
from jobreport.store.registry.connectors import Key
from jobreport.watch.judging import look as judge

HOUR = 3600 * ticks.PER_SECOND


def kept(store: Store, tenant: int, *plans: str) -> dict[str, list[int]]:
    with store.reading() as transaction:
        found = next_runs.of_plans(transaction, Key(tenant, "vbr"), plans)
    return {plan: [*times] for plan, times in found.items()}


def test_each_job_that_has_a_time_of_its_own_is_announced(
    veeam: FakeVeeam, look: Callable[[], PassResult], store: Store, tenant: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    due = veeam.now // ticks.PER_SECOND * ticks.PER_SECOND + 5 * HOUR
    veeam.states = [
        job_state(1, "File servers", due),
        job_state(2, "Weekly 2026-11-22", due + HOUR),
        job_state(3, "Disabled", due, status="Disabled"),
        job_state(4, "Chained", nextRunPolicy="After [File servers]"),
        job_state(5, "Of yesterday", due - 30 * HOUR),
    ]
    assert look().whole
    plans = ("File servers", "Weekly", "Disabled", "Chained", "Of yesterday")
    assert kept(store, tenant, *plans) == {"File servers": [due], "Weekly": [due + HOUR]}
    # Where the states may not be read, what was announced stays, and the sessions are read all the same.
    veeam.denied = {"/api/v1/jobs/states"}
    veeam.put(session(1, veeam.now - HOUR, veeam.now))
    found = look()
    assert {one.stream: one.error for one in found.streams} == {
        "sessions": "",
        "next runs": "access denied for job states",
    }
    assert kept(store, tenant, *plans)["File servers"] == [due]


def test_a_state_that_cannot_be_read_hides_no_other() -> None:
    good, wrong = job_state(1, next_run=ticks.YEAR_2000), job_state(2, next_run=ticks.YEAR_2000, nextRun="soon")
    found, refused = next_runs_of((msgspec.Raw(json.dumps(one).encode()) for one in (wrong, good)), UTC)
    assert found == [NextRun("File servers", ticks.YEAR_2000)]
    assert refused == [
        "the state of a job is not as Veeam describes it: is no ISO 8601 time, such as 2026-11-23T08:00:00Z"
    ]


def test_a_job_that_the_scheduler_did_not_begin_is_missed(
    veeam: FakeVeeam,
    look: Callable[[], PassResult],
    jobs: Callable[[], dict[str, Job]],
    store: Store,
    clock: Clock,
) -> None:
    veeam.put(session(1, veeam.now - 24 * HOUR, veeam.now - 23 * HOUR))
    due = veeam.now // ticks.PER_SECOND * ticks.PER_SECOND + HOUR
    veeam.states = [job_state(1, next_run=due)]
    look()
    list(judge(store, clock.now))
    clock.pass_by(3 * 3600)
    veeam.states = [job_state(1, next_run=due + 24 * HOUR)]
    look()
    list(judge(store, clock.now))
    (missed,) = (job for job in jobs().values() if job.state is JobState.Failed)
    assert (missed.start, missed.plan, missed.resource) == (due, "File servers", "vbr-1")
    assert missed.comments.startswith("did not start; expected ")


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_veeams_own_example_announces() -> None:
    file = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "veeam" / "GetAllJobsStates.v1.3-rev2.json"
    states = json.loads(file.read_bytes())["data"]
    found, refused = next_runs_of((msgspec.Raw(json.dumps(one).encode()) for one in states), UTC)
    assert (found, refused) == ([NextRun("Linux backup job", ticks.from_iso("2025-07-30T17:00:00Z"))], [])
