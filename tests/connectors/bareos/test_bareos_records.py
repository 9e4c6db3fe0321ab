"""What a record of a catalog means, whatever is in it; pure."""

import json
import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes.bareos_catalog import job as row
from fakes.bareos_catalog import record
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.bareos import KIND
from jobreport.connectors.kinds.bareos.records import About, job_of, record_of
from jobreport.contract.job_fields import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults
from strategies import NOW

ABOUT = About("fs1-dir")
AT = NOW // ticks.PER_SECOND * ticks.PER_SECOND
ENDED = "TWEefAID"
WAIT = "BFSmMsjcdtpq"


def read(status: str = "T", *, zone: ZoneInfo | None = None, log: tuple[str, ...] = (), **more: Any) -> Job:
    made = job_of(record(row(7, AT, status, **more)), About("fs1-dir", zone), log)
    assert made is not None
    assert faults(made, NAMES) == []
    assert made.type in KIND.brings[made.service]
    return made


@pytest.mark.parametrize(
    ("letters", "meant"),
    [
        ("T", JobState.Successful),
        ("WEeID", JobState.Exception),
        ("f", JobState.Failed),
        ("A", JobState.Stopped),
        ("C", JobState.NotStarted),
        ("RLail", JobState.InProgress),
        (WAIT, JobState.Waiting),
    ],
)
def test_a_letter_is_what_bareos_means_by_it_and_its_case_matters(letters: str, meant: JobState) -> None:
    for letter in letters:
        job = read(letter)
        assert (letter, job.state) == (letter, meant)
        assert (job.start, job.finish) == (AT, AT + 600 * ticks.PER_SECOND if letter in ENDED else 0)


def test_an_error_without_a_file_has_failed() -> None:
    assert read("E", JobErrors=2).state is JobState.Exception
    job = read("E", JobFiles=0)
    assert (job.state, job.failed, job.successful, job.comments) == (JobState.Failed, 1, 0, "E: terminated in error")


def test_a_good_end_with_errors_is_none() -> None:
    job = read("T", JobErrors=2, JobMissingFiles=1)
    assert (job.state, job.failed, job.successful, job.total) == (JobState.Exception, 3, 118, 121)
    assert job.comments == "T: terminated normally, with 3 errors"


@pytest.mark.parametrize(("end", "state"), [("2026-11-22 23:06:10", JobState.Exception), (None, JobState.InProgress)])
def test_an_unknown_letter_is_told_and_no_success(end: str | None, state: JobState) -> None:
    job = read("R", JobStatus="Z", EndTime=end)
    assert (job.state, job.comments) == (state, "unknown status 'Z' of its origin")


@pytest.mark.parametrize(
    ("letter", "kind", "description"),
    [
        ("B", JobType.FileBackup, "Backup Incremental"),
        ("R", JobType.FileRestore, "Restore"),
        ("V", JobType.Report, "Verify Incremental"),
        ("c", JobType.FileBackup, "Copy"),
        ("g", JobType.FileBackup, "Migration"),
        ("A", JobType.Retention, "Archive"),
        ("D", JobType.Retention, "Admin"),
        ("O", JobType.Retention, "Consolidate"),
        ("M", JobType.FileBackup, "Backup Incremental"),
        ("?", JobType.Retention, ""),
    ],
)
def test_a_type_is_the_work_that_it_does(letter: str, kind: JobType, description: str) -> None:
    job = read(Type=letter)
    assert (job.service, job.type, job.description) == (ServiceType.FileShare, kind, description)
    assert job.comments == ("" if description else "unknown type '?' of its origin")


@pytest.mark.parametrize("more", [{"Type": "C", "PriorJobId": 3}, {"Type": "B", "PriorJobId": 3}, {"Type": "U"}])
def test_what_came_of_copying_or_migrating_a_job_is_none_of_its_own(more: dict[str, Any]) -> None:
    assert job_of(record(row(7, AT, **more)), ABOUT) is None


def test_work_that_is_no_files_is_one_object() -> None:
    assert read(Type="D", JobFiles=0).total == 1
    assert read(Type="B", JobFiles=0).total == 0  # nothing had changed


def test_a_job_says_whose_it_is_and_what_it_is_about() -> None:
    job = read()
    run = row(7, AT)["Job"]
    assert job.job_id == job.reference == f"bareos:fs1-dir:7:{run}"
    assert (job.plan, job.resource, job.size, job.successful) == ("nightly", "fs1-fd", 4096, 118)
    assert json.loads(job.raw)["joberrors"] == "0"
    assert "duration" not in json.loads(read("R").raw)
    assert read("C").start == AT


def test_a_bad_jobs_log_says_why() -> None:
    log = (
        "fs1-dir JobId 7: Start Backup JobId 7\n",
        'fs1-fd JobId 7:      Could not stat "/srv": ERR=No such file or directory\n',
        "fs1-dir JobId 7: Error: password=hunter2 Runscript failed\n",
        "fs1-dir JobId 7: Error: Bareos fs1-dir 24.0.1 (14Mar26):\n  JobId: 7\n",
    )
    told = read("W", log=log).comments.splitlines()
    assert told[0] == "W: terminated with warnings"
    assert told[1].endswith("ERR=No such file or directory")
    assert len(told) == 3
    assert "hunter2" not in told[2]


@pytest.mark.parametrize("away", [-8, 0, 1, 5.75, 13])
@pytest.mark.parametrize("status", ["T", "R", "C"])
def test_a_record_tells_itself_how_far_its_times_are_from_utc(away: float, status: str) -> None:
    job = read(status, away=away)
    assert (job.start, job.finish) == (AT, AT + 600 * ticks.PER_SECOND if status == "T" else 0)


def test_a_zone_places_the_start_of_a_job_that_ran_while_the_clocks_changed() -> None:
    zone = ZoneInfo("Europe/Berlin")
    night = ticks.from_iso("2026-10-25T00:30:00Z")  # half an hour before 3:00 is 2:00 again
    made = read(away=1, took=3600, SchedTime="2026-10-25 02:30:00", StartTime="2026-10-25 02:30:00", zone=zone)
    assert made.state is JobState.Successful
    told = row(7, night, away=1, took=3600) | {"StartTime": "2026-10-25 02:30:00", "SchedTime": "2026-10-25 02:30:00"}
    job = job_of(record(told), About("fs1-dir", zone))
    assert job is not None
    assert (job.start, job.finish) == (night, night + 3600 * ticks.PER_SECOND)


def test_times_that_cannot_be_placed_are_refused() -> None:
    told = record(row(7, AT) | {"JobTDate": 0})
    with pytest.raises(UnreadableRecordError, match="timezone can name it"):
        job_of(told, ABOUT)
    placed = job_of(told, About("fs1-dir", ZoneInfo("UTC")))
    assert placed is not None
    assert placed.start == AT
    with pytest.raises(UnreadableRecordError, match="not those of Asia/Tokyo"):
        job_of(record(row(7, AT)), About("fs1-dir", ZoneInfo("Asia/Tokyo")))


def test_a_job_that_was_cut_off_ends_when_it_began() -> None:
    """A director that was killed says of what ran: `f`, and gives it its own start as its end."""
    start = row(7, AT)["StartTime"]
    begun = {"RealEndTime": None, "JobTDate": (AT - ticks.UNIX_EPOCH) // ticks.PER_SECOND}
    job = read("f", EndTime=start, **begun)
    assert (job.state, job.start, job.finish) == (JobState.Failed, AT, AT)
    assert read("A", EndTime=None, **begun).comments.endswith("its catalog does not tell when it ended")


_values = st.sampled_from(["", "0", "T", "E", "B", "C", "7", "2026-11-22 23:05:03", "1795388770", "None", "9" * 40])


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(sorted(record(row(7, AT)))), _values | st.text(max_size=20), max_size=8))
def test_whatever_is_in_a_record_its_job_can_be_stored_or_it_is_refused(more: dict[str, str]) -> None:
    told = record(row(7, AT)) | more
    try:
        job = job_of(told, ABOUT)
    except UnreadableRecordError:
        return
    if job is not None:
        assert faults(job, NAMES) == []
        assert job.state is not JobState.Successful or told["jobstatus"] == "T"


def test_keys_and_values_may_be_of_any_case_and_kind() -> None:
    """MariaDB has some texts as bytes."""
    told = {name.title(): value.encode() if name == "job" else value for name, value in record(row(7, AT)).items()}
    assert job_of(record_of(told), ABOUT) == read()


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_published_examples_are_read() -> None:
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "bareos"
    told = json.loads((folder / "llist_jobs.states.built.json").read_text(encoding="utf-8"))["result"]["jobs"]
    jobs = [job_of(record_of(one), ABOUT) for one in told]
    assert [(job and faults(job, NAMES), job and job.state.name, job and job.type.name) for job in jobs] == [
        ([], "Exception", "FileBackup"),
        ([], "Failed", "FileBackup"),
        ([], "Stopped", "FileBackup"),
        ([], "InProgress", "FileBackup"),
        ([], "Successful", "FileRestore"),
        ([], "Successful", "Report"),
    ]
    assert next(job.finish for job in jobs if job) == ticks.from_iso("2026-11-22T23:06:10Z")
