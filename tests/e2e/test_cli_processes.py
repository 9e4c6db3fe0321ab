"""Each command once as a process that loads all of it itself: other tests start what has loaded already."""

import shutil
from pathlib import Path

import pytest

from jobreport.cli import COMMANDS
from serving import PATIENCE, environment, start, typed
from verdicts import put

ARGUMENTS: dict[str, list[str]] = {
    "setup": ["--dry-run"],
    "migrate": [],
    "app": ["create", "--name", "first"],
    "tenant": ["create", "acme"],
    "operator": ["add", "anna", "--all-tenants", "--generate"],
    "expect": ["list"],
    "watch": ["--once"],
    "wall": ["create", "hall"],
    "inbox": ["create", "nas", "--tool", "restic"],
    "key": ["rotate"],
    "connectors": ["list"],
    "collect": ["nas", "--once"],
    "notify": ["status"],
    "incidents": ["list"],
    "ack": ["9f86d081884c7d65"],
    "run": ["--", "true"],
    "flush": [],
    "spool": ["list"],
    "jobs": [],
    "series": [],
    "export": ["--format", "csv", "-o", "-"],
    "summary": [],
    "ticks": ["2024-08-16T00:00:00Z"],
    "check": [],
    "prune": ["--keep", "1d", "--yes"],
    "audit": ["--verify"],
    "backup": ["backup.db"],
    "restore": ["new.db", "--yes"],
    "import": ["jobs.ndjson"],
    "sample-data": ["--jobs", "10"],
    "completion": ["bash"],
}
"""Of each command that ends by itself: what it is asked to do."""


def test_no_command_is_left_out() -> None:
    """Of `serve`, the server that all tests share is such a process."""
    assert {*ARGUMENTS, "serve"} == {*COMMANDS}


@pytest.fixture(scope="module")
def filled(new_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that has a job and a key, a copy of it, and a file of jobs."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "jobs.ndjson").write_text(
        '{"jobId": "FB1", "serviceType": 1, "jobType": 1, "state": 0, "plan": "nightly"}\n'
    )
    table = '[[connector]]\nname = "nas"\nkind = "exec"\nsees = "runs"\ncommand = ["sh", "-c", "cat jobs.ndjson"]\n'
    (folder / "jobreport.toml").write_text(table)
    store = f"sqlite:///{shutil.copy(new_file, folder / 'jobs.db')}"
    for words in (["import", str(folder / "jobs.ndjson")], ["key", "rotate"]):
        done = typed(*words, "--store", store)
        assert done.returncode == 0, done.stderr
    put(store, "default", "9f86d081884c7d65")
    shutil.copy(folder / "jobs.db", folder / "new.db")
    return folder


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_command_that_loads_itself_does_its_work(filled: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(filled, tmp_path / "here")
    given = environment(
        JOBREPORT_STORE=f"sqlite:///{folder}/jobs.db",
        JOBREPORT_SPOOL=str(tmp_path / "spool"),
        XDG_DATA_HOME=str(tmp_path / "data"),
    )
    with start(name, *ARGUMENTS[name], env=given, preloaded=False, cwd=folder) as run:
        _, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, errors
    assert b"Traceback" not in errors
