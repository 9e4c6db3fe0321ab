"""A program that comes from a process that has loaded it already is like one that was really started."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from preloaded import can_start
from serving import LINUX, PATIENCE, Started, environment, serve, start, until


def ended(run: Started) -> tuple[int | None, bytes, bytes]:
    with run:
        out, err = run.communicate(timeout=PATIENCE)
    return run.returncode, out, err


@pytest.mark.parametrize(
    "words", [["--version"], ["nonsense"], ["jobs", "--store", "sqlite:///none.db"], ["ticks", "2024-08-16T00:00:00Z"]]
)
def test_it_prints_and_ends_alike(tmp_path: Path, words: list[str]) -> None:
    real, preloaded = (
        ended(start(*words, env=environment(COLUMNS="90"), preloaded=preloaded, cwd=tmp_path))
        for preloaded in (False, True)
    )
    assert preloaded == real


def test_it_starts_whatever_became_of_our_own_standard_input() -> None:
    code = "import os; os.close(0); from serving import command; print(command('--version').stdout)"
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=Path(__file__).parent, capture_output=True, check=True, timeout=PATIENCE)
    assert done.stdout.startswith(b"jobreport")


def facts(process: int) -> dict[str, object]:
    """What decides how a process meets signals, terminals and files."""
    place = Path(f"/proc/{process}")
    status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines())
    files = []
    for file in (place / "fd").iterdir():
        with suppress(FileNotFoundError):  # it has just been closed
            files.append(str(file.readlink()).partition(":")[0])
    return {
        "signals": [status[name] for name in ("SigBlk", "SigIgn", "SigCgt")],
        # How many connections to its store a server has just now is chance, and so is what SQLite lays aside, and which
        # worker is the first to count. A folder is open only while what is in it is made durable, for seconds at times.
        # What a process shares with its children bears its number.
        "files": sorted(
            re.sub(r"^\d+(?=\.(counts|lock)$)|(?<=^pym-)\S+", "N", Path(name).name)
            for name in files
            if "jobs.db" not in name and "etilqs" not in name and not Path(name).is_dir()
        ),
        "own session": os.getsid(process) == process,
        "own group": os.getpgid(process) == process,
        "folder": (place / "cwd").readlink(),
        "umask": status["Umask"],
    }


def soon_alike(some: Callable[[], Sequence[int]], others: Callable[[], Sequence[int]]) -> None:
    """What a connection leaves is closed soon; if they stay different, this says in what."""

    def different() -> list[str]:
        processes = some(), others()
        if len(processes[0]) != len(processes[1]):
            return [f"{processes[0]} and {processes[1]}"]
        return [
            f"{name}: {one[name]} and {other[name]}"
            for one, other in zip(map(facts, processes[0]), map(facts, processes[1]), strict=True)
            for name in one
            if one[name] != other[name]
        ]

    with suppress(AssertionError):
        until(lambda: not different())
    assert not (stays := different()), "\n".join(stays)


@LINUX
def test_a_server_has_the_same_signals_files_session_and_folder(tmp_path: Path) -> None:
    with serve(tmp_path / "real", preloaded=False) as real, serve(tmp_path / "preloaded") as preloaded:
        for server in (real, preloaded):
            assert server.http.get("/readyz", headers={"Connection": "close"}).status_code == 200
        soon_alike(lambda: [preloaded.process.pid], lambda: [real.process.pid])


@LINUX
def test_workers_have_the_same_signals_files_and_folder_and_are_the_servers_children(tmp_path: Path) -> None:
    two = ("--workers", "2")
    with serve(tmp_path / "real", *two, preloaded=False) as real, serve(tmp_path / "preloaded", *two) as preloaded:
        for server in (real, preloaded):
            assert server.http.get("/readyz", headers={"Connection": "close"}).status_code == 200
        soon_alike(lambda: preloaded.workers, lambda: real.workers)
        assert len(preloaded.workers) == 2
        killed, other = preloaded.workers
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(set(preloaded.workers) - {killed, other}) == 1, "a new worker")
        assert "it was ended by SIGKILL" in preloaded.log


def test_its_end_by_a_signal_is_told(tmp_path: Path) -> None:
    with start("run", "--", "sleep", "60", env=environment(JOBREPORT_SPOOL=str(tmp_path))) as run:
        assert run.poll() is None
        run.kill()
        assert run.wait(PATIENCE) == -signal.SIGKILL


def test_an_environment_that_python_itself_reads_is_left_to_a_real_start() -> None:
    assert can_start(environment(TZ="Asia/Tokyo"))
    assert not can_start(environment(PYTHONUTF8="1" if os.environ.get("PYTHONUTF8") != "1" else "0"))
    with start("--version", env=environment(LC_ALL="C", LANG="C")) as run:
        assert isinstance(run, subprocess.Popen)
        assert run.communicate(timeout=PATIENCE)[0].startswith(b"jobreport")
