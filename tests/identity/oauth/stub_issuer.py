"""An external issuer that a test controls: its documents, its keys, and the tokens that it signs."""

import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from certificates import Lenient

WELL_KNOWN = "/.well-known/openid-configuration"


@cache
def _first_key() -> RSAKey:
    """The key that all begin with, made when it is needed first: each process of the tests reads this file."""
    return RSAKey.generate_key(2048, {"kid": "one"})


class StubIssuer:
    """An issuer that a test controls: its documents are whatever the test puts there, and it counts who asks."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        self.status, self.delay = 200, 0.0
        self.headers: dict[str, str] = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                time.sleep(issuer.delay)
                found = issuer.documents.get(self.path)
                self.send_response(issuer.status if found is not None else 404)
                if isinstance(found, str):
                    self.send_header("Location", found)
                for name, value in issuer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(found if isinstance(found, bytes) else json.dumps(found).encode())

            def log_message(self, *_words: Any) -> None:
                """Nothing: nobody reads it."""

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._httpd.server_address[1]}"
        threading.Thread(target=self._httpd.serve_forever, args=[0.01], daemon=True).start()
        self.key: Key = _first_key()
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
        kept = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(kept, claims, key, algorithms=[algorithm], registry=Lenient([algorithm]))

    def close(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()
