"""`jobreport setup` where the package is installed: under systemd, and where there is none."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobreport.model.catalog import JobState
from machine import Machine, machine

STORE = "--store sqlite:////var/lib/jobreport/jobs.db"
ASK = f"jobreport jobs {STORE} --tenant default --json"
WRITTEN = """
    find /etc/jobreport /etc/systemd/system /etc/cron.d -newer /before -type f | sort
"""


@pytest.fixture
def booted(package: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A machine with the package installed; the parameter says whether systemd runs there."""
    folder = tmp_path / "files"
    folder.mkdir()
    with machine(folder, systemd=request.param) as running:
        running.receive(package, "/root/jobreport.deb")
        running.sh("dpkg --install --force-unsafe-io /root/jobreport.deb; mkdir -p /srv/data; echo a >/srv/data/a")
        running.sh("touch /before")
        yield running


def test_setup_for_this_machine_alone(booted: Machine) -> None:
    words = ("jobreport", "setup", "--plan", "data", "--at", "03:15", "--json")
    command = ("--", "tar", "-cf", "/srv/$HOME 100%.tar", "-C", "/srv/data", ".")
    # A rehearsal says what there will be, and does nothing.
    rehearsed = json.loads(booted.run(*words, "--dry-run", *command).stdout)
    assert rehearsed["done"] is False
    assert booted.sh(WRITTEN) == ""
    done = json.loads(booted.run(*words, *command).stdout)
    assert done["done"] is True
    assert [step["what"] for step in done["steps"]] == [step["what"] for step in rehearsed["steps"]]
    assert booted.sh(WRITTEN).split() == [
        "/etc/jobreport/client-secret",
        "/etc/jobreport/runner.env",
        "/etc/systemd/system/jobreport-backup-data.service",
        "/etc/systemd/system/jobreport-backup-data.timer",
    ]
    assert booted.sh("stat --format '%U %a' /etc/jobreport/client-secret").strip() == "root 600"
    assert "03:15:00" in booted.sh("systemctl list-timers --all --no-pager jobreport-backup-data.timer")
    assert booted.sh("systemctl is-active jobreport jobreport-flush.timer").split() == ["active", "active"]
    # The backup runs as it was typed, reports, and the report is what the last line says.
    booted.sh(done["next"]["To run the backup now"])
    assert "/srv/$HOME 100%.tar" in booted.sh("ls /srv/*.tar")
    see = done["next"]["To see the report, as root"]
    (job,) = json.loads(booted.sh(f"{see} --search data --json"))["jobs"]
    assert job["jobState"] == JobState.Successful, job
    # Once more: nothing changes.
    again = json.loads(booted.run(*words, *command).stdout)
    assert again["clientId"] == done["clientId"]
    assert not [step for step in again["steps"] if step["result"] in ("made", "changed")]
    # Another backup under the same plan is not silently put in the place of the first.
    refused = booted.run(*words, "--", "true", check=False)
    assert refused.returncode == 1
    assert "jobreport-backup-data.service" in refused.stderr
    assert "100%" in booted.sh("cat /etc/systemd/system/jobreport-backup-data.service")
    booted.run(*words, "--force", "--", "true")
    assert "100%" in booted.sh("cat /etc/systemd/system/jobreport-backup-data.service.old")
    # A port that is set to another value is not replaced silently either.
    moved = booted.run("jobreport", "setup", "--port", "8090")
    assert "JOBREPORT_PORT=8090" in booted.sh("cat /etc/jobreport/server.env")
    booted.sh("curl --silent --fail http://127.0.0.1:8090/readyz")
    refused = booted.run("jobreport", "setup", "--port", "8091", check=False)
    assert "JOBREPORT_PORT=8090" in refused.stderr
    assert "JOBREPORT_PORT=8090" in booted.sh("cat /etc/jobreport/server.env")
    assert moved.stdout.endswith("8090/docs\n")


test_setup_for_this_machine_alone = pytest.mark.parametrize("booted", [True], indirect=True)(
    test_setup_for_this_machine_alone
)
