"""A connector to Azure by the command line: what a new user sees, and that the SDK's own log is not among it."""

import json
import subprocess
import sys
from pathlib import Path

from fakes.azure.cloud import SUBSCRIPTION, Cloud, environment, served
from fakes.azure.vaults import Vaults, vault_job

import serving
from jobreport.clock import now_ticks
from jobreport.model import ticks

_SEES = "Microsoft.Authorization/permissions/read"
_FIRST = vault_job(1, "", "")["name"]


def tried(folder: Path, cloud: Cloud, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """What `jobreport connectors test` shows."""
    (folder / "jobreport.toml").write_text(
        f'[[connector]]\nkind = "azure-vault"\nname = "prod"\nsubscription = "{SUBSCRIPTION}"\n'
        f'endpoint = "{cloud.base}"\nvaults = ["gold"]\n'
    )
    return subprocess.run(
        [sys.executable, "-m", "jobreport", "connectors", "test", "prod", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=serving.environment(**environment(cloud) | more),
        check=False,
    )


def test_a_trial_shows_rights_and_jobs_and_logs_no_request(tmp_path: Path) -> None:
    at = ticks.to_iso(now_ticks() - ticks.PER_DAY // 2)
    with served(Cloud()) as cloud:
        Vaults(cloud, "gold").jobs["gold"] = [vault_job(1, at, at)]
        done = tried(tmp_path, cloud)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 of 3 rights held\n")
    assert "backups/gold: 1 job (1 Successful)" in done.stdout


def test_who_cannot_sign_in_reads_one_sentence_of_ours(tmp_path: Path) -> None:
    with served(Cloud()) as cloud:
        done = tried(tmp_path, cloud, IDENTITY_HEADER="another")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("It cannot be read: signing in to Azure failed: set AZURE_TENANT_ID")
    assert "if these are set, Azure does not take them" in done.stdout


def test_a_right_that_is_missing_stands_out_and_programs_read_all(tmp_path: Path) -> None:
    at = ticks.to_iso(now_ticks() - ticks.PER_DAY // 2)
    with served(Cloud()) as cloud:
        vaults = Vaults(cloud, "gold")
        vaults.jobs["gold"] = [vault_job(1, at, at)]
        whole = json.loads(tried(tmp_path, cloud, "--json").stdout)
        cloud.roles = dict.fromkeys(cloud.roles, (("Microsoft.RecoveryServices/Vaults/read", _SEES), ()))
        done = tried(tmp_path, cloud)
    (stream,) = whole["streams"]
    assert (whole["complete"], stream["jobs"], stream["newest"]["raw"]["name"]) == (True, {"Successful": 1}, _FIRST)
    missing = (
        "Missing: Microsoft.RecoveryServices/Vaults/backupJobs/read for backups/gold; invisible without it: the jobs"
    )
    assert (done.returncode, done.stdout.splitlines()[:2]) == (1, ["2 of 3 rights held", f"{missing} of the vault"])
