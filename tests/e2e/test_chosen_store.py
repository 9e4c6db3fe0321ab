"""Which store a command works on: it is said, it is that of an installed service, and no command makes one unasked."""

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from jobreport.settings import INSTALLED_STORE
from jobs import job
from serving import App, command, serve, typed, until

DEPLOY = Path(__file__).parents[2] / "deploy"
Typed = Callable[..., "object"]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of a user whose default store lies in a folder of the test's."""
    return {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_STATE_HOME": str(tmp_path / "state")}


def installed(folder: Path, *lines: str) -> dict[str, str]:
    """The environment of a machine on which a service with these settings is installed."""
    folder.mkdir(exist_ok=True)
    (folder / "server.env").write_text("\n".join(["# settings", *lines, ""]))
    return {"JOBREPORT_SETTINGS": str(folder)}


@pytest.mark.parametrize(
    "words",
    [
        ["app", "create", "--name", "first"],
        ["app", "list"],
        ["tenant", "create", "acme"],
        ["tenant", "list"],
        ["key", "rotate"],
        ["check"],
        ["prune", "--keep", "1d"],
        ["audit"],
        ["backup", "copy.db"],
        ["jobs"],
        ["summary"],
        ["export", "--format", "csv", "-o", "-"],
        ["migrate"],
        ["import", __file__],
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_no_command_makes_a_store_unasked(words: list[str], named: bool, home: dict[str, str], tmp_path: Path) -> None:
    place = tmp_path / "data" / "jobreport" / "jobs.db"
    done = typed(*words, *(["--store", f"sqlite:///{place}"] if named else []), **home)
    assert done.returncode == 1
    assert f"there is no store at {place}" in done.stderr
    assert not (tmp_path / "data").exists()


def test_run_makes_no_store_and_keeps_its_report(home: dict[str, str], tmp_path: Path) -> None:
    done = command("run", "--deliver-for", "0s", "--store", f"sqlite:///{tmp_path}/none.db", "--", "true", **home)
    assert done.returncode == 0
    assert "there is no store at" in done.stderr
    assert not (tmp_path / "none.db").exists()
    assert len([*(tmp_path / "state").rglob("*.json")]) == 1


def test_import_makes_a_store_when_it_is_told_so(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "jobs.ndjson").write_text("")
    assert typed("import", str(tmp_path / "jobs.ndjson"), "--create", **home).returncode == 0
    assert (tmp_path / "data" / "jobreport" / "jobs.db").exists()


def test_invented_jobs_stay_out_of_the_store_of_real_ones(home: dict[str, str], tmp_path: Path) -> None:
    assert typed("sample-data", "--jobs", "10", **home).returncode == 0
    assert not (tmp_path / "data/jobreport/jobs.db").exists()
    assert typed("sample-data", "--jobs", "10", "--store", f"sqlite:///{tmp_path}/s.db", **home).returncode == 0


def test_a_store_that_nobody_named_is_said(home: dict[str, str], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/data/jobreport/jobs.db"
    with serve(tmp_path, store=url) as server:
        app = server.app("default")
        app.write(job("FB1"))
        by_default = typed("jobs", "--json", **home)
        assert by_default.stderr == f"jobreport: the store is {url} (the default; --store names another)\n"
        assert "FB1" in by_default.stdout
        by_option = typed("jobs", "--json", "--store", url, **home)
        by_variable = typed("jobs", "--json", JOBREPORT_STORE=url, **home)
    assert (by_option.stderr, by_variable.stderr) == ("", "")
    assert by_option.stdout == by_variable.stdout == by_default.stdout


def test_commands_find_the_store_of_the_installed_service(app: App, home: dict[str, str], tmp_path: Path) -> None:
    app.write(job("FB1"))
    env = home | installed(tmp_path / "etc", f'JOBREPORT_STORE="{app.server.store}"', "JOBREPORT_PORT=1")
    found = typed("jobs", "--json", "--tenant", app.document["tenant"], **env)
    assert found.returncode == 0
    assert "FB1" in found.stdout
    assert found.stderr == (
        f"jobreport: the store is {app.server.store}, of the service that is installed here "
        f"({tmp_path}/etc/server.env)\n"
    )
    refused = typed("restore", str(Path(app.server.store.removeprefix("sqlite:///"))), "--yes", **env)
    assert "the file is the store itself" in refused.stderr
    other = typed("jobs", "--store", f"sqlite:///{tmp_path}/other.db", **env)
    assert "there is no store at" in other.stderr


def test_the_secret_key_of_the_installed_service_is_used(home: dict[str, str], tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(typed("key", "secret").stdout)
    key.chmod(0o600)
    with serve(tmp_path, JOBREPORT_SECRET_KEY_FILE=str(key)) as server:
        env = home | installed(tmp_path / "etc", f"JOBREPORT_STORE={server.store}", f"JOBREPORT_SECRET_KEY_FILE={key}")
        rotated = typed("key", "rotate", **env)
    assert rotated.returncode == 0, rotated.stderr


def test_a_password_of_the_store_is_not_said(home: dict[str, str], tmp_path: Path) -> None:
    env = home | installed(tmp_path / "etc", "JOBREPORT_STORE=postgresql://jobreport:s3cret@127.0.0.1:1/jobreport")
    done = typed("check", **env)
    assert done.returncode == 1
    assert "postgresql://jobreport:***@127.0.0.1:1/jobreport" in done.stderr
    assert "s3cret" not in done.stderr


def test_settings_that_cannot_be_read_are_no_reason_to_take_another_store(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "etc" / "server.env").mkdir(parents=True)  # even root cannot read a folder
    done = typed("app", "create", "--name", "x", JOBREPORT_SETTINGS=str(tmp_path / "etc"), **home)
    assert done.returncode == 1
    assert f"its settings in {tmp_path}/etc/server.env cannot be read" in done.stderr
    assert "--store" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_unit_and_the_shipped_settings_name_the_store_that_commands_expect() -> None:
    for name in ("jobreport.service", "debian/server.env"):
        stores = re.findall(r"JOBREPORT_STORE=(\S+)", (DEPLOY / name).read_text())
        assert stores == [INSTALLED_STORE], name


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_when_the_service_is_ready(tmp_path: Path, workers: str, abstract: bool) -> None:
    address = f"\0{tmp_path}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(120)
        with serve(tmp_path, "--workers", workers, NOTIFY_SOCKET=address.replace("\0", "@")) as server:
            assert systemd.recv(1000).decode() == f"READY=1\nSTATUS=Listening on {server.url}"


def test_where_a_new_start_cannot_help_serve_ends_with_a_code_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("no database " * 100)
    store = ["--port", "0", "--store", f"sqlite:///{file}"]
    assert command("serve", *store).returncode == 78
    missing = command(
        "serve", "--port", "0", "--store", f"sqlite:///{tmp_path}/new.db", JOBREPORT_SECRET_KEY_FILE="/none"
    )
    assert missing.returncode == 78
    away = command("serve", "--port", "0", "--store", "postgresql://nobody@127.0.0.1:1/none")
    assert away.returncode == 1
    assert "RestartPreventExitStatus=2 78" in (DEPLOY / "jobreport.service").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
def test_what_root_makes_beside_a_service_belongs_to_the_service(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, 1234, 2345)
    url = f"sqlite:///{folder}/jobs.db"
    (tmp_path / "jobs.ndjson").write_text("")
    assert typed("import", str(tmp_path / "jobs.ndjson"), "--create", "--store", url).returncode == 0
    with serve(tmp_path, store=url) as server:
        server.app("default").write(job("FB1"))
        files = until(lambda: [*folder.iterdir()] if (folder / "jobs.db-wal").exists() else [])
        assert {(file.stat().st_uid, file.stat().st_gid) for file in files} == {(1234, 2345)}
