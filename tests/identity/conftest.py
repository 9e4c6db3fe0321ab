"""Outside issuers for the tests: one that says whatever a test wants, and a real one as a process of its own."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from serving import PATIENCE, until

WELL_KNOWN = "/.well-known/openid-configuration"


class Said:
    """An issuer that a test speaks for: its documents are whatever the test puts there, and it counts who asks."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        self.status, self.delay = 200, 0.0
        said = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                said.asked.append(self.path)
                time.sleep(said.delay)
                found = said.documents.get(self.path)
                self.send_response(said.status if found is not None else 404)
                if isinstance(found, str):
                    self.send_header("Location", found)
                self.end_headers()
                self.wfile.write(found if isinstance(found, bytes) else json.dumps(found).encode())

            def log_message(self, *_words: Any) -> None:
                """Nothing: nobody reads it."""

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._httpd.server_address[1]}"
        threading.Thread(target=self._httpd.serve_forever, daemon=True).start()
        self.key: Key = RSAKey.generate_key(2048, {"kid": "one"})
        self.publish(self.key)

    def publish(self, *keys: Key | dict[str, Any], **more: Any) -> None:
        """Says who it is, and that these are its keys."""
        public = [key if isinstance(key, dict) else key.as_dict(private=False) for key in keys]
        self.documents[WELL_KNOWN] = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **more}
        self.documents["/keys"] = {"keys": public}

    def sign(self, claims: dict[str, Any], key: Key | None = None, **header: Any) -> str:
        """The claims as its token, signed with its key or another."""
        key = key or self.key
        algorithm = header.pop("alg", "ES256" if isinstance(key, ECKey) else "RS256")
        head = {"alg": algorithm, "kid": key.kid, **header}
        return jwt.encode(
            {name: value for name, value in head.items() if value is not None}, claims, key, algorithms=[algorithm]
        )

    def close(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()


@pytest.fixture
def said() -> Iterator[Said]:
    issuer = Said()
    yield issuer
    issuer.close()


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
