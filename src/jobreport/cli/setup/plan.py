"""Decides what `jobreport setup` makes: which files with which text, in which order. Touches nothing."""

import shlex
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Final

import msgspec

from jobreport import settings
from jobreport.cli.setup import places

_SECRETS: Final = {
    "restic": ("RESTIC_PASSWORD_FILE", "/root/restic-password"),
    "borg": ("BORG_PASSCOMMAND", "'cat /root/borg-passphrase'"),
}
"""The tools that ask a person for a password where nothing else names one."""
_SAYS_PASSWORD: Final = ("-p", "--password", "--insecure-no-password")
_UNIT_PROGRAM: Final = "/opt/jobreport/bin/jobreport"
"""Where the units that come with the program expect it."""


class File(msgspec.Struct, frozen=True):
    """A file to write. `mode` are its permissions."""

    path: Path
    text: str
    purpose: str
    mode: int = 0o644


class Backup(msgspec.Struct, frozen=True):
    """A backup to run every day: its plan, its time (HH:MM, this machine's zone), its command."""

    plan: str
    at: str
    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its unit or cron file."""
        return f"jobreport-backup-{self.plan}"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, and what this machine has.

    `program` is the absolute path of `jobreport`. `packaged` are the units that a package has installed. Without
    `public_url`, the service is for this machine alone.
    """

    program: Path
    systemd: bool
    packaged: frozenset[str] = frozenset()
    port: int | None = None
    public_url: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxy: str | None = None
    backup: Backup | None = None


def server_settings(choice: Choice) -> dict[str, str]:
    """Returns what must stand in the service's settings, by the variables' names."""
    values = {settings.STORE: places.STORE}
    if choice.port is not None:
        values[settings.PORT] = str(choice.port)
    if choice.public_url:
        values[settings.PUBLIC_URL] = choice.public_url
    if choice.trusted_proxy:
        values[settings.TRUSTED_PROXY] = choice.trusted_proxy
    elif choice.public_url:
        values[settings.HOST] = "0.0.0.0"  # noqa: S104 - others are to report here
    if choice.tls_cert and choice.tls_key and not choice.systemd:
        values |= {settings.TLS_CERT: str(choice.tls_cert), settings.TLS_KEY: str(choice.tls_key)}
    return values


def service_files(choice: Choice) -> list[File]:
    """Returns the units of the service and of late reports; without systemd, the cron file of late reports."""
    if not choice.systemd:
        line = _cron_line("*/5 * * * *", f"{shlex.quote(str(choice.program))} flush >/dev/null")
        return [File(places.CRON / "jobreport-flush", line, "delivers late reports every five minutes")]
    purposes = {
        places.UNIT: "the service",
        places.FLUSH[0]: "delivers late reports",
        places.FLUSH[1]: "does so every five minutes",
    }
    files = [
        File(places.UNITS / name, unit(name, choice.program), purpose)
        for name, purpose in purposes.items()
        if name not in choice.packaged
    ]
    if choice.tls_cert and choice.tls_key:
        text = (
            "# The service's user cannot read root's keys, so systemd hands them over at each start.\n"
            "[Service]\n"
            f"LoadCredential=tls.pem:{choice.tls_cert}\nLoadCredential=tls.key:{choice.tls_key}\n"
            f"Environment={settings.TLS_CERT}=%d/tls.pem\nEnvironment={settings.TLS_KEY}=%d/tls.key\n"
        )
        path = places.UNITS / f"{places.UNIT}.d" / "tls.conf"
        files.append(File(path, text, "hands the certificate over to the service"))
    return files


def backup_files(choice: Choice) -> list[File]:
    """Returns the unit and the timer of the backup, or its cron file; nothing if no backup was asked for."""
    backup = choice.backup
    if backup is None:
        return []
    words = (str(choice.program), "run", "--plan", backup.plan, "--", *backup.command)
    if not choice.systemd:
        hour, minute = backup.at.split(":")
        line = _cron_line(f"{int(minute)} {int(hour)} * * *", shlex.join(words))
        return [File(places.CRON / backup.name, line, f"runs the backup every day at {backup.at}")]
    service = (
        f"[Unit]\nDescription=Backup {backup.plan}, reported to Jobreport\n"
        "Wants=network-online.target\nAfter=network-online.target\n\n"
        "[Service]\nType=oneshot\n"
        "# What the backup itself needs, such as RESTIC_PASSWORD_FILE, may stand there too.\n"
        f"EnvironmentFile={places.RUNNER_ENV}\n"
        "# Tools keep settings and a cache in the home folder, which systemd names to no service.\n"
        "Environment=HOME=%h\n"
        f"ExecStart={' '.join(_systemd_word(word) for word in words)}\n"
        "# SIGTERM goes to jobreport alone, which hands it on, so that the job ends as Stopped.\n"
        "KillMode=mixed\nTimeoutStopSec=5min\n"
    )
    timer = (
        f"[Unit]\nDescription=Backup {backup.plan}, every day\n\n"
        f"[Timer]\nOnCalendar=*-*-* {backup.at}:00\n# A run that was missed because the machine was off is made up.\n"
        "Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
    return [
        File(places.UNITS / f"{backup.name}.service", service, "runs the backup and reports it"),
        File(places.UNITS / f"{backup.name}.timer", timer, f"does so every day at {backup.at}"),
    ]


def loopback(port: str) -> tuple[str, str]:
    """Returns the addresses under which a service without TLS is reached on its own machine."""
    return f"http://127.0.0.1:{port}", f"http://localhost:{port}"


def secret_setting(command: tuple[str, ...], runner: Mapping[str, str]) -> str:
    """Returns an example of the setting by which the command finds the password of its repository, which no timer
    could type; empty if neither the command nor the settings of the runner lack one, or if the tool needs none.
    """
    name, example = _SECRETS.get(PurePath(command[0]).name, ("", ""))
    kind = name.partition("_PASS")[0] + "_PASS"
    told = any(word.startswith(_SAYS_PASSWORD) for word in command) or any(one.startswith(kind) for one in runner)
    return "" if not name or told else f"{name}={example}"


def runner_settings(url: str, client_id: str) -> File:
    """Returns the file that tells the backups of this machine where to report. It holds no secret."""
    text = (
        "# Where the backups of this machine report. It holds no secret: every user may read it.\n"
        f"{settings.URL}={url}\n{settings.CLIENT_ID}={client_id}\n"
        f"{settings.CLIENT_SECRET}_FILE={places.CLIENT_SECRET}\n{settings.SPOOL}={places.SPOOL}\n"
    )
    return File(places.RUNNER_ENV, text, "where the backups of this machine report")


def unit(name: str, program: Path) -> str:
    """Returns the text of a unit that comes with this program, for a program in the place `program`."""
    text = (files("jobreport.cli.setup") / "units" / name).read_text(encoding="utf-8")
    return text.replace(_UNIT_PROGRAM, str(program).replace("%", "%%"))


def _cron_line(when: str, command: str) -> str:
    # To cron, % is the end of a line.
    script = f"set -a; . {places.RUNNER_ENV}; set +a; {command}".replace("%", "\\%")
    return f"# What it says on standard error, cron mails to root.\n{when}  root  {script}\n"


def _systemd_word(word: str) -> str:
    """Returns a word as systemd reads it on a command line: see "Command lines" in systemd.service(5)."""
    plain = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")
    if word and not set(word) & set(" \t\n\"';\\"):
        return plain
    return '"' + plain.replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
