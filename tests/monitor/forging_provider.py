"""A company's OpenID provider that a test controls: it does what a good one does, and lies where the test says so."""

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import RSAKey

from certificates import Lenient

WELL_KNOWN = "/.well-known/openid-configuration"
CLIENT, SECRET = "jobreport", "s%cret of +jobreport"


@cache
def its_key() -> RSAKey:
    """The key of a good one, made when it is needed first: each process of the tests reads this file."""
    return RSAKey.generate_key(2048, {"kid": "one"})


class ForgingProvider:
    """Signs in whoever comes, without asking, as `claims` say. Everything that it sends can be another.

    `claims`: of each ID token; None leaves one out. `header`: of each ID token. `answers`: parameters of the answer to
    the browser. `documents`: what lies at a path instead, a JSON value or bytes. `token`: makes the ID token of
    a nonce. `status`: of the token endpoint. `delay`: seconds before each answer that is no page. `skew`: of its clock,
    in seconds. `tls`: the files of its certificate and key, if it speaks HTTPS.
    """

    def __init__(self, *tls: Path) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._post(self)

            def log_message(self, *_words: Any) -> None:
                """Nothing: nobody reads it."""

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            secure.load_cert_chain(*tls)
            self._httpd.socket = secure.wrap_socket(self._httpd.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._httpd.server_address[1]}"
        threading.Thread(target=self._httpd.serve_forever, args=[0.01], daemon=True).start()
        self.reset()

    def reset(self) -> None:
        """Makes it a good one again."""
        self.key = its_key()
        self.metadata: dict[str, Any] = {}
        self.claims: dict[str, Any] = {"sub": "a1", "preferred_username": "petra", "groups": ["backup-team"]}
        self.header: dict[str, Any] = {}
        self.answers: dict[str, str | None] = {}
        self.documents: dict[str, Any] = {}
        self.token: Callable[[str], str] = self.id_token
        self.status, self.delay, self.skew = 200, 0.0, 0
        self.asked: list[str] = []
        self.request: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def id_token(self, nonce: str) -> str:
        """An ID token, as its claims and its header say."""
        now = int(time.time()) + self.skew
        good = {"iss": self.url, "aud": CLIENT, "nonce": nonce, "iat": now, "exp": now + 300, "auth_time": now}
        claims = {name: value for name, value in {**good, **self.claims}.items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid, **self.header}
        kept = {name: value for name, value in header.items() if value is not None}
        # By JSON's own escapes, so that a claim may have half a character.
        return jws.serialize_compact(kept, json.dumps(claims).encode(), self.key, ["RS256"], Lenient(["RS256"]))

    def close(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()

    def _get(self, http: BaseHTTPRequestHandler) -> None:
        path, query = urlsplit(http.path).path, dict(parse_qsl(urlsplit(http.path).query))
        self.asked.append(path)
        if path == "/authorize":
            self.request, code = query, secrets.token_urlsafe(8)
            self._codes[code] = query
            answers = {"code": code, "state": query["state"], "iss": self.url, **self.answers}
            back = urlencode({name: value for name, value in answers.items() if value is not None})
            self._redirect(http, f"{query['redirect_uri']}?{back}")
            return
        if path == "/sign-out":
            self.request = query
            self._redirect(http, f"{query['post_logout_redirect_uri']}?{urlencode({'state': query['state']})}")
            return
        time.sleep(self.delay)
        found = self.documents.get(path, self._documents().get(path))
        self._answer(http, 200 if found is not None else 404, found)

    def _post(self, http: BaseHTTPRequestHandler) -> None:
        form = dict(parse_qsl(http.rfile.read(int(http.headers["Content-Length"])).decode()))
        self.asked.append(http.path)
        self.forms.append(form)
        time.sleep(self.delay)
        begun = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if "/token" in self.documents:
            self._answer(http, self.status, self.documents["/token"])
        elif not self._is_client(http, form):
            self._answer(http, 401, {"error": "invalid_client"})
        elif (
            begun is None
            or challenge.rstrip(b"=").decode() != begun["code_challenge"]
            or form["redirect_uri"] != begun["redirect_uri"]
        ):
            self._answer(http, 400, {"error": "invalid_grant"})
        else:
            token = self.token(begun["nonce"])
            self._answer(http, self.status, {"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _is_client(self, http: BaseHTTPRequestHandler, form: dict[str, str]) -> bool:
        kind, _, given = http.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            name, _, secret = base64.b64decode(given).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)

    def _documents(self) -> dict[str, Any]:
        known = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "end_session_endpoint": f"{self.url}/sign-out",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }
        return {WELL_KNOWN: known, "/keys": {"keys": [self.key.as_dict(private=False)]}}

    def _redirect(self, http: BaseHTTPRequestHandler, address: str) -> None:
        http.send_response(302)
        http.send_header("Location", address)
        http.end_headers()

    def _answer(self, http: BaseHTTPRequestHandler, status: int, found: Any) -> None:
        http.send_response(status)
        if isinstance(found, str):
            http.send_header("Location", found)
        http.end_headers()
        http.wfile.write(found if isinstance(found, bytes) else json.dumps(found).encode())
