"""A signal while `jobreport run` starts: the command either gets it or never runs, and the job says so."""

import os
import signal
import time
import tomllib
from pathlib import Path

import pytest

from jobreport.model.catalog import JobState
from runs import Place, Recorder
from serving import Started, until

# Tells when the first of what `run` stands on is loaded, and makes that take its time.
SLOW = """
import pathlib, sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            sys.meta_path.remove(self)
            pathlib.Path("loading").touch()
            time.sleep({seconds})
sys.meta_path.insert(0, Slow())
"""
COMMAND = ["sh", "-c", "echo $$ > started; exec sleep 60"]


def start(place: Place, seconds: float) -> Started:
    """Starts a run that takes `seconds` longer to load."""
    folder = place.folder / "site"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(SLOW.format(seconds=seconds))
    (place.folder / "loading").unlink(missing_ok=True)
    (place.folder / "started").unlink(missing_ok=True)
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return place.start("run", "--", *COMMAND, env={"PYTHONPATH": path})


def test_the_installed_program_starts_like_the_module() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["scripts"]["jobreport"] == "jobreport.__main__:main"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_while_we_load_leaves_a_job(place: Place, recorder: Recorder, number: signal.Signals) -> None:
    with start(place, 0.5) as run:
        until((place.folder / "loading").exists)
        run.send_signal(number)
        assert run.wait(60) == 128 + number
    assert not (place.folder / "started").exists()
    job = recorder.reports[-1]
    assert job.state is JobState.Stopped
    assert job.comments == f"stopped by signal {int(number)} ({number.name}); the command was not run"


def test_what_is_meant_for_the_command_waits_for_it(place: Place, recorder: Recorder) -> None:
    with start(place, 0.5) as run:
        until((place.folder / "loading").exists)
        run.send_signal(signal.SIGUSR1)
        assert run.wait(60) == 128 + signal.SIGUSR1
    job = recorder.reports[-1]
    assert (job.state, job.failed) == (JobState.Failed, 1)
    assert "SIGUSR1" in job.comments


@pytest.mark.parametrize("step", range(16))
def test_whenever_a_stop_comes_no_job_is_left_behind(place: Place, recorder: Recorder, step: int) -> None:
    started: Path = place.folder / "started"
    with start(place, 0.0) as run:
        time.sleep(0.05 * step)
        run.send_signal(signal.SIGTERM)
        code = run.wait(60)
    if code == -signal.SIGTERM:
        # Python itself was still starting: it had not come to a line of ours.
        assert not (place.folder / "loading").exists()
        assert not started.exists()
        assert not recorder.reports
    else:
        assert code == 128 + signal.SIGTERM
        assert recorder.reports[-1].state is JobState.Stopped
        assert not (started.exists() and "was not run" in recorder.reports[-1].comments)
    if started.exists() and (pid := started.read_text().strip()):
        assert not Path(f"/proc/{pid}").exists()
