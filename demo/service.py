"""Runs a service with a registered app on a free port of loopback, and stops it at the end."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).parent / "jobreport"
SECONDS_TO_STOP = 15


@dataclass(frozen=True)
class Service:
    """A running service, and the app that may ask it. The secret lies in a file that its owner alone can read."""

    process: subprocess.Popen[str]
    url: str
    client_id: str
    secret_file: Path
    store: str

    def add_operator(self, name: str) -> None:
        """Adds a person who may see everything in the monitor."""
        self.command("operator", "add", name, "--all-tenants", "--role", "admin", "--generate")

    def link(self, name: str, minutes: int) -> str:
        """Makes an address that signs this person in once."""
        return str(self.command("operator", "link", name, "--minutes", f"{minutes}", "--url", self.url)["address"])

    def command(self, *words: str) -> dict[str, Any]:
        """Runs a command of the program on the store of the service, and returns what it prints as JSON."""
        return _printed(*words, "--store", self.store)

    @property
    def environment(self) -> dict[str, str]:
        """What `jobreport run` finds its server by."""
        return {
            "JOBREPORT_URL": self.url,
            "JOBREPORT_CLIENT_ID": self.client_id,
            "JOBREPORT_CLIENT_SECRET_FILE": str(self.secret_file),
        }

    def wait(self) -> None:
        """Returns when the service ends."""
        self.process.wait()


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """Starts the service and registers an app."""
    store = f"sqlite:///{folder / 'jobs.db'}"
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--store", store],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # Ctrl-C is for the demonstration; it stops the service itself, last.
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if "listening on " not in line:
                raise SystemExit(f"the server did not start: {(folder / 'server.log').read_text()}")
            yield _register(process, line.split("listening on ")[1].strip(), store, folder)
        finally:
            process.terminate()
            process.wait(SECONDS_TO_STOP)


def _register(process: subprocess.Popen[str], url: str, store: str, folder: Path) -> Service:
    app = _printed("app", "create", "--name", "demonstration", "--store", store)
    secret_file = folder / "client-secret"
    with os.fdopen(os.open(secret_file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(app["clientSecret"])
    return Service(process, url, app["clientId"], secret_file, store)


def _printed(*words: str) -> dict[str, Any]:
    """Returns what a command prints as JSON."""
    done = subprocess.run([PROGRAM, *words, "--json"], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
