"""Backrest: hooks with our template, by each action that can carry it."""

import json

import pytest

from jobreport.inbox.report import ReportedJob, UnreadableError
from jobreport.inbox.webhooks.backrest import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.tools.base import Counts
from webhook_samples import BACKREST, delivery

PARTIAL = "partial backup, 3 files may not have been read completely."


def hook(**change: object) -> ReportedJob:
    (job,) = read(delivery({**BACKREST, **change})).jobs
    return job


def test_a_backup_is_a_job_with_restics_counts() -> None:
    job = hook()
    assert (job.state, job.type, job.plan, job.resource) == (JobState.Successful, None, "home", "s3-main")
    assert job.counts == Counts(successful=1219, total=1219, size=734003200)
    assert ticks.to_iso(job.start) == "2026-03-02T22:06:50.0000000Z"


def test_start_and_end_are_one_job() -> None:
    start = hook(event="CONDITION_SNAPSHOT_START", snapshot="", stats=None, at=1772489210_000_120, took=119)
    assert (start.state, start.counts, start.finish) == (JobState.InProgress, None, 0)
    assert start.key == hook().key


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"event": "CONDITION_SNAPSHOT_WARNING", "error": PARTIAL}, JobState.Exception),
        ({"event": "CONDITION_SNAPSHOT_ERROR", "error": "locked"}, JobState.Failed),
        ({"event": "CONDITION_ANY_ERROR", "error": "locked"}, JobState.Failed),
        ({"event": "CONDITION_SNAPSHOT_END"}, JobState.Successful),
        ({"event": "CONDITION_SNAPSHOT_END", "error": PARTIAL}, JobState.Exception),
        ({"event": "CONDITION_SNAPSHOT_END", "error": "locked"}, JobState.Failed),
        ({"event": "CONDITION_SNAPSHOT_SKIPPED", "snapshot": ""}, JobState.Skipped),
        ({"snapshot": ""}, JobState.Skipped),
        ({"error": "odd"}, JobState.Exception),
        ({"event": "CONDITION_SNAPSHOT_DREAMT"}, JobState.Exception),
    ],
)
def test_an_event_is_read_as_it_is_meant(change: dict[str, object], state: JobState) -> None:
    assert hook(**change).state is state


def test_files_that_were_not_read_are_counted() -> None:
    job = hook(event="CONDITION_SNAPSHOT_WARNING", error=PARTIAL)
    assert job.counts == Counts(failed=3, successful=1219, total=1222, size=734003200)


@pytest.mark.parametrize(
    ("event", "task", "work"),
    [
        ("CONDITION_PRUNE_SUCCESS", "prune repo", JobType.Retention),
        ("CONDITION_FORGET_ERROR", "forget for plan", JobType.Retention),
        ("CONDITION_CHECK_START", "check for repo", JobType.Report),
        ("CONDITION_ANY_ERROR", "restore snapshot", JobType.Restore),
    ],
)
def test_other_work_is_what_it_is(event: str, task: str, work: JobType) -> None:
    assert hook(event=event, task=f'{task} "x"', stats=None, snapshot="").type is work


def test_an_error_of_what_is_no_job_is_a_comment() -> None:
    error = {**BACKREST, "event": "CONDITION_ANY_ERROR", "task": 'stats for repo "x"', "error": "no route"}
    assert read(delivery(error)).log == 'stats for repo "x": no route'


@pytest.mark.parametrize("name", ["content", "message", "text"])
def test_the_template_is_found_inside_of_other_services_messages(name: str) -> None:
    wrapped = {name: f"Backrest Notification\n{json.dumps(BACKREST)}", "title": "Backrest Event"}
    (job,) = read(delivery(wrapped)).jobs
    assert job == hook()


def test_backrests_own_summary_says_what_to_do() -> None:
    with pytest.raises(UnreadableError, match="paste the template"):
        read(delivery({"content": 'Task: "backup for plan"\nEvent: snapshot success'}))
    with pytest.raises(UnreadableError, match="none of Backrest's"):
        read(delivery({**BACKREST, "event": "snapshot success"}))
