"""`jobreport tenant`: what each command does and says, and that a server deletes for good what is due."""

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import open_store
from jobs import DAY, job
from serving import PROGRAM, command, environment, serve, typed, until


@pytest.fixture
def store(new_store: str) -> str:
    assert typed("tenant", "create", "acme", "--store", new_store).returncode == 0
    return new_store


def listed(store: str, *words: str) -> dict[str, dict[str, Any]]:
    done = typed("tenant", "list", *words, "--json", "--store", store)
    assert done.returncode == 0, done.stderr
    return {one["tenant"]: one for one in json.loads(done.stdout)}


def test_a_tenant_is_made_listed_suspended_and_resumed(store: str) -> None:
    assert listed(store)["acme"]["standing"] == "active"
    assert "suspended" in typed("tenant", "suspend", "acme", "--store", store).stdout.lower()
    found = listed(store)["acme"]
    assert (found["standing"], bool(found["suspended"])) == ("suspended", True)
    table = typed("tenant", "list", "--store", store).stdout
    assert table.split()[:3] == ["Tenant", "Standing", "Created"]
    assert "acme" in table
    assert typed("tenant", "resume", "acme", "--store", store).returncode == 0
    assert listed(store)["acme"]["suspended"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tenant create acme", "there is a tenant acme already"),
        ("tenant create A", "lower-case letters"),
        ("tenant suspend nobody", "no tenant 'nobody'"),
        ("tenant resume acme", "neither suspended nor deleted"),
        ("tenant delete nobody --yes", "no tenant 'nobody'"),
        ("tenant delete _service --yes", "operator's own"),
        ("tenant purge acme", "not deleted"),
        ("tenant set acme --tz Europe/Berln", "did you mean Europe/Berlin"),
        ("tenant set acme --night 25:00", "such as 18:00"),
        ("tenant set nobody --night 20:00", "no tenant 'nobody'"),
        ("app create --name x --tenants acme,nobody", "no tenant nobody"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(store: str, words: str, said: str) -> None:
    done = typed(*words.split(), "--store", store)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert set(listed(store, "--all")) == {"acme"}


@pytest.mark.parametrize(("answer", "code"), [("acme\n", 0), ("yes\n", 1), ("", 1)])
def test_deleting_asks_for_the_name(store: str, answer: str, code: int) -> None:
    words = [PROGRAM, "tenant", "delete", "acme", "--store", store]
    done = subprocess.run(words, input=answer, capture_output=True, text=True, env=environment(), check=False)
    assert (done.returncode != 0) == (code != 0), done.stderr
    assert listed(store)["acme"]["standing"] == ("deleted" if code == 0 else "active")


@pytest.mark.parametrize("how", ["suspend", "delete"])
def test_a_command_that_names_a_tenant_that_is_kept_out_says_so(store: str, tmp_path: Path, how: str) -> None:
    typed("tenant", how, "acme", *(["--yes"] if how == "delete" else []), "--store", store)
    (tmp_path / "jobs.ndjson").write_text(json.dumps(job("FB1")) + "\n")
    for words in (
        ["import", str(tmp_path / "jobs.ndjson"), "--tenant", "acme"],
        ["app", "create", "--name", "x", "--tenant", "acme"],
        ["app", "create", "--name", "x", "--tenants", "acme"],
    ):
        done = typed(*words, "--store", store)
        assert done.returncode in (1, 2), words
        assert f"acme is {how.removesuffix('e')}ed" in done.stderr
    read = typed("jobs", "--tenant", "acme", "--store", store)
    assert f"acme is {how.removesuffix('e')}ed" in read.stderr
    assert read.returncode == (0 if how == "suspend" else 1)


def test_a_report_of_a_runner_waits_while_its_tenant_is_suspended(store: str, tmp_path: Path) -> None:
    typed("tenant", "suspend", "acme", "--store", store)
    words = ["--store", store, "--tenant", "acme", "--spool", str(tmp_path / "spool")]
    done = command("run", *words, "--", "true")
    assert done.returncode == 0
    assert "acme is suspended" in done.stderr
    typed("tenant", "resume", "acme", "--store", store)
    assert command("flush", *words).returncode == 0
    assert "1 job" in typed("jobs", "--tenant", "acme", "--store", store).stdout


def test_a_purge_without_waiting_says_what_went(store: str) -> None:
    with closing(open_store(store)) as opened:
        assert opened.tenant_id("acme")
    typed("tenant", "delete", "acme", "--yes", "--store", store)
    set_back(store, 60)
    done = typed("tenant", "purge", "acme", "--now", "--yes", "--store", store)
    assert (done.returncode, done.stdout) == (0, "The history of acme is gone for good: 0 jobs.\n")
    assert "acme" not in listed(store)
    assert listed(store, "--all")["acme#1"]["standing"] == "purged"
    assert typed("tenant", "purge", "--store", store).stdout == "No deleted tenant's grace is over.\n"
    report = json.loads(typed("jobs", "--tenant", SERVICE_NAME, "--json", "--store", store).stdout)
    assert report["totalCount"] == 2


def set_back(store: str, seconds: float) -> None:
    """Has what was deleted been deleted earlier."""
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as connection, connection:
        ago = int(seconds * DAY / 86_400)
        connection.execute("UPDATE tenant SET deleted = deleted - ?, purge_after = purge_after - ?", (ago, ago))


def test_a_server_deletes_for_good_what_is_due_and_seals_the_log(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("gone")
        app.write([job(f"FB{number}") for number in range(3)])
        assert typed("tenant", "delete", "gone", "--yes", "--store", server.store).returncode == 0
        server.stop()
        set_back(server.store, 31 * 86_400)
    with serve(tmp_path) as server:
        until(lambda: "gone#1" in listed(server.store, "--all"), "the purge")
        service = server.app(SERVICE_NAME)
        found = service.report({"jobType": 0}).json()
        assert found["totalCount"] == 2
        verified = typed("audit", "--verify", "--json", "--store", server.store)
        assert json.loads(verified.stdout)["whole"]
        server.stop()
        assert "Traceback" not in server.log


def test_its_nights_and_what_is_good_are_set_and_listed(store: str) -> None:
    assert listed(store)["acme"]["night"] == "18:00"
    done = typed("tenant", "set", "acme", "--tz", "europe/berlin", "--night", "20:30", "--store", store)
    assert "20:30 (Europe/Berlin)" in done.stdout
    done = typed("tenant", "set", "acme", "--good", "exceptions", "--no-missed-jobs", "--json", "--store", store)
    expected = {"tenant": "acme", "timeZone": "Europe/Berlin", "night": "20:30", "good": "exceptions"}
    expected["missedJobs"] = "off"
    assert json.loads(done.stdout) == expected
    assert {name: listed(store)["acme"][name] for name in expected} == expected
    assert "20:30 Europe/Berlin" in typed("tenant", "list", "--store", store).stdout
    assert typed("tenant", "set", "acme", "--store", store).returncode == 2
