"""Carries out what `plan` decided: writes files, starts the service, registers the app of this machine.

Nothing that is there is overwritten unless it was asked for; then the old file is kept beside the new one.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
import msgspec

from jobreport import atomic_file, settings
from jobreport.cli.actor import actor
from jobreport.cli.options.store import open_at
from jobreport.cli.setup import env_file, places, plan
from jobreport.cli.setup.plan import Choice, File
from jobreport.runner.spool import Spool

_PORT: Final = 8080


class Step(msgspec.Struct, frozen=True):
    """One thing of the setup, and what became of it: `made`, `changed`, `kept` (it was there), or `done`."""

    what: str
    result: str
    purpose: str


class Setup:
    """One setup, or with `dry` the rehearsal of one. `told` gets each step when it is done."""

    def __init__(self, choice: Choice, *, dry: bool, force: bool, told: Callable[[Step], None]) -> None:
        self._choice, self._dry, self._force, self._told = choice, dry, force, told
        self.client_id = ""
        self.moved = False
        """Whether this machine reported to another address of the service before, and reports for that still wait."""
        self._before = settings.environment_file(_read(places.SERVER_ENV) or "")
        self._settings = {**self._before, **plan.server_settings(choice)}
        self._changed = False

    def run(self) -> None:
        """Does all of it. Raises ClickException if something is in the way; nothing is changed then."""
        wanted = plan.server_settings(self._choice)
        server = File(places.SERVER_ENV, "", "settings of the service", 0o640)
        units, backup = plan.service_files(self._choice), plan.backup_files(self._choice)
        current = _read(server.path)
        if not self._force:
            _refuse_to_overwrite([*units, *backup], server.path, current, wanted)
        self._write(
            env_file.with_settings(File(server.path, current or "", server.purpose, server.mode), wanted), current
        )
        for file in units:
            self._write(file, _read(file.path))
        self._start()
        self._app()
        for file in backup:
            self._write(file, _read(file.path))
        self._timers()

    @property
    def port(self) -> int:
        """The port that the service listens on."""
        port = self._settings.get(settings.PORT, "")
        return int(port) if port.isdecimal() else _PORT

    @property
    def url(self) -> str:
        """The address under which the service is asked."""
        return self._settings.get(settings.PUBLIC_URL) or f"http://127.0.0.1:{self.port}"

    @property
    def secret_setting(self) -> str:
        """The setting that the backup still lacks, see `plan.secret_setting`; empty if there is none."""
        backup, runner = self._choice.backup, settings.environment_file(_read(places.RUNNER_ENV) or "")
        return plan.secret_setting(backup.command, runner) if backup else ""

    def _write(self, file: File, found: str | None) -> None:
        if found == file.text:
            self._told(Step(str(file.path), "kept", file.purpose))
            return
        if not self._dry:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            if found is not None:
                shutil.copy2(file.path, file.path.with_name(f"{file.path.name}.old"))
            _put(file)
        self._changed = True
        self._told(Step(str(file.path), "made" if found is None else "changed", file.purpose))

    def _start(self) -> None:
        """Starts the service with these settings, and waits until it answers. Without systemd, makes its user."""
        if not self._choice.systemd:
            self._user()
            return
        self._call("systemctl", "daemon-reload", purpose="systemd reads the units")
        self._call("systemctl", "enable", "--quiet", places.UNIT, purpose="the service starts with the machine")
        words = ("systemctl", "restart" if self._changed else "start", places.UNIT)
        # It returns when the service listens (Type=notify).
        if not self._dry and _run(*words).returncode:
            last = _run("journalctl", "--unit", places.UNIT, "--lines=20", "--output=cat", "--no-pager").stdout
            raise click.ClickException(f"the service does not start. The end of its log:\n{last.strip()}")
        self._told(Step(" ".join(words), "done", "the service runs"))

    def _user(self) -> None:
        if not _known_user():
            words = ("--system", "--user-group", "--no-create-home", "--home-dir", str(places.DATA))
            shell = ("--shell", "/usr/sbin/nologin")
            self._call("useradd", *words, *shell, places.USER, purpose="the user of the service")
        if not self._dry:
            places.DATA.mkdir(mode=0o700, exist_ok=True)
            shutil.chown(places.DATA, places.USER, places.USER)

    def _app(self) -> None:
        """Registers the app of this machine and keeps its secret, unless there is one already."""
        text = _read(places.RUNNER_ENV) or ""
        current = settings.environment_file(text)
        if current.get(settings.CLIENT_ID):
            self.client_id = current[settings.CLIENT_ID]
            self._address(text, current.get(settings.URL, "").rstrip("/"))
            return
        name = f"runner on {socket.gethostname()}"
        if not self._dry:
            self.client_id, secret = self._register(name)
            _put(File(places.CLIENT_SECRET, f"{secret}\n", "", 0o600))
            places.SPOOL.mkdir(mode=0o700, exist_ok=True)
        self._told(Step(f'app "{name}"', "made", "what this machine signs in as"))
        self._told(Step(str(places.CLIENT_SECRET), "made", "its secret, for root alone"))
        self._write(plan.runner_settings(self.url, self.client_id), _read(places.RUNNER_ENV))

    def _address(self, text: str, there: str) -> None:
        """Lets the backups of this machine report to the service's new address where the old one is served no more. An
        address that never was this service's is somebody's choice, and stays.
        """
        found = File(places.RUNNER_ENV, text, "where the backups of this machine report")
        old = {self._before.get(settings.PUBLIC_URL, ""), *plan.loopback(self._before.get(settings.PORT, str(_PORT)))}
        proxied = bool(self._settings.get(settings.TRUSTED_PROXY))
        served = {self.url, *(plan.loopback(str(self.port)) if proxied else ())}
        if there in old - served:
            self.moved = Spool(places.SPOOL).waiting()
            self._write(env_file.with_settings(found, {settings.URL: self.url}), text)
        else:
            foreign = "" if there in served else f": {there}, which is not this service"
            self._told(Step(str(found.path), "kept", f"{found.purpose}{foreign}"))

    def _register(self, name: str) -> tuple[str, str]:
        from jobreport.identity.apps import registrations
        from jobreport.identity.apps.permissions import READ, REPORT

        url = settings.environment_file(_read(places.SERVER_ENV) or "")[settings.STORE]
        store = open_at(url, create=True, migrate=False)  # without systemd no service has made it
        issued = registrations.create(
            store, name=name, tenant="default", permissions=(REPORT, READ), years=1, by=actor()
        )
        if not self._choice.systemd:
            for file in places.DATA.iterdir():  # root has made them
                shutil.chown(file, places.USER, places.USER)
        return issued.app.client_id, issued.secret or ""

    def _timers(self) -> None:
        if not self._choice.systemd:
            return
        timers = [places.FLUSH[1]]
        if self._choice.backup:
            timers.append(f"{self._choice.backup.name}.timer")
        self._call("systemctl", "daemon-reload", purpose="systemd reads the units")
        self._call("systemctl", "enable", "--quiet", "--now", *timers, purpose="the timers run")

    def _call(self, *words: str, purpose: str) -> None:
        if not self._dry:
            done = _run(*words)
            if done.returncode:
                raise click.ClickException(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")
        self._told(Step(" ".join(words), "done", purpose))


def _refuse_to_overwrite(files: list[File], path: Path, found: str | None, wanted: dict[str, str]) -> None:
    there = [str(file.path) for file in files if _read(file.path) not in (None, file.text)]
    there += [f"{path} ({name}={value})" for name, value in env_file.different(found or "", wanted).items()]
    if there:
        raise click.ClickException(
            f"nothing was changed, since this is there and says something else: {', '.join(there)}. "
            "With --force it is replaced, and the old file kept beside it as NAME.old"
        )


def _read(path: Path) -> str | None:
    """Returns the text of the file; None if there is none, or if this user may not look."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, PermissionError):
        return None


def _put(file: File) -> None:
    with atomic_file.replacing(file.path) as (opened, partial):
        opened.write(file.text.encode())
        partial.chmod(file.mode)
        if file.path.exists():
            there = file.path.stat()
            os.chown(partial, there.st_uid, there.st_gid)


def _run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, check=False, text=True, capture_output=True)  # noqa: S603 - each word is ours


def _known_user() -> bool:
    import pwd

    try:
        pwd.getpwnam(places.USER)
    except KeyError:
        return False
    return True
