"""`jobreport run`: the command as it is, its output, its exit code, its signals, and the job that tells of it."""

import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from jobreport.model.catalog import JobState, JobType, ServiceType
from runs import SECRET, Place, Recorder, python
from serving import PATIENCE, until

SIGNALS_SEEN = """
import signal, sys, time
seen = 0
def take(number, frame):
    global seen
    seen += 1
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), take)
print("ready", flush=True)
while not seen:
    time.sleep(0.01)
time.sleep(0.4)
print("seen", seen, flush=True)
sys.exit(5)
"""


def test_output_is_passed_through_byte_by_byte(place: Place) -> None:
    code = (
        "import os\n"
        "for n in range(160): os.write(1, bytes(range(256)) * 256)\n"
        "os.write(2, b'\\xff\\xfe progress 1%\\rprogress 2%\\r\\n' * 5000 + b'no end')"
    )
    done = place.call("run", "--", *python(code))
    assert done.returncode == 0
    assert done.stdout == bytes(range(256)) * 256 * 160
    assert done.stderr == b"\xff\xfe progress 1%\rprogress 2%\r\n" * 5000 + b"no end"


def test_output_is_passed_on_at_once(place: Place) -> None:
    code = "import sys, os; os.write(1, b'half a li'); sys.stdin.read(1); os.write(1, b'ne')"
    with place.start("run", "--", *python(code), stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert os.read(process.stdout.fileno(), 100) == b"half a li"
        process.stdin.write(b"x")
        process.stdin.close()
        assert process.stdout.read() == b"ne"
    assert process.returncode == 0


@pytest.mark.parametrize("exit_code", [0, 1, 3, 255])
def test_exit_code_is_the_commands(place: Place, recorder: Recorder, exit_code: int) -> None:
    assert place.call("run", "--", "sh", "-c", f"exit {exit_code}").returncode == exit_code
    assert recorder.reports[-1].state is (JobState.Failed if exit_code else JobState.Successful)


def test_arguments_are_never_altered(place: Place) -> None:
    arguments = ["--url", "-x", "", "a b", "--", "$HOME", "*", "--lock=y", "ü"]
    code = "import sys; print(sys.argv[1:])"
    for dashes in (["--"], []):
        done = place.call("run", "--plan", "p", *dashes, *python(code), *arguments)
        assert done.stdout.decode().strip() == str(arguments)


def test_a_mistyped_option_is_not_taken_for_the_command(place: Place) -> None:
    done = place.call("run", "--plna", "x", "--", "true")
    assert done.returncode == 2
    assert b"--plan" in done.stderr


def test_a_command_that_cannot_start_is_a_failed_job(place: Place, recorder: Recorder) -> None:
    plain = place.folder / "plain.txt"
    plain.write_text("no program")
    for command, exit_code, words in (("no-such-command", 127, "not found"), (str(plain), 126, "Permission denied")):
        done = place.call("run", "--", command)
        assert done.returncode == exit_code
        assert words in done.stderr.decode()
        assert recorder.reports[-1].state is JobState.Failed
        assert words in recorder.reports[-1].comments


def test_a_run_is_reported_from_start_to_end(place: Place, recorder: Recorder) -> None:
    options = ["--service", "fileshare", "--type", "1024", "--plan", "nightly", "--resource", "/home"]
    with place.start(
        "run", *options, "--", "sh", "-c", "read x; echo broken >&2; exit 4", stdin=subprocess.PIPE
    ) as run:
        until(lambda: recorder.reports)
        run.communicate(b"\n", timeout=PATIENCE)
    first, last = recorder.reports[0], recorder.reports[-1]
    assert recorder.states() == [JobState.InProgress, JobState.Failed]
    assert first.job_id == last.job_id
    assert (last.service, last.type, last.plan) == (ServiceType.FileShare, JobType.FileBackup, "nightly")
    assert last.resource == "/home"
    assert "nightly" in last.description
    assert last.origin.startswith("runner/")
    assert "broken" in last.comments
    assert 0 < first.start == last.start < last.finish
    assert first.observed < last.observed
    assert not place.spooled()


def test_signs_of_life_go_on_while_nothing_changes(place: Place, recorder: Recorder) -> None:
    with place.start("run", "--heartbeat", "1", "--", "sh", "-c", "read x", stdin=subprocess.PIPE) as run:
        until(lambda: len(recorder.reports) >= 3)
        run.communicate(b"\n", timeout=PATIENCE)
    assert {job.heartbeat for job in recorder.reports} == {1}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_command_once_and_stops_the_job(
    place: Place, recorder: Recorder, number: signal.Signals
) -> None:
    with place.start("run", "--", *python(SIGNALS_SEEN)) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        run.send_signal(number)
        assert run.stdout.read() == b"seen 1\n"
    assert run.returncode == 5
    assert recorder.reports[-1].state is JobState.Stopped
    assert number.name in recorder.reports[-1].comments


def test_ctrl_c_on_a_terminal_reaches_the_command_once(place: Place, recorder: Recorder) -> None:
    master, slave = pty.openpty()
    # The runner leads the terminal's session, as a login shell's job would be in its foreground.
    leader = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        "from jobreport.cli import main; sys.argv[0] = 'jobreport'; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", leader, "run", "--", *python(SIGNALS_SEEN)],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=place.environment,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        os.close(slave)
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        os.write(master, b"\x03")
        assert run.stdout.read() == b"seen 1\n"
    os.close(master)
    assert run.returncode == 5
    assert recorder.reports[-1].state is JobState.Stopped


def test_a_command_killed_by_another_signal_failed_and_is_told_so(place: Place, recorder: Recorder) -> None:
    assert place.call("run", "--", "sh", "-c", "kill -9 $$").returncode == 137
    assert recorder.reports[-1].state is JobState.Failed
    assert recorder.reports[-1].comments == "ended by signal 9 (SIGKILL)"


def test_a_command_stopped_by_somebody_else_is_stopped(place: Place, recorder: Recorder) -> None:
    assert place.call("run", "--", "sh", "-c", "kill -TERM $$").returncode == 143
    assert recorder.reports[-1].state is JobState.Stopped


def test_a_reader_that_goes_away_ends_the_command_as_it_would_without_us(place: Place, recorder: Recorder) -> None:
    with place.start("run", "--", "sh", "-c", "while echo line; do :; done") as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.stdout.close()
        assert run.wait(PATIENCE) == 128 + signal.SIGPIPE
    assert recorder.reports[-1].state is JobState.Failed


def test_what_a_command_leaves_behind_does_not_hold_us(place: Place, recorder: Recorder) -> None:
    # Its standard output is its own, and stays open as it would without us; its errors come by way of us.
    with place.start("run", "--", "sh", "-c", "echo $$; sleep 50 & echo $! done") as run:
        assert run.stdout is not None
        run.stdout.readline()
        left = int(run.stdout.readline().split()[0])
        assert run.wait(40) == 0
        assert run.stderr is not None
        assert run.stderr.read() == b""
        os.kill(left, signal.SIGTERM)
    assert recorder.reports[-1].state is JobState.Successful


def test_the_secret_stays_with_us(place: Place, recorder: Recorder) -> None:
    recorder.status = 500
    code = "import os; print(dict(os.environ)); print(open(f'/proc/{os.getppid()}/cmdline').read())"
    if not Path("/proc/self/cmdline").exists():
        code = "import os; print(dict(os.environ))"
    done = place.call("run", "--deliver-for", "0s", "--", *python(code))
    assert b"JOBREPORT_URL" in done.stdout
    assert SECRET.encode() not in done.stdout + done.stderr
    (report,) = place.spooled()
    assert SECRET not in report.read_text()


def test_a_lock_makes_the_second_run_wait(place: Place, recorder: Recorder) -> None:
    def reported(state: JobState) -> bool:
        return any(job.state is state for job in recorder.reports if job.plan == "second")

    held, waits = ("sh", "-c", "echo on; read x"), ("sh", "-c", "read x; echo two")
    with place.start("run", "--lock", "repo", "--", *held, stdin=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"on\n"
        with place.start("run", "--lock", "repo", "--plan", "second", "--", *waits, stdin=subprocess.PIPE) as second:
            until(lambda: reported(JobState.Waiting))
            assert second.poll() is None
            first.communicate(b"\n", timeout=PATIENCE)
            until(lambda: reported(JobState.InProgress))
            assert second.communicate(b"\n", timeout=PATIENCE)[0] == b"two\n"
    # By when they were observed: the first run may have found the second's Waiting in the spool and delivered it too.
    found = {job.observed: job for job in recorder.reports if job.plan == "second"}
    jobs = [found[observed] for observed in sorted(found)]
    assert [job.state for job in jobs] == [JobState.Waiting, JobState.InProgress, JobState.Successful]
    assert jobs[0].start < jobs[1].start == jobs[2].start


def test_ctrl_c_while_waiting_stops_the_job_and_never_runs_the_command(place: Place, recorder: Recorder) -> None:
    with place.start("run", "--lock", "repo", "--", "sh", "-c", "echo on; read x", stdin=subprocess.PIPE) as first:
        assert first.stdout is not None
        first.stdout.readline()
        with place.start("run", "--lock", "repo", "--plan", "second", "--", "echo", "two") as second:
            until(lambda: any(job.state is JobState.Waiting for job in recorder.reports))
            second.send_signal(signal.SIGINT)
            assert second.communicate(timeout=PATIENCE)[0] == b""
        assert second.returncode == 130
        first.communicate(b"\n", timeout=PATIENCE)
    (last,) = [job for job in recorder.reports if job.plan == "second" and job.state.finished]
    assert last.state is JobState.Stopped
    assert "was not run" in last.comments


def test_a_server_that_hangs_delays_nothing(place: Place, recorder: Recorder) -> None:
    recorder.hang = threading.Event()
    with place.start("run", "--", "sh", "-c", "echo at once") as run:
        assert run.stdout is not None
        assert run.stdout.read() == b"at once\n"  # its end: the command has ended, while the first report still hangs
        until(lambda: recorder.requests)
        assert not recorder.reports
        until(place.spooled)
        run.send_signal(signal.SIGINT)  # ends the wait for the delivery
        assert run.wait(10) == 0
    assert len(place.spooled()) == 1


def test_a_runner_that_is_killed_leaves_a_report_that_can_be_delivered(place: Place, recorder: Recorder) -> None:
    recorder.status = 503
    with place.start("run", "--", "sh", "-c", "echo $$; read x", stdin=subprocess.PIPE) as run:
        until(lambda: recorder.requests and place.spooled())
        run.kill()
        run.communicate(timeout=PATIENCE)
    recorder.status = 200
    assert place.call("flush").returncode == 0
    assert recorder.states() == [JobState.InProgress]
    assert not place.spooled()


def test_a_place_for_reports_that_is_none_costs_no_backup(place: Place, recorder: Recorder) -> None:
    (place.folder / "file").write_text("")
    spool = {"JOBREPORT_SPOOL": str(place.folder / "file")}
    done = place.call("run", "--", "echo", "done", env=spool)
    assert (done.returncode, done.stdout) == (0, b"done\n")
    assert b"cannot keep reports" in done.stderr
    assert recorder.reports[-1].state is JobState.Successful
    assert place.call("flush", env=spool).returncode == 1


def test_a_user_without_a_home_can_back_up(place: Place, recorder: Recorder) -> None:
    # As in a container whose user is in no list of users.
    code = (
        "import pwd, sys\n"
        "def unknown(number): raise KeyError(number)\n"
        "pwd.getpwuid = unknown\n"
        "from jobreport.__main__ import main\n"
        "sys.argv = ['jobreport', 'run', '--lock', 'x', '--', 'echo', 'done']\n"
        "main()"
    )
    environment = {
        name: value
        for name, value in place.environment.items()
        if name not in {"HOME", "XDG_STATE_HOME", "JOBREPORT_SPOOL"}
    }
    done = subprocess.run(python(code), env=environment, cwd=place.folder, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b"done\n")
    assert recorder.reports[-1].state is JobState.Successful
    assert list(place.folder.iterdir()) == []
