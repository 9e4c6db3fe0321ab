"""kopia: the text of its own templates, as its webhook posts it."""

import json

import pytest

from jobreport.inbox.report import ReportedJob, UnreadableError
from jobreport.inbox.webhooks.kopia import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.tools.base import Counts
from webhook_samples import KOPIA, delivery

HEADERS = {"subject": "Failed to create 1 of 2 snapshots on nas-2"}
ENTRIES = "\n  Failed Entries:\n\n  - /srv/files/a: no access\n  - /srv/files/b: no access\n"


def jobs(text: str) -> tuple[ReportedJob, ...]:
    return read(delivery(text, "", HEADERS)).jobs


def test_each_snapshot_is_a_job() -> None:
    files, mail = jobs(KOPIA)
    assert (files.state, files.resource, files.description) == (JobState.Successful, "/srv/files", "kopia on nas-2")
    assert files.counts == Counts(successful=1234, total=1234, size=1_200_000_000)
    assert (files.finish - files.start) == int(90.5 * ticks.PER_SECOND)
    assert (mail.state, mail.comments, mail.start) == (JobState.Failed, "unable to open the directory", 0)
    assert ticks.to_iso(mail.finish, digits=0) == "2026-03-02T22:02:00Z"
    assert json.loads(files.raw)["text"].startswith("Path: /srv/files\n")
    assert files.key == "kopia/nas-2//srv/files/2026-03-02T22:00:00.0000000Z"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warnings", JobState.Exception),
        ("incomplete", JobState.Exception),
        ("fatal", JobState.Exception),
        ("splendid", JobState.Exception),
    ],
)
def test_a_status_is_read_as_it_is_meant(status: str, state: JobState) -> None:
    job = jobs(KOPIA.replace("success", status))[0]
    assert job.state is state
    assert "unknown state" in job.comments or status != "splendid"


def test_a_success_with_failed_entries_is_none() -> None:
    job = jobs(KOPIA.replace("\nPath: /srv/mail", f"{ENTRIES}\nPath: /srv/mail"))[0]
    assert (job.state, job.counts and job.counts.failed) == (JobState.Exception, 2)
    assert "/srv/files/b: no access" in job.comments


def test_the_same_path_of_two_users_is_two_jobs() -> None:
    twice = KOPIA.partition("Path: /srv/mail")[0] * 2
    first, second = jobs(twice)
    assert second.key == f"{first.key}/2"


def test_more_snapshots_than_a_delivery_may_tell_are_told_at_once() -> None:
    assert len(jobs("Path: /x\n  Status: success\n" * 1_000)) == 1_000
    with pytest.raises(UnreadableError, match="it tells 100,000 jobs, and one delivery may tell 1,000"):
        jobs("Path: /x\n  Status: success\n" * 100_000)


def test_an_error_of_maintenance_is_a_job_and_of_other_commands_a_comment() -> None:
    text = (
        "Operation: Scheduled Maintenance\nStarted:   Mon, 02 Mar 2026 22:00:00 +0000\n"
        "Finished:  Mon, 02 Mar 2026 22:00:07 +0000 (7s)\n\nunable to write: no space\n"
    )
    (job,) = jobs(text)
    assert (job.state, job.type, job.comments) == (JobState.Failed, JobType.Retention, "unable to write: no space")
    other = read(delivery(text.replace("Scheduled Maintenance", "policy set"), "", HEADERS))
    assert other.log == "kopia failed at policy set: unable to write: no space"
    (backup,) = jobs(text.replace("Scheduled Maintenance", "snapshot create"))
    assert (backup.state, backup.type) == (JobState.Failed, None)


def test_a_test_is_ignored_and_another_form_says_what_to_do() -> None:
    assert (
        read(delivery("This is a test notification from Kopia.\n", "")).ignored == "a test of the notification profile"
    )
    for other in ("<html><body>Path</body></html>", "", "{}"):
        with pytest.raises(UnreadableError, match="format to txt"):
            read(delivery(other, ""))
    with pytest.raises(UnreadableError, match="no Status of the path"):
        read(delivery("Path: /srv\n\n  Files: 3\n", ""))
    with pytest.raises(UnreadableError, match="Start is no time such as"):
        read(delivery("Path: /srv\n\n  Status:   success\n  Start:   gestern\n", ""))
