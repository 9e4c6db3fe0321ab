"""`python -m jobreport`: the same as the program, named as it was called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving import LINUX, PATIENCE, App, environment, serve


def module(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jobreport", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (["--help"], "python -m jobreport [OPTIONS] COMMAND [ARGS]..."),
        (["app", "revoke", "--help"], "python -m jobreport app revoke [OPTIONS] APP"),
    ],
)
def test_usage_names_the_program_as_it_was_called(words: list[str], usage: str) -> None:
    done = module(*words)
    assert done.returncode == 0
    assert f"Usage: {usage}" in done.stdout


def test_it_ends_as_the_program_does(tmp_path: Path) -> None:
    assert module("--version").stdout.startswith("jobreport, version ")
    wrong = module("nonsense")
    assert wrong.returncode == 2
    assert "How to use it: python -m jobreport --help" in wrong.stderr
    missing = module("jobs", "--store", f"sqlite:///{tmp_path}/none.db")
    assert missing.returncode == 1
    assert missing.stderr.startswith("jobreport: ")
    assert "Traceback" not in missing.stderr


@pytest.mark.parametrize(
    "words",
    [["jobs"], ["jobs", "--json"], ["tenant", "list"], ["export", "--format", "csv", "-o", "-"]],
    ids=str,
)
def test_it_ends_with_141_where_the_reader_of_its_output_is_gone(words: list[str], idle: App) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    program = [sys.executable, "-m", "jobreport", *words, "--store", idle.server.store]
    if words[0] != "tenant":
        program += ["--tenant", "idle"]
    done = subprocess.run(
        program, stdout=writes, stderr=subprocess.PIPE, timeout=PATIENCE, env=environment(), check=False
    )
    os.close(writes)
    assert (done.returncode, done.stderr) == (141, b"")


@LINUX
def test_server_with_several_workers_starts_so_too(tmp_path: Path) -> None:
    with serve(tmp_path, "--workers", "2", program=Path("-mjobreport"), preloaded=False) as server:
        assert server.http.get("/healthz").status_code == 200
        assert len(server.workers) == 2
