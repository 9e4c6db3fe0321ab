"""`jobreport run --expect`: a backup declares once what to expect of it, and never fails because of that."""

import json
from pathlib import Path

import pytest

from serving import WRITE_OWN, Server, command, typed


def run(tmp_path: Path, *words: str, **more: str) -> tuple[int, str]:
    surroundings = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), **more}
    done = command("run", *words, "--", "true", **surroundings)
    return done.returncode, done.stderr


def expected(store: str, tenant: str = "default") -> dict[str, dict[str, object]]:
    done = typed("expect", "list", "--tenant", tenant, "--json", "--store", store)
    return {one["name"]: one for one in json.loads(done.stdout)["expectations"]}


def test_the_first_run_declares_and_later_ones_leave_it(new_store: str, tmp_path: Path) -> None:
    words = ("--plan", "nightly", "--expect", "0 2 * * *", "--expect", "tz Europe/Berlin", "--expect", "26h")
    assert run(tmp_path, *words, "--store", new_store) == (0, "")
    whole = {"name": "plan-nightly", "plan": "nightly", "age": "26h", "cron": ["0 2 * * *"], "zone": "Europe/Berlin"}
    assert expected(new_store) == {"plan-nightly": whole}
    units = typed("expect", "units", "--store", new_store, "plan-nightly", "--", "restic", "backup", "/home")
    assert "jobreport run --plan nightly -- restic backup /home" in units.stdout
    misplaced = typed("expect", "units", "plan-nightly", "--store", new_store, "--", "restic")
    assert (misplaced.returncode, "options stand before NAME" in misplaced.stderr) == (2, True)
    assert typed("expect", "set", "nightly", "--age", "8h", "--store", new_store).returncode == 0
    assert run(tmp_path, *words, "--store", new_store) == (0, "")
    assert expected(new_store)["plan-nightly"]["age"] == "8h"


def test_a_machine_that_only_reports_declares_its_own(server: Server, tmp_path: Path) -> None:
    machine = server.app("expecting-itself", WRITE_OWN)
    secret = tmp_path / "secret"
    secret.write_text(machine.secret)
    secret.chmod(0o600)
    address = {
        "JOBREPORT_URL": server.url,
        "JOBREPORT_CLIENT_ID": machine.client_id,
        "JOBREPORT_CLIENT_SECRET_FILE": str(secret),
    }
    assert run(tmp_path, "--plan", "hourly", "--expect", "every 1h", **address) == (0, "")
    found = expected(server.store, "expecting-itself")
    assert found["plan-hourly"] == {"name": "plan-hourly", "plan": "hourly", "every": "1h", "by": machine.client_id}


def test_what_cannot_be_declared_is_a_warning_and_the_backup_goes_well(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--plan", "p", "--expect", "26h", "--store", f"sqlite:///{tmp_path}/no/such.db")
    assert status == 0
    assert "is not declared yet" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--expect", "26h"], "needs --plan or --resource"),
        (["--plan", "p", "--expect", "often"], "'often' is nothing to expect"),
        (["--plan", "p", "--expect", "61 2 * * *"], "bad minute"),
        (["--plan", "p", "--expect", "26h", "--expect", "8h"], "age is said twice"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(tmp_path: Path, words: list[str], says: str) -> None:
    status, said = run(tmp_path, *words)
    assert status == 2
    assert says in said


def test_what_was_set_before_and_is_gone_is_told(new_store: str, tmp_path: Path) -> None:
    where = ("--store", new_store)
    assert run(tmp_path, *where) == (0, "")
    assert typed("expect", "set", "nightly", "--cron", "0 2 * * *", "--grace", "2h", *where).stderr == ""
    window = ("--window", "2026-12-24T18:00Z/2026-12-27T08:00Z")
    done = typed("expect", "set", "nightly", *window, *where)
    assert done.returncode == 0
    assert 'that is all now. Before it was: cron "0 2 * * *", grace 2h' in done.stderr
    assert typed("expect", "set", "nightly", *window, *where).stderr == ""
    wrong = typed("expect", "set", "nightly", "--window", "2026-12-24T18:00/2026-12-27T08:00", *where)
    assert "--window: has no zone" in wrong.stderr
    wrong = typed("expect", "set", "nightly", "--window", "tonight", *where)
    assert "as one text: 2026-12-24T18:00Z/2026-12-27T08:00Z, or 0 22 * * 6 for 4h" in wrong.stderr
    by_clocks = ("--window", "2026-12-24T18:00/2026-12-27T08:00", "--tz", "europe/berlin")
    done = typed("expect", "set", "nightly", *by_clocks, *where)
    assert "window 2026-12-24T17:00:00Z/2026-12-27T07:00:00Z" in done.stdout
