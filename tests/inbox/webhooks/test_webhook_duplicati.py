"""Duplicati: reports as JSON and as a form, and what it posts while it runs."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from jobreport.inbox.report import ReportedJob, UnreadableError
from jobreport.inbox.webhooks.duplicati import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.tools.base import Counts
from webhook_samples import DUPLICATI, DUPLICATI_STATUS, delivery

TEXT = """Duplicati Backup report for till documents (5b1c0f, DB-4, till-3)

DeletedFiles: 0
ExaminedFiles: 1204
FilesWithError: 0
SizeOfExaminedFiles: 734003200
PartialBackup: False
Dryrun: False
MainOperation: Backup
CompactResults: null
ParsedResult: Success
Interrupted: False
EndTime: 02/03/2026 23:04:31 (1772489071)
BeginTime: 02/03/2026 23:00:01 (1772488801)
Duration: 00:04:30.3765433
WarningsActualLength: 0
ErrorsActualLength: 0

Log data:
2026-03-02 23:00:01 +01 - [Warning-Duplicati.Library-X]: ParsedResult: Fatal
"""


def one(body: object, content_type: str = "application/json") -> ReportedJob:
    (job,) = read(delivery(body, content_type)).jobs
    return job


def changed(extra: dict[str, Any] | None = None, **data: object) -> dict[str, Any]:
    return {**DUPLICATI, "Data": {**DUPLICATI["Data"], **data}, **(extra or {})}


def form(text: str) -> str:
    return urlencode({"message": text})


FORM = "application/x-www-form-urlencoded"


def test_a_success_is_one_with_its_files_times_and_names() -> None:
    job = one(DUPLICATI)
    assert (job.state, job.type, job.service) == (JobState.Successful, None, None)
    assert (job.plan, job.resource, job.comments) == ("till documents", "till-3", "")
    assert ticks.to_iso(job.start) == "2026-03-02T22:00:01.1234567Z"
    assert ticks.to_iso(job.finish) == "2026-03-02T22:04:31.5000000Z"
    assert job.counts == Counts(successful=1204, total=1204, size=734003200)
    assert job.key == "duplicati/5b1c0f/DB-4/2026-03-02T22:00:01.1234567Z"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"ParsedResult": "Warning"}, JobState.Exception),
        ({"ParsedResult": "Error"}, JobState.Exception),
        ({"ParsedResult": "Error", "ExaminedFiles": 0}, JobState.Failed),
        ({"ParsedResult": "Fatal"}, JobState.Failed),
        ({"ParsedResult": "Unknown"}, JobState.Exception),
        ({"ParsedResult": "Splendid"}, JobState.Exception),
        ({"Interrupted": True}, JobState.Stopped),
        ({"PartialBackup": True}, JobState.Exception),
        ({"FilesWithError": 3}, JobState.Exception),
        ({"ErrorsActualLength": 1}, JobState.Exception),
    ],
)
def test_a_result_is_read_as_it_is_meant(change: dict[str, object], state: JobState) -> None:
    job = one(changed(**change))
    assert job.state is state
    assert job.counts is not None
    assert state is not JobState.Failed or (job.counts.failed and not job.counts.successful)


def test_an_unknown_result_is_told() -> None:
    assert one(changed(ParsedResult="Splendid")).comments.startswith("unknown state 'Splendid'")


def test_an_exception_is_a_failure_whatever_the_data_is() -> None:
    for data in (None, {"Message": "The remote server answered 403", "Details": "x"}, DUPLICATI["Data"]):
        job = one({**DUPLICATI, "Data": data, "Exception": "System.Net.WebException: 403\n at Duplicati.Main"})
        assert job.state is JobState.Failed
        assert "System.Net.WebException: 403" in job.comments
        assert "at Duplicati.Main" not in job.comments


def test_lines_of_the_log_that_tell_of_errors_are_comments() -> None:
    lines = ["… - [Information-Duplicati-A]: fine", "… - [Error-Duplicati-B]: no access to x"]
    job = one(changed({"LogLines": lines}, ParsedResult="Error", ErrorsActualLength=1))
    assert job.comments == "1 error, 0 warnings\n… - [Error-Duplicati-B]: no access to x"


def test_a_restore_is_one_with_its_files() -> None:
    data = {"MainOperation": "Restore", "ParsedResult": "Success", "RestoredFiles": 7, "SizeOfRestoredFiles": 70}
    job = one({"Data": data, "Extra": {}})
    assert (job.state, job.type, job.key) == (JobState.Successful, JobType.Restore, "")
    assert job.counts == Counts(successful=7, total=7, size=70)


def test_what_is_no_job_is_ignored_with_words() -> None:
    assert read(delivery(changed(Dryrun=True))).ignored == "a dry run of Duplicati"
    assert read(delivery(changed(MainOperation="ListRemote"))).ignored == "Duplicati's operation ListRemote is no job"


def test_a_text_in_a_form_says_the_same_as_json() -> None:
    job = one(form(TEXT), FORM)
    assert (job.state, job.plan, job.resource) == (JobState.Successful, "till documents", "till-3")
    assert job.counts == Counts(successful=1204, total=1204, size=734003200)
    assert ticks.to_iso(job.start, digits=0) == "2026-03-02T22:00:01Z"
    assert job.key == "duplicati/5b1c0f/DB-4/2026-03-02T22:00:01.0000000Z"
    assert json.loads(job.raw) == {"text": TEXT}


def test_a_failure_in_a_form_is_one() -> None:
    job = one(form("Duplicati Backup report for till documents\n\nFailed: no route to host\nDetails: x\n"), FORM)
    assert (job.state, job.plan, job.comments) == (JobState.Failed, "till documents", "no route to host")


def test_a_form_that_is_none_of_duplicatis_says_so() -> None:
    with pytest.raises(UnreadableError, match="neither a ParsedResult nor the word Failed"):
        read(delivery("payload=1", FORM))


def test_a_start_and_its_progress_are_one_job_that_runs() -> None:
    begun, goes_on = one(DUPLICATI_STATUS), one({**DUPLICATI_STATUS, "status": "Progress"})
    assert begun == goes_on
    assert (begun.state, begun.finish) == (JobState.InProgress, 0)


def test_the_end_of_a_run_is_what_its_last_lines_prove() -> None:
    ended = {**DUPLICATI_STATUS, "status": "Completed", "reportedUtc": "2026-03-02T22:04:31Z"}
    assert one(ended).state is JobState.Successful
    assert one(ended).key == one(DUPLICATI_STATUS).key
    told = one({**ended, "recentLogLines": ["2026-03-02 23:00 +01 - [Warning-Duplicati-X]: no access to x"]})
    assert (told.state, "no access to x" in told.comments) == (JobState.Exception, True)
    failed = one({**ended, "status": "Failed", "errorMessage": "no route"})
    assert (failed.state, failed.comments) == (JobState.Failed, "no route")
    assert one({**ended, "status": "Dreamt"}).comments == "unknown state 'Dreamt'"
