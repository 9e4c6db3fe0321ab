"""A command finds under `jobreport run` what it would find without: descriptors, environment, signals, limits."""

import os
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobreport.model.catalog import JobState
from jobreport.settings import environment_without_secrets
from runs import JOBREPORT, Place, Recorder, python
from serving import until

# The shell's own process is looked at, so no program between changes what is seen. Links of descriptors tell where
# each leads; a pipe has its number, so that another pipe is noticed.
LOOK = """
exec 8>"$SEEN"
for n in $(seq 0 60); do
    if [ $n != 8 ] && [ -e /proc/$$/fd/$n ]; then printf "fd $n " >&8; readlink /proc/$$/fd/$n >&8; fi
done
tr '\\0' '\\n' < /proc/$$/environ | grep -v ^SEEN= | sort | sed 's/^/env /' >&8
grep -E '^(Sig(Blk|Ign)|Cpus_allowed|NoNewPrivs|CapEff|Groups):' /proc/self/status >&8
cut -d ' ' -f 5,6,7,19 /proc/$$/stat | sed 's/^/group, session, terminal, nice /' >&8
grep -v '^Max processes' /proc/$$/limits >&8
cat /proc/$$/oom_score_adj >&8
echo "umask $(umask) folder $(pwd)" >&8
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at Linux's /proc")


def plain() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def odd() -> None:
    """As under nohup, nice, a lower limit and a careful umask."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR2})
    os.umask(0o027)
    os.nice(3)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
    os.chdir("/")


def seen(command: list[str], place: Place, environment: dict[str, str], before: Callable[[], None], **more: Any) -> Any:
    """What the shell sees that `command` starts, in a group that a shell leads in both cases."""
    report = place.folder / "seen"
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    done = subprocess.run(
        # The shell in front gives both the same group; what follows its command keeps it from becoming that command.
        ["sh", "-c", '"$@"; exit $?', "sh", *command, "sh", "-c", LOOK],
        env={"SEEN": str(report), **environment},
        preexec_fn=before,
        start_new_session=True,
        timeout=60,
        **options | more,
    )
    assert done.returncode == 0, done.stderr
    text = report.read_text()
    report.unlink()
    leader = text.partition("group, session, terminal, nice ")[2].split()[1]
    lines = text.replace(f" {leader} ", " leader ").replace(f" {leader} ", " leader ").splitlines()
    # What it says on stderr is read, and so goes through a pipe: that is what the documentation tells.
    return sorted(line for line in lines if not line.startswith("fd 2 "))


@pytest.mark.parametrize("before", [plain, odd])
@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "de_DE.UTF-8", "ODD": "a\nb=c", "EMPTY": "", "LC_CTYPE": "C.UTF-8"},
        {},  # Python sets LC_CTYPE here, for itself
        {"LC_CTYPE": "C", "LANG": "C"},
        {"LC_ALL": "POSIX", "\udcff": "\udcfe"},
    ],
)
def test_a_command_sees_the_same_with_us_and_without(
    place: Place, environment: dict[str, str], before: Callable[[], None]
) -> None:
    environment = {"PATH": os.environ["PATH"], **environment}
    ours = {name: value for name, value in place.environment.items() if name.startswith(("JOBREPORT_", "XDG_"))}
    hidden = ours.pop("JOBREPORT_CLIENT_SECRET")
    reading, writing = os.pipe()
    with Path(__file__).open() as file, (place.folder / "written").open("wb") as written:
        handed = [reading, writing, file.fileno(), written.fileno()]
        for descriptor in handed:
            os.set_inheritable(descriptor, True)
        direct = seen([], place, environment | ours, before, close_fds=False)
        under = seen(
            [*JOBREPORT, "run", "--"],
            place,
            environment | ours | {"JOBREPORT_CLIENT_SECRET": hidden},
            before,
            close_fds=False,
        )
        assert {f"fd {descriptor}" for descriptor in handed} <= {" ".join(line.split()[:2]) for line in under}
    os.close(reading)
    os.close(writing)
    assert under == direct


@pytest.mark.parametrize(("closed", "numbers"), [("<&-", {"0"}), (">&-", {"1"}), ("<&- >&-", {"0", "1"})])
def test_what_is_closed_stays_closed(place: Place, closed: str, numbers: set[str]) -> None:
    report = place.folder / "seen"
    for command in ([], [*JOBREPORT, "run", "--"]):
        subprocess.run(
            ["sh", "-c", f'"$@" {closed}; exit $?', "sh", *command, "sh", "-c", LOOK],
            env=place.environment | {"SEEN": str(report)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
            timeout=60,
        )
        found = {line.split()[1] for line in report.read_text().splitlines() if line.startswith("fd ")}
        assert {"0", "1", "2"} - found == numbers


def test_a_command_reads_what_is_handed_to_it_by_descriptor(place: Place, recorder: Recorder) -> None:
    line = " ".join(JOBREPORT)
    script = f"""
        {line} run -- cat <(echo one) /dev/fd/7 7< <(echo two) && exec 9> "$OUT" &&
        {line} run -- sh -c 'echo three >&9'
    """
    done = subprocess.run(
        ["bash", "-c", script],
        env=place.environment | {"OUT": str(place.folder / "out")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"one\ntwo\n", b"")
    assert (place.folder / "out").read_text() == "three\n"


def test_nobody_waits_for_us_who_waits_for_the_command(place: Place, recorder: Recorder) -> None:
    """While the report is still being delivered, every pipe of the command has ended."""
    recorder.status = 503
    fifo = place.folder / "beyond"
    os.mkfifo(fifo)
    reading, writing = os.pipe()
    beyond = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    to_it = os.open(fifo, os.O_WRONLY)
    os.set_inheritable(to_it, True)
    run = place.start("run", "--", "sh", "-c", "read x", stdin=reading, close_fds=False, preloaded=False)
    try:
        os.close(reading)
        os.close(to_it)
        os.set_blocking(beyond, True)
        os.write(writing, b"go on\n")
        assert run.stdout is not None
        assert run.stdout.read() == b""
        assert os.read(beyond, 10) == b""
        until(lambda: _is_broken(writing))
        assert run.poll() is None
    finally:
        run.kill()
        os.close(writing)
        os.close(beyond)


def _is_broken(pipe: int) -> bool:
    """Whether nobody reads what is written."""
    try:
        os.write(pipe, b"more\n")
    except BrokenPipeError:
        return True
    return False


def test_a_failure_is_seen_where_the_death_of_children_is_ignored(place: Place, recorder: Recorder) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    command = [*JOBREPORT, "run", "--", "sh", "-c", "exit 3"]
    process = subprocess.Popen(command, env=place.environment, preexec_fn=ignore)
    assert process.wait(60) == 3
    assert recorder.reports[-1].state is JobState.Failed


def test_an_alarm_that_was_set_before_us_ends_the_command(place: Place, recorder: Recorder) -> None:
    def alarm() -> None:
        signal.setitimer(signal.ITIMER_REAL, 3)

    command = [*JOBREPORT, "run", "--", "sleep", "60"]
    process = subprocess.Popen(command, env=place.environment, preexec_fn=alarm)
    assert process.wait(50) == 128 + signal.SIGALRM
    job = until(lambda: recorder.reports)[-1]
    assert (job.state, job.failed) == (JobState.Failed, 1)
    assert "SIGALRM" in job.comments


def test_the_environment_of_a_child_lacks_what_python_added(place: Place) -> None:
    code = (
        "import os; from jobreport.settings import environment_without_secrets as given; "
        "print('LC_CTYPE' in os.environ, given().get('LC_CTYPE'))"
    )
    folder = os.pathsep.join([str(Path(__file__).parents[2] / "src")])
    for given, expected in ((None, "True None"), ("C.UTF-8", "True C.UTF-8"), ("C", "True C")):
        environment = {"PYTHONPATH": folder} | ({} if given is None else {"LC_CTYPE": given})
        done = subprocess.run(python(code), env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected
    assert environment_without_secrets().get("LC_CTYPE") == os.environ.get("LC_CTYPE")
