"""Sessions that hold others together: the parts are the jobs, and both are never counted."""

from collections.abc import Callable
from typing import Any

import pytest
from fakes.veeam.veeam_records import session
from fakes.veeam.veeam_server import FakeVeeam, name_of

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.connectors.kinds.veeam import client
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job

Look = Callable[[], PassResult]
Jobs = Callable[[], dict[str, Job]]
HOUR = 3600 * ticks.PER_SECOND
MINUTE = HOUR // 60
PAIRS = [("AgentPolicy", "AgentBackup"), ("BackupCopyJobParent", "BackupCopyJob"), ("BackupJob", "BackupJob")]


def of(number: int) -> str:
    return f"veeam:{name_of(number)}"


def part(number: int, *times: int, of: int, kind: str, **more: Any) -> dict[str, Any]:
    return session(number, *times, sessionType=kind, parentSessionId=name_of(of), **more)


@pytest.mark.parametrize(("holder", "kind"), PAIRS)
def test_parts_are_jobs_and_what_holds_them_is_none_even_pages_apart(
    veeam: FakeVeeam, look: Look, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, holder: str, kind: str
) -> None:
    monkeypatch.setattr(client, "PAGE", 1)
    begun = veeam.now - 3 * HOUR
    veeam.put(session(1, begun, begun + 2 * HOUR, "Warning", sessionType=holder))
    veeam.put(part(2, begun + MINUTE, begun + HOUR, of=1, kind=kind))
    veeam.put(part(3, begun + HOUR, begun + 2 * HOUR, of=1, kind=kind, result="Failed"))
    for _ in range(2):
        assert look().whole
        assert jobs().keys() == {of(2), of(3)}


def test_a_policy_without_parts_is_a_job_itself(veeam: FakeVeeam, look: Look, jobs: Jobs) -> None:
    veeam.put(session(1, veeam.now - HOUR, veeam.now, "Failed", sessionType="AgentPolicy"))
    look()
    assert jobs()[of(1)].state is JobState.Failed


@pytest.mark.parametrize("kind", ["Retention", "SqlLogBackup", "Infrastructure"])
def test_a_backup_under_which_other_work_is_done_stays_the_job(
    veeam: FakeVeeam, look: Look, jobs: Jobs, kind: str
) -> None:
    begun = veeam.now - 3 * HOUR
    veeam.put(session(1, begun, begun + HOUR))
    veeam.put(part(2, begun + MINUTE, begun + HOUR, of=1, kind=kind))
    look()
    assert of(1) in jobs()


def test_what_was_told_as_running_before_its_parts_began_is_withdrawn(
    veeam: FakeVeeam, look: Look, jobs: Jobs, clock: Clock
) -> None:
    begun = veeam.now - MINUTE
    veeam.put(session(1, begun, sessionType="AgentPolicy"))
    look()
    assert jobs()[of(1)].state is JobState.InProgress
    veeam.put(part(2, begun + MINUTE, of=1, kind="AgentBackup"))
    look()
    assert jobs().keys() == {of(2)}
    # The parts end, and the policy much later: nothing of it is new in that look.
    clock.pass_by(3600)
    veeam.put(part(2, begun + MINUTE, clock.now, of=1, kind="AgentBackup"))
    look()
    clock.pass_by(6 * 3600)
    veeam.put(session(1, begun, clock.now, "Warning", sessionType="AgentPolicy"))
    assert look().whole
    assert jobs().keys() == {of(2)}


def test_a_continuous_copy_that_idles_is_no_run_and_each_of_its_parts_is(
    veeam: FakeVeeam, look: Look, jobs: Jobs, clock: Clock
) -> None:
    begun = veeam.now - HOUR
    veeam.put(session(1, begun, sessionType="BackupCopyJobParent"))
    look()
    veeam.put(session(1, begun, state="Idle", sessionType="BackupCopyJobParent"))
    look()
    assert not jobs()
    clock.pass_by(50 * 3600)
    veeam.put(part(2, clock.now - HOUR, clock.now, of=1, kind="BackupCopyJob"))
    look()
    assert {name: one.state for name, one in jobs().items()} == {of(2): JobState.Successful}
