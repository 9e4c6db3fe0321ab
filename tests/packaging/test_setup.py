"""`jobreport setup` where the package is installed: under systemd, and where there is none."""

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Machine, machine

HOST = socket.gethostname()
STORE = "--store sqlite:////var/lib/jobreport/jobs.db"
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


@pytest.mark.parametrize("booted", [True], indirect=True)
def test_setup_for_this_machine_alone(booted: Machine) -> None:
    words = ("jobreport", "setup", "--plan", "data", "--at", "03:15", "--json")
    command = ("--", "tar", "-cf", "/srv/$HOME 100%.tar", "-C", "/srv/data", ".")
    # Who is not root is told so; the rehearsal needs no root.
    nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    assert "sudo jobreport setup" in booted.run(*nobody, *words, *command, check=False).stderr
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
    assert (job["plan"], job["state"], job["origin"]) == ("data", "Successful", f"runner/{HOST}"), job
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
    assert "JOBREPORT_URL=http://127.0.0.1:8090\n" in booted.sh("cat /etc/jobreport/runner.env")
    _let_others_report(booted)


def _let_others_report(booted: Machine) -> None:
    """The machine that was set up for itself alone gets an address with TLS: its own reports go there from then on."""
    url = "https://jobs.example.com:8443"
    booted.sh("""
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=jobs.example.com \
          -addext subjectAltName=DNS:jobs.example.com -keyout /root/tls.key -out /root/tls.pem 2>/dev/null
        chmod 600 /root/tls.key
        echo 127.0.0.1 jobs.example.com >>/etc/hosts
        systemctl stop jobreport
        set -a
        . /etc/jobreport/runner.env
        jobreport run --deliver-for 0s -- true
    """)
    words = ("--public-url", url, "--tls-cert", "/root/tls.pem", "--tls-key", "/root/tls.key", "--force", "--json")
    done = json.loads(booted.run("jobreport", "setup", *words).stdout)
    # systemd hands the key, which is root's alone, over to the service.
    booted.sh(f"curl --silent --fail --cacert /root/tls.pem {url}/readyz")
    assert f"JOBREPORT_URL={url}\n" in booted.sh("cat /etc/jobreport/runner.env")
    booted.sh("echo SSL_CERT_FILE=/root/tls.pem >>/etc/jobreport/runner.env")
    assert "1 delivered, 0 refused, 0 waiting" in booted.sh(done["next"]["To deliver what waits for the old address"])
    # A later run without the address does not forget it.
    again = json.loads(booted.run("jobreport", "setup", "--json", "--dry-run").stdout)
    assert again["url"] == url
    assert not [step for step in again["steps"] if step["result"] in ("made", "changed")]


@pytest.mark.parametrize("booted", [True], indirect=True)
def test_setup_where_others_report(booted: Machine) -> None:
    url = "https://jobs.example.com"
    # No secret may cross the network in clear text.
    assert "clear text" in booted.run("jobreport", "setup", "--public-url", url, check=False).stderr
    assert booted.sh(WRITTEN) == ""
    words = ("jobreport", "setup", "--public-url", url, "--trusted-proxy", "127.0.0.1", "--json")
    done = json.loads(booted.run(*words).stdout)
    assert done["url"] == url
    booted.sh("curl --silent --fail http://127.0.0.1:8080/readyz")
    assert f"JOBREPORT_URL={url}\n" in booted.sh("cat /etc/jobreport/runner.env")
    # What it prints for another machine works: an app that may report. Behind the proxy its tokens are the URL's.
    other = done["next"]["For each machine that reports here"].replace("NAME", "web-1")
    app = json.loads(booted.sh(f"{other} --json"))
    sign_in = f"grant_type=client_credentials&client_id={app['clientId']}&client_secret={app['clientSecret']}"
    token = json.loads(booted.sh(f"curl --silent --fail --data '{sign_in}' http://127.0.0.1:8080/connect/token"))
    claims = token["access_token"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["iss"] == url
    # A service that does not start is told of, with its own last words.
    booted.sh("echo JOBREPORT_WORKERS=none >>/etc/jobreport/server.env")
    failed = booted.run(
        "jobreport", "setup", "--port", "8090", "--public-url", url, "--trusted-proxy", "::1", check=False
    )
    assert "JOBREPORT_TRUSTED_PROXY=127.0.0.1" in failed.stderr
    failed = booted.run(*words, "--port", "8090", check=False)
    assert failed.returncode == 1
    assert "JOBREPORT_WORKERS" in failed.stderr
    assert booted.run("systemctl", "start", "jobreport", check=False).returncode == 1
    assert booted.run("systemctl", "is-failed", "jobreport", check=False).stdout == "failed\n"
    booted.sh("sed -i /JOBREPORT_WORKERS/d /etc/jobreport/server.env; systemctl start jobreport")
    # What root restores, the service can open. Commands find its store.
    booted.sh(
        "jobreport backup /root/copy.db; systemctl stop jobreport; jobreport restore /root/copy.db --yes;"
        "systemctl start jobreport; curl --silent --fail http://127.0.0.1:8090/readyz"
    )
    # A store that it cannot open is no service that starts again for ever.
    booted.sh("systemctl stop jobreport; chown root:root /var/lib/jobreport/jobs.db")
    assert booted.run("systemctl", "start", "jobreport", check=False).returncode == 1
    assert booted.run("systemctl", "is-failed", "jobreport", check=False).stdout == "failed\n"
    assert "cannot be opened: Permission denied" in booted.sh("journalctl --unit=jobreport --output=cat --no-pager")


@pytest.mark.parametrize("booted", [False], indirect=True)
def test_setup_without_systemd(booted: Machine) -> None:
    done = json.loads(
        booted.run("jobreport", "setup", "--json", "--", "tar", "-cf", "/srv/100%.tar", "/srv/data").stdout
    )
    assert booted.sh(WRITTEN).split() == [
        "/etc/cron.d/jobreport-backup-nightly",
        "/etc/cron.d/jobreport-flush",
        "/etc/jobreport/client-secret",
        "/etc/jobreport/runner.env",
    ]
    # The unit's own command, as the unit's user, serves the store that setup has made.
    (start,) = (how for what, how in done["next"].items() if "no systemd" in what)
    booted.sh(f"({start}) >/root/serve.log 2>&1 &")
    booted.sh("curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/readyz")
    assert booted.sh("stat --format %U /var/lib/jobreport/jobs.db").strip() == "jobreport"
    # The cron line runs as cron would run it, with its % signs read as cron reads them.
    line = booted.sh("grep -v ^# /etc/cron.d/jobreport-backup-nightly").strip()
    minute, hour, *days, user, command = line.split(maxsplit=6)
    assert (minute, hour, days, user) == ("30", "2", ["*"] * 3, "root")
    booted.run("sh", "-c", command.replace("\\%", "%"))
    assert "/srv/100%.tar" in booted.sh("ls /srv/*.tar")
    see = done["next"]["To see the report, as root"]
    assert json.loads(booted.sh(f"{see} --search nightly --json"))["totalCount"] == 1
