"""borgmatic and borg themselves knock: by the hooks for Healthchecks, Uptime Kuma and Cronitor."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ping_inboxes import inbox, jobs, key

from serving import PATIENCE, App, Server, environment

BORGMATIC = Path(sys.executable).with_name("borgmatic")
pytestmark = pytest.mark.skipif(
    not BORGMATIC.exists() or shutil.which("borg") is None, reason="not installed: borgmatic (PyPI), borg"
)


def borgmatic(folder: Path, hook: str, *, source: str = "source", verbosity: int = 1) -> int:
    """Backs up with one hook; returns its exit code."""
    (folder / "source").mkdir(exist_ok=True)
    (folder / "source" / "a.txt").write_text("a")
    (folder / "source" / "b.txt").write_text("b")
    configuration = folder / "borgmatic.yaml"
    configuration.write_text(
        f"""
source_directories: [{folder / source}]
source_directories_must_exist: true
repositories: [{{path: {folder / "repository"}}}]
encryption_passphrase: secret
relocated_repo_access_is_ok: true
{hook}
"""
    )
    words = [BORGMATIC, "--config", configuration, "--monitoring-verbosity", str(verbosity)]
    env = environment(HOME=str(folder / "home"), LC_ALL="C.UTF-8")
    if not (folder / "repository").exists():
        subprocess.run([*words, "repo-create", "--encryption", "repokey"], env=env, check=True, timeout=PATIENCE)
    done = subprocess.run([*words, "create", "--stats"], env=env, timeout=PATIENCE, capture_output=True, check=False)
    return done.returncode


def test_its_hook_for_healthchecks_tells_a_run_with_its_counts(server: Server, app: App, tmp_path: Path) -> None:
    path = inbox(server, app, "nas", "--plan", "nightly")
    hook = f"healthchecks: {{ping_url: '{server.url}{path}', send_logs: true}}"
    assert borgmatic(tmp_path, hook) == 0
    assert borgmatic(tmp_path, hook, source="missing") != 0
    good, bad = jobs(app)
    # With the two files it saves its own configuration.
    assert (good["state"], good["successfulCount"]) == ("Successful", 4)
    assert bad["state"] == "Failed"
    shown = app.show(bad["jobId"]).json()
    assert "missing" in shown["comments"]
    assert shown["raw"]["tool"] == "borgmatic"


def test_its_hooks_for_the_others_tell_a_run_too(server: Server, app: App, tmp_path: Path) -> None:
    path, below = inbox(server, app, "kuma"), key(server, app).removeprefix("/ping")
    address = path.rpartition("/")[2]
    assert borgmatic(tmp_path, f"uptime_kuma: {{push_url: '{server.url}/api/push/{address}'}}") == 0
    assert borgmatic(tmp_path, f"cronitor: {{ping_url: '{server.url}/p{below}telemetry'}}") == 0
    assert {job["state"] for job in jobs(app)} == {"Successful"}
    assert len(jobs(app)) == 2
