"""`jobreport backup` and `jobreport restore`, beside a running server and without one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import job
from serving import App, Server, command, serve, typed


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose store is small: the other one's has the jobs of all tests before these, and would be copied whole."""
    with serve(tmp_path_factory.mktemp("small")) as running:
        yield running


def test_a_backup_of_a_running_server_comes_back(app: App, tmp_path: Path) -> None:
    app.write([job("FB1"), job("FB2")])
    file = tmp_path / "b.db"
    done = command("backup", str(file), "--store", app.server.store)
    assert (done.returncode, done.stderr) == (0, "")
    assert "whole and read again" in done.stdout
    place = f"sqlite:///{tmp_path}/new/jobs.db"
    restored = command("restore", str(file), "--store", place)
    assert (restored.returncode, restored.stderr) == (0, "")
    found = typed("jobs", "--json", "--store", place, "--tenant", app.document["tenant"])
    assert json.loads(found.stdout)["totalCount"] == 2


def test_a_server_goes_on_from_a_restored_store_with_the_same_apps(app: App, tmp_path: Path) -> None:
    app.write([job("FB1")])
    assert typed("backup", str(tmp_path / "b.db"), "--store", app.server.store).returncode == 0
    store = f"sqlite:///{tmp_path}/again/store/jobs.db"
    assert typed("restore", str(tmp_path / "b.db"), "--store", store).returncode == 0
    with serve(tmp_path / "again") as again:
        assert App(again, app.document).found() == ["FB1"]


def test_nothing_is_overwritten_unasked(app: App, tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    file.write_text("mine")
    refused = typed("backup", str(file), "--store", app.server.store)
    assert (refused.returncode, file.read_text()) == (1, "mine")
    assert "--force" in refused.stderr
    made = typed("backup", str(file), "--store", app.server.store, "--force", "--json")
    assert json.loads(made.stdout)["file"] == str(file)
    place = f"sqlite:///{tmp_path}/new/jobs.db"
    assert typed("restore", str(file), "--store", place).returncode == 0
    occupied = typed("restore", str(file), "--store", place)
    assert occupied.returncode == 1
    assert "--yes" in occupied.stderr
    replaced = typed("restore", str(file), "--store", place, "--yes", "--json")
    assert Path(json.loads(replaced.stdout)["aside"]).exists()


def test_a_store_that_a_server_has_open_is_not_replaced(app: App, tmp_path: Path) -> None:
    assert typed("backup", str(tmp_path / "b.db"), "--store", app.server.store).returncode == 0
    refused = typed("restore", str(tmp_path / "b.db"), "--store", app.server.store, "--yes")
    assert refused.returncode == 1
    assert "stop the server" in refused.stderr
    assert app.found() == []


def test_what_is_no_backup_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    file.write_text("nonsense " * 100)
    refused = typed("restore", str(file), "--store", f"sqlite:///{tmp_path}/new/jobs.db")
    assert refused.returncode == 1
    assert "no backup of a store" in refused.stderr
    assert not (tmp_path / "new").exists()
    assert typed("restore", str(tmp_path / "none"), "--store", f"sqlite:///{tmp_path}/new/jobs.db").returncode == 2
