"""`--success-codes` and `--warning-codes`: what a command's exit codes mean, as its user says."""

import pytest
from tool_runs import feed

from jobreport.model.catalog import JobState
from jobreport.runner.tools.exit_codes import WithExitCodes
from jobreport.runner.tools.known import recognise
from runs import Place, Recorder, python

SAID = ["--success-codes", "3, 5-7", "--warning-codes", "1,9"]


@pytest.mark.parametrize(
    ("exit_code", "state", "numbers"),
    [
        (0, JobState.Successful, (0, 1, 1)),
        (3, JobState.Successful, (0, 1, 1)),
        (6, JobState.Successful, (0, 1, 1)),
        (1, JobState.Exception, (1, 0, 1)),
        (9, JobState.Exception, (1, 0, 1)),
        (4, JobState.Failed, (1, 0, 1)),
    ],
)
def test_any_commands_codes_mean_what_its_user_says(
    place: Place, recorder: Recorder, exit_code: int, state: JobState, numbers: tuple[int, int, int]
) -> None:
    done = place.call("run", *SAID, "--", *python(f"print('words'); raise SystemExit({exit_code})"))
    assert done.returncode == exit_code
    job = recorder.reports[-1]
    assert (job.state, (job.failed, job.successful, job.total)) == (state, numbers)
    assert bool(job.comments) == (state is not JobState.Successful)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--success-codes", "x"], "'x' is no exit code from 1 to 255"),
        (["--success-codes", "0,3"], "'0' is no exit code from 1 to 255: write them as 1,3-7 (0 is success always)"),
        (["--warning-codes", "7-3"], "'7-3' is no exit code"),
        (["--warning-codes", "256"], "'256' is no exit code"),
        (["--success-codes", "1-4", "--warning-codes", "3"], "3 is also in --success-codes"),
    ],
)
def test_codes_that_are_none_are_refused_before_anything_runs(place: Place, options: list[str], words: str) -> None:
    done = place.call("run", *options, "--", "touch", "ran")
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert not (place.folder / "ran").exists()


def read(command: str, exit_code: int, stdout: str = "", stderr: str = "") -> tuple[JobState, int, int]:
    argv = command.split()
    reader = WithExitCodes(recognise(argv), frozenset({11}), frozenset({12})).reader(argv)
    outcome = feed(reader, stdout, stderr).outcome(exit_code)
    return outcome.state, outcome.counts.failed, outcome.counts.successful


def test_what_a_tool_says_still_counts() -> None:
    names = "sending incremental file list\nf1\nf2\n"
    assert read("rsync -av a b", 11, names) == (JobState.Successful, 0, 2)
    assert read("rsync -av a b", 12, names) == (JobState.Exception, 0, 2)
    assert read("rsync -av a b", 13, names) == (JobState.Failed, 1, 0)
    lost = 'rsync: [sender] send_files failed to open "/x": Permission denied (13)'
    assert read("rsync -av a b", 11, names, lost) == (JobState.Exception, 1, 2)
    assert read("restic backup x", 11, "", "Fatal: no") == (JobState.Failed, 1, 0)
