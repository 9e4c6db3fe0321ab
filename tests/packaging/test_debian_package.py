"""The Debian package on a machine: installed, served from, upgraded, removed, purged."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Machine, machine

TRACES = r"""
    find /etc /opt /usr /var /run -xdev -name '*jobreport*'
    getent passwd jobreport || true
    getent group jobreport || true
"""


@pytest.fixture(scope="module")
def debian(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which nothing is installed yet, with the package in /root."""
    folder = tmp_path_factory.mktemp("machine") / "files"
    folder.mkdir()
    with machine(folder) as running:
        running.receive(package, "/root/jobreport.deb")
        yield running


def test_the_package_installs_a_service_and_leaves_nothing(debian: Machine) -> None:
    before = debian.sh(TRACES)
    debian.sh("dpkg --install --force-unsafe-io /root/jobreport.deb")
    # It serves at once, as its own user, with the store in its place, and only this machine reaches it.
    debian.sh("curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/readyz")
    assert debian.sh("stat --format '%U %a' /var/lib/jobreport /var/lib/jobreport/jobs.db").splitlines() == [
        "jobreport 700",
        "jobreport 600",
    ]
    assert debian.sh("ps -o user= -p $(systemctl show --property MainPID --value jobreport)").strip() == "jobreport"
    assert debian.sh("ss --listening --tcp --numeric --no-header").split()[3] == "127.0.0.1:8080"
    assert "Jobreport is listening" in debian.sh("journalctl --unit jobreport")
    assert debian.sh("systemctl is-enabled jobreport").strip() == "enabled"
    # The program is everybody's, and needs to write nothing where it is.
    version = debian.sh("setpriv --reuid=nobody --regid=nogroup --clear-groups jobreport --version").split()[-1]
    assert version == debian.sh("dpkg-query --show --showformat '${Version}' jobreport")
    assert not debian.sh("dpkg --verify jobreport")
    # An upgrade keeps settings and store, and serves on.
    debian.sh(
        "echo JOBREPORT_KEEP_ALIVE=80 >>/etc/jobreport/server.env; dpkg --install --force-unsafe-io /root/jobreport.deb"
    )
    debian.sh("curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/readyz")
    assert "JOBREPORT_KEEP_ALIVE=80" in debian.sh("cat /etc/jobreport/server.env")
    # Its manual and what the TAB key completes are there at once.
    # Not as root: man would keep the formatted page.
    read = "setpriv --reuid=nobody --regid=nogroup --clear-groups man --warnings jobreport-serve"
    assert "Runs the server until" in debian.sh(read)
    completed = "source /usr/share/bash-completion/completions/jobreport; complete -p jobreport"
    assert "jobreport" in debian.run("bash", "--norc", "-c", completed).stdout
    # Removed: the program is gone, what it kept is not. Purged: everything is.
    debian.sh("dpkg --remove jobreport")
    assert debian.run("systemctl", "is-active", "jobreport", check=False).stdout.strip() == "inactive"
    assert debian.sh("ls /var/lib/jobreport/jobs.db /etc/jobreport/server.env; test ! -e /opt/jobreport")
    debian.sh("dpkg --purge jobreport")
    assert debian.sh(TRACES) == before


def test_the_package_says_what_it_needs(package: Path) -> None:
    said = subprocess.run(["dpkg-deb", "--field", package, "Depends"], capture_output=True, text=True, check=True)
    assert "python3 (>= 3." in said.stdout
    assert "adduser" in said.stdout
    names = subprocess.run(["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True).stdout
    assert "./opt/jobreport/bin/jobreport\n" in names
    assert "./usr/lib/systemd/system/jobreport.service\n" in names
    for name in (
        "man/man1/jobreport.1.gz",
        "man/man1/jobreport-app-secret-add.1.gz",
        "bash-completion/completions/jobreport",
        "zsh/vendor-completions/_jobreport",
        "fish/vendor_completions.d/jobreport.fish",
    ):
        assert f"./usr/share/{name}\n" in names
    # No program of a library comes along.
    programs = set(re.findall(r"\./opt/jobreport/bin/(\S+)", names))
    assert {name for name in programs if not name.startswith("python")} == {"jobreport"}
