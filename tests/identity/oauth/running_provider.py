"""A real OpenID provider for the tests, as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import httpx
from stub_issuer import WELL_KNOWN

from serving import PATIENCE, until


class Provider:
    """A real OpenID provider, in a process of its own."""

    def __init__(self, folder: Path, clients: dict[str, Any], **settings: Any) -> None:
        self.folder = folder
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {"keys": str(folder / "keys.json"), "clients": clients, **settings}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, with the keys that it had."""
        (self.folder / "settings.json").write_text(json.dumps(self._settings))
        words = [sys.executable, Path(__file__).with_name("provider.py"), str(self.port), self.folder / "settings.json"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        until(lambda: b"listening" in (self.folder / "log").read_bytes() or self.process.poll() is not None)
        assert self.process.poll() is None, (self.folder / "log").read_text()

    def stop(self) -> None:
        """Stops it."""
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def forget_its_keys(self) -> None:
        """Makes new keys at its next start."""
        Path(self._settings["keys"]).unlink()

    def token(self, client: str) -> str:
        """An access token, by client credentials, from the endpoint that discovery names."""
        found = httpx.get(self.url + WELL_KNOWN, trust_env=False).json()
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": f"secret of {client}"}
        answer = httpx.post(found["token_endpoint"], data=form, trust_env=False)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token


@contextmanager
def provider(folder: Path, clients: dict[str, dict[str, Any]], **settings: Any) -> Iterator[Provider]:
    """A provider with these clients: what the tokens of each claim."""
    known = {name: {"secret": f"secret of {name}", "claims": claims} for name, claims in clients.items()}
    folder.mkdir(parents=True, exist_ok=True)
    found = Provider(folder, known, **settings)
    found.start()
    try:
        yield found
    finally:
        found.stop()
