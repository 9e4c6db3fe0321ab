"""A connector to Veeam as its user sets it up: a file, a trial, a look, the report, and what is expected."""

from pathlib import Path

import pytest
from fakes.loopback import serving
from fakes.veeam.veeam_records import job_state, session
from fakes.veeam.veeam_server import PASSWORD, USER, FakeVeeam

from certificates import for_this_machine
from jobreport.clock import now_ticks
from jobreport.model import ticks
from serving import typed

HOUR = 3600 * ticks.PER_SECOND


def test_from_nothing_to_the_first_job(tmp_path: Path, new_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    veeam = FakeVeeam(now=now_ticks())
    veeam.put(session(1, veeam.now - 8 * HOUR, veeam.now - 7 * HOUR))
    veeam.states = [job_state(1, next_run=veeam.now + 16 * HOUR)]
    certificate = for_this_machine(tmp_path)
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "password").chmod(0o600)
    with serving(veeam, certificate) as url:
        (tmp_path / "jobreport.toml").write_text(
            f'[[connector]]\nkind = "veeam"\nname = "vbr"\nurl = "{url}"\nuser = \'{USER}\'\n'
            f'password_file = "password"\nca_file = "{certificate[0]}"\nserver = "vbr-1"\n'
        )
        tried = typed("connectors", "test", "vbr")
        assert (tried.returncode, tried.stderr) == (0, "")
        lines = tried.stdout.splitlines()
        assert lines[0] == "3 of 3 rights held"
        assert lines[1].startswith("sessions: 1 job (1 Successful); the newest: veeam:00000000-0000-0000-0000-")
        assert lines[2:] == ["next runs: 1 next run", "Nothing was stored."]
        looked = typed("collect", "vbr", "--once", "--create", "--store", new_store)
        assert (looked.returncode, looked.stderr) == (0, "")
        assert sorted(looked.stdout.splitlines()) == [
            "next runs: 0 jobs read, 0 new, 0 changed",
            "sessions: 1 job read, 1 new, 0 changed",
        ]
    shown = typed("jobs", "--store", new_store, "--service", "VMware")
    assert "File servers" in shown.stdout
    typed("watch", "--once", "--store", new_store)
    explained = typed("expect", "explain", "1", "--store", new_store)
    assert 'schedule: by vbr (plan="File servers" origin=veeam/vbr: the next runs that its' in explained.stdout
