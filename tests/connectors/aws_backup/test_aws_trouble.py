"""What goes wrong at AWS, or with the credentials: each list fails alone, in words, without a secret."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_connector import wanted
from fakes.aws.aws_cloud import Cloud, RefusedError
from fakes.aws.aws_records import REGION, backup, copy, job_name, restore

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.connectors.kinds.aws_backup import client
from jobreport.extras import command_for
from jobreport.model.job import Job

Look = Callable[..., PassResult]
Jobs = Callable[[], dict[str, Job]]


@pytest.fixture
def five(cloud: Cloud, clock: Clock) -> None:
    """Five backups on three pages."""
    cloud.page = 2
    cloud.put(REGION, *(backup(one, clock.now) for one in range(5)))


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("refusal", [RefusedError(400, "ThrottlingException"), RefusedError(500, "InternalFailure")])
def test_the_sdk_tries_again_in_the_middle_of_a_list(
    cloud: Cloud, look: Look, jobs: Jobs, refusal: RefusedError
) -> None:
    cloud.trouble["ListBackupJobs"] = [None, refusal]
    assert look().whole
    assert len(jobs()) == 5
    assert cloud.trouble["ListBackupJobs"] == []


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "ThrottlingException", f"AWS lets backup:ListBackupJobs in {REGION} wait, after 1 attempts"),
        (500, "InternalFailure", f"AWS answers backup:ListBackupJobs in {REGION} with InternalFailure (HTTP 500)"),
        (403, "ExpiredTokenException", f"the credentials have expired, says AWS in {REGION}"),
        (403, "UnrecognizedClientException", "they are wrong, or the region is not enabled"),
        (403, "InvalidSignatureException", "the secret key is wrong, or this machine's clock is"),
        (400, "InvalidParameterValueException", "with InvalidParameterValueException (HTTP 400)"),
    ],
)
def test_what_does_not_pass_in_mid_list_is_told_and_what_came_before_is_stored(
    cloud: Cloud, look: Look, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, status: int, code: str, said: str
) -> None:
    monkeypatch.setattr(client, "ATTEMPTS", 1)
    cloud.trouble["ListBackupJobs"] = [None, RefusedError(status, code)]
    (looked,) = look().streams
    assert said in looked.error
    assert "AKID" not in looked.error
    assert len(jobs()) == 2
    assert look().whole
    assert len(jobs()) == 5


def test_a_list_without_its_right_is_no_data_of_that_list_alone(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs
) -> None:
    cloud.denied = {f"ListCopyJobs in {REGION}"}
    cloud.put(REGION, backup(1, clock.now), copy(2, clock.now), restore(3, clock.now))
    passed = look("backup-jobs", "copy-jobs", "restore-jobs", regions=(REGION, "us-east-1"))
    assert {one.stream: one.error for one in passed.streams if one.error} == {
        f"{REGION}/copy-jobs": f"access denied for backup:ListCopyJobs in {REGION}"
    }
    assert jobs().keys() == {job_name(1), job_name(3)}


def test_without_credentials_or_with_an_unknown_profile_nothing_is_asked(
    cloud: Cloud, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(profile="customer").error == "the AWS configuration has no profile 'customer'"
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert look().error.startswith("no credentials for AWS")
    assert cloud.asked == []


def test_credentials_that_aws_does_not_know_are_told(cloud: Cloud, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOTHER")
    assert look().streams[0].error.startswith(f"AWS does not know the credentials in {REGION}")
    assert cloud.asked == []


def test_a_profile_gives_the_credentials(
    cloud: Cloud, look: Look, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text("[prod]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert look(profile="prod").whole


def test_an_endpoint_that_is_not_there_is_told(look: Look, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_BACKUP", "http://127.0.0.1:1")
    said = f"AWS Backup in {REGION} cannot be reached for backup:ListBackupJobs: EndpointConnectionError"
    assert look().streams[0].error == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "is not understood: JSON is malformed"),
        (b"{}", "is not understood: it lacks 'BackupJobs'"),
        (b'{"BackupJobs": [{"State": "COMPLETED"}]}', "one of the backup jobs has no BackupJobId"),
        (
            b'{"BackupJobs": [{"BackupJobId": "1", "State": "COMPLETED", "CreationDate": 1e40}]}',
            "CreationDate of a job is '1e+40', which is no time of a backup",
        ),
        (b'{"BackupJobs": [{"BackupJobId": "1", "CreationDate": "soon"}]}', "CreationDate of a job is 'soon'"),
    ],
)
def test_an_answer_that_is_none_is_told(cloud: Cloud, look: Look, jobs: Jobs, body: bytes, said: str) -> None:
    cloud.instead = body
    assert said in look().streams[0].error
    assert jobs() == {}


def test_a_redirection_to_another_host_is_not_followed(cloud: Cloud, look: Look) -> None:
    cloud.elsewhere = "http://127.0.0.1:1/backup-jobs/"
    assert look().streams[0].error == f"AWS answers backup:ListBackupJobs in {REGION} with 307 (HTTP 307)"


def test_without_the_sdk_the_command_that_brings_it_is_told(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jobreport.connectors.kinds.aws_backup.client", raising=False)
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert look().error == f"boto3 is not installed: {command_for('aws')}"


def test_what_a_kind_is_told_can_be_read_without_the_sdk() -> None:
    """Each command would wait for it."""
    code = (
        "import sys; from jobreport.connectors import kinds; kinds.load('aws-backup'); print('botocore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"regions": ("frankfurt",)}, "regions has 'frankfurt', which is none"),
        ({"regions": ()}, "regions must name at least one, and each once"),
        ({"regions": (REGION, REGION)}, "regions must name at least one, and each once"),
        ({"lists": ("backups",)}, "lists has 'backups'; there are backup-jobs, copy-jobs, restore-jobs, report-jobs"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, tuple[str, ...]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        wanted(**settings)
