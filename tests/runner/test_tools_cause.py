"""What a tool's exit code, or the way of its end, says of why a job is not good."""

import pytest
from tool_runs import read

from jobreport.model.catalog import JobState
from jobreport.model.cause import cause_of_job
from jobreport.model.job import CAUSES
from jobreport.runner.tools.borg import _CAUSES as BORG
from jobreport.runner.tools.known import TOOLS, recognise
from jobreport.runner.tools.rclone import _CAUSES as RCLONE
from jobreport.runner.tools.restic import _CAUSES as RESTIC
from jobreport.runner.tools.rsync import _CAUSES as RSYNC
from jobreport.runner.tracker import JobTracker


@pytest.mark.parametrize(
    ("command", "exit_code", "cause"),
    [
        ("restic backup /srv", 10, "missing"),
        ("restic backup /srv", 11, "locked"),
        ("restic backup /srv", 12, "wrong-password"),
        ("restic backup /srv", 1, ""),
        ("restic backup /srv", 0, ""),
        ("borg create repo::a /srv", 52, "wrong-password"),
        ("borg create repo::a /srv", 73, "locked"),
        ("borg create repo::a /srv", 2, ""),
        ("rclone copy a b", 3, "missing"),
        ("rclone copy a b", 10, "timed-out"),
        ("rclone copy a b", 9, ""),
        ("rsync -a a b", 24, "changed"),
        ("rsync -a a b", 30, "timed-out"),
        ("rsync -a a b", 20, "cancelled"),
        ("rsync -a a b", 11, ""),
        ("timeout 60 backup", 124, "timed-out"),
        ("timeout 60 rsync -a a b", 124, "timed-out"),
        ("backup", 124, ""),
    ],
)
def test_an_exit_code_that_means_one_thing_gives_its_cause(command: str, exit_code: int, cause: str) -> None:
    assert read(command.split(), exit_code).cause == cause


@pytest.mark.parametrize("causes", [RESTIC, BORG, RCLONE, RSYNC], ids=["restic", "borg", "rclone", "rsync"])
def test_tools_give_only_causes_that_a_report_may_have(causes: dict[int, str]) -> None:
    assert {*causes.values()} <= {*CAUSES}


@pytest.mark.parametrize("name", [*TOOLS])
def test_a_run_that_was_stopped_was_cancelled_whatever_it_said(name: str) -> None:
    tracker = JobTracker([name, "x"], TOOLS[name])
    tracker.starts()
    tracker.lines("stderr", ["permission denied"])
    assert tracker.ends(None, 15).cause == "cancelled"


def test_a_run_gives_the_cause_with_its_job_and_a_good_one_gives_none() -> None:
    command = ["restic", "backup", "/srv"]
    for code, state, cause in ((11, JobState.Failed, "locked"), (0, JobState.Successful, None)):
        tracker = JobTracker(command, recognise(command))
        tracker.starts()
        job = tracker.ends(code, None)
        found = cause_of_job(job)
        assert (job.state, found.code if found else None) == (state, cause)
