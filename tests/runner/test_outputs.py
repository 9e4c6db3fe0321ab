"""The command's output under `jobreport run`: whose it is, what is read of it, and what becomes of what cannot be
written."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jobreport.model.catalog import JobState
from runs import JOBREPORT, Place, Recorder, python

IS_OURS = "[ /dev/fd/1 -ef out ] && touch ours"


def shell(place: Place, line: str, *, limit: int | None = None) -> subprocess.CompletedProcess[bytes]:
    """Runs a line of a shell in which `jobreport` stands for the program; `limit` is how large a file may grow."""
    import resource

    def before() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        ["sh", "-c", f'jobreport() {{ {" ".join(JOBREPORT)} "$@"; }}; {line}'],
        cwd=place.folder,
        env=place.environment | {"PATH": f"{place.folder}:{os.environ['PATH']}"},
        capture_output=True,
        preexec_fn=before,
        timeout=60,
        check=False,
    )


def program(place: Place, name: str, script: str) -> None:
    """Puts a program of this name before all others."""
    path = place.folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def big(place: Place) -> Path:
    path = place.folder / "big"
    path.write_bytes(b"row\tone\n" * 100_000)
    return path


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_dump_that_finds_no_room_fails_as_it_would_without_us(place: Place, recorder: Recorder, big: Path) -> None:
    direct = shell(place, "cat big > /dev/full && echo rotated")
    under = shell(place, "jobreport run -- cat big > /dev/full && echo rotated")
    assert (under.returncode, under.stdout, under.stderr) == (direct.returncode, b"", direct.stderr)
    assert direct.returncode == 1
    job = recorder.reports[-1]
    assert (job.state, job.failed) == (JobState.Failed, 1)
    assert "No space left on device" in job.comments


def test_a_dump_that_grows_too_large_ends_as_it_would_without_us(place: Place, recorder: Recorder, big: Path) -> None:
    (direct, under) = (shell(place, f"{run} cat big > small", limit=100_000) for run in ("", "jobreport run --"))
    assert under.returncode == direct.returncode == 128 + signal.SIGXFSZ
    assert (place.folder / "small").stat().st_size == 100_000
    assert recorder.reports[-1].state is JobState.Failed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("line", "exit_code"),
    [
        ("restic backup /home --json > /dev/full", 0),
        ("tar -cvf x.tar /home > /dev/full", 2),
        ("any thing > /dev/full 2>&1", 1),
        ("any thing 2> /dev/full", 0),
    ],
)
def test_messages_that_cannot_be_written_are_left_out(
    place: Place, recorder: Recorder, line: str, exit_code: int
) -> None:
    out = "" if "2> /dev" not in line else " >&2"
    script = f"n=0; while [ $n -lt 9000 ]; do n=$((n + 1)); echo '{{}}'{out}; done; echo done > end"
    program(place, line.split()[0], script)
    done = shell(place, f"jobreport run -- {line}")
    assert (done.returncode, done.stdout) == (exit_code, b"")
    assert (place.folder / "end").exists()
    job = recorder.reports[-1]
    assert (job.state, job.failed) == (JobState.Exception, 1)
    stream = "stderr" if out else "stdout"
    assert job.comments.startswith(f"{stream} could not be passed on: No space left on device")


def test_messages_are_written_again_once_there_is_room(place: Place, recorder: Recorder) -> None:
    """What was lost is lost, but the last words are there. Here the command makes the room, until it sees them."""
    program(place, "restic", "cat big; until grep -q 'the end' log; do : > log; echo the end; sleep 0.05; done")
    (place.folder / "big").write_bytes(b"word\n" * 40_000)
    done = shell(place, "jobreport run -- restic backup /home >> log", limit=65_536)
    assert done.returncode == 0
    assert (place.folder / "log").read_bytes().endswith(b"the end\n")
    job = recorder.reports[-1]
    assert job.state is JobState.Exception
    assert "stdout could not be passed on: File too large" in job.comments


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_messages_that_cannot_be_written_stop_no_command(place: Place, recorder: Recorder) -> None:
    script = "for n in 1 2 3; do echo message >&2; done; echo done > end"
    for run in ("", "jobreport run --"):
        assert shell(place, f'{run} sh -c "{script}" 2> /dev/full').returncode == 0
        (place.folder / "end").unlink()
    job = recorder.reports[-1]
    assert job.state is JobState.Exception
    assert job.comments.startswith("stderr could not be passed on: No space left on device")


def test_a_reader_of_messages_that_goes_away_ends_the_command(place: Place, recorder: Recorder) -> None:
    program(place, "restic", "while echo line; do :; done")
    done = shell(place, "{ jobreport run -- restic backup /home; echo $? >&2; } | head -n 1")
    assert done.stdout == b"line\n"
    assert done.stderr.splitlines()[-1] == b"141"
    assert recorder.reports[-1].state is JobState.Failed


DUMPS = {
    "pg_dump": "pg_dump shop",
    "restic": "restic dump latest /var/log/app.log",
    "borg": "borg extract --stdout /b::a home/x",
    "rclone": "rclone cat remote:x",
    "git": "git archive HEAD",
    "mysqldump": "mysqldump shop",
    "any": "any thing",
}


@pytest.mark.parametrize("name", DUMPS)
def test_data_is_not_read(place: Place, recorder: Recorder, name: str) -> None:
    rows = (
        "backup was terminated by user\nerrors ignored on restore: 7\nerror: x\nfatal: y\nx does not exist, skipping\n"
    )
    (place.folder / "rows").write_text(rows)
    program(place, name, f"{IS_OURS}; cat rows")
    assert shell(place, f"jobreport run -- {DUMPS[name]} > out").returncode == 0
    assert (place.folder / "out").read_text() == rows
    assert (place.folder / "ours").exists()
    job = recorder.reports[-1]
    assert (job.state, job.failed, job.comments) == (JobState.Successful, 0, "")


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("any > out", False),
        ("any | cat > out", False),
        ("any > out 2>&1", True),
        ("any 2>&1 | cat > out", True),
        ("any > out 2> err", False),
        ("mysqldump shop > out 2>&1", False),
    ],
)
def test_what_an_unknown_command_prints_is_read_where_its_errors_go(
    place: Place, recorder: Recorder, line: str, read: bool
) -> None:
    program(place, line.split()[0], "echo the last words; exit 3")
    shell(place, f"jobreport run -- {line}")
    assert (place.folder / "out").read_text() == "the last words\n"
    job = recorder.reports[-1]
    assert job.state is JobState.Failed
    assert ("the last words" in job.comments) is read


def test_words_and_errors_in_one_place_keep_their_order(place: Place) -> None:
    script = "n=0; while [ $n -lt 300 ]; do n=$((n + 1)); echo out $n; echo err $n >&2; done"
    assert shell(place, f"jobreport run -- sh -c '{script}' > out 2>&1").returncode == 0
    lines = (place.folder / "out").read_text().splitlines()
    assert lines == [f"{word} {number}" for number in range(1, 301) for word in ("out", "err")]


def test_a_job_that_a_signal_ended_has_a_failed_object(place: Place, recorder: Recorder) -> None:
    program(place, "restic", 'echo \'{"message_type":"status","total_files":9,"files_done":4}\'; kill -SEGV $$')
    for command, total in ((["sh", "-c", "kill -9 $$"], 1), ([str(place.folder / "restic"), "backup", "/x"], 9)):
        place.call("run", "--", *command)
        job = recorder.reports[-1]
        assert (job.state, job.failed, job.successful, job.total) == (JobState.Failed, 1, 0, total)


def test_output_and_errors_keep_to_themselves(place: Place) -> None:
    """Descriptors that were handed down are the command's alone: it may use one for whatever it likes."""
    code = "import os; os.write(1, b'out'); os.write(2, b'err'); os.write(7, b'seven')"
    more: dict[str, Any] = {"env": {"CODE": code}}
    done = place.call("run", "--", "sh", "-c", 'exec 7> seven; exec "$0" -c "$CODE"', python("")[0], **more)
    assert (done.stdout, done.stderr) == (b"out", b"err")
    assert (place.folder / "seven").read_text() == "seven"
