"""A company's own OpenID provider as a process: idpyoidc's server (another maker's, with another JOSE library).

`python provider.py PORT SETTINGS` serves on loopback. SETTINGS is a JSON file: the clients, what their tokens claim
beside what the provider claims of itself, and the file of its keys.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cryptojwt.key_jar import init_key_jar
from idpyoidc.server import Server
from idpyoidc.server.exception import UnAuthorizedClient
from idpyoidc.server.oauth2.token import Token
from idpyoidc.server.oidc.provider_config import ProviderConfiguration
from idpyoidc.server.token.jwt_token import JWTToken

port, settings = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
issuer = f"http://127.0.0.1:{port}{settings.get('path', '')}"


class Tokens(JWTToken):
    """Access tokens that say of each client what the settings say."""

    def load_custom_claims(self, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        found = dict(payload or {})
        # The library looks for its session there. Elsewhere that is a person's, and an app has none.
        session = found.pop("sid")
        _, client_id, *_ = self.upstream_get("context").session_manager.decrypt_branch_id(session)
        known = {"session": session, "sub": client_id, "client_id": client_id}
        return found | known | settings["clients"][client_id]["claims"]

    def get_payload(self, token: str) -> dict[str, Any]:
        found: dict[str, Any] = super().get_payload(token)
        return {**found, "sid": found["session"]}


def provider() -> Server:
    keys = init_key_jar(
        private_path=settings["keys"],
        key_defs=[{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}],
        issuer_id="",
        read_only=False,
    )
    keys.import_jwks(keys.export_jwks(private=True), issuer)
    of_tokens = {"class": "__main__.Tokens", "kwargs": {"alg": settings.get("algorithm", "RS256"), "lifetime": 600}}
    found = Server(
        {
            "issuer": issuer,
            "httpc_params": {},
            "endpoint": {
                "provider_config": {"path": ".well-known/openid-configuration", "class": ProviderConfiguration},
                "token": {"path": "token", "class": Token, "kwargs": {"client_authn_method": ["client_secret_post"]}},
            },
            "token_handler_args": {
                "jwks_def": {
                    # Else it leaves them in the folder that it is started in.
                    "private_path": f"{settings['keys']}.codes",
                    "key_defs": [{"type": "oct", "bytes": "24", "use": ["enc"], "kid": "code"}],
                },
                "token": of_tokens,
            },
            "keys": {"uri_path": "jwks.json"},
            "jwks_uri": f"{issuer}/jwks.json",
        },
        keyjar=keys,
    )
    found.context.cdb = {
        client_id: {
            "client_secret": client["secret"],
            "client_salt": "salt",
            "allowed_scopes": client.get("scopes", []),
            "grant_types_supported": ["client_credentials"],
            "token_usage_rules": {},
        }
        for client_id, client in settings["clients"].items()
    }
    return found


class Handler(BaseHTTPRequestHandler):
    """HTTP in front of the provider, which speaks none itself."""

    def do_GET(self) -> None:
        path = self.path.removeprefix(settings.get("path", ""))
        if path == "/.well-known/openid-configuration":
            endpoint = server.get_endpoint("provider_config")
            found = endpoint.process_request(endpoint.parse_request({}))["response_args"]
            self.answer(200, {**found, "jwks_uri": f"{issuer}/jwks.json"})
        elif path == "/jwks.json":
            self.answer(200, json.loads(server.keyjar.export_jwks_as_json(private=False, issuer_id="")))
        else:
            self.answer(404, {})

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        endpoint = server.get_endpoint("token")
        try:
            parsed = endpoint.parse_request(form, http_info={"headers": dict(self.headers)})
        except UnAuthorizedClient:
            self.answer(401, {"error": "invalid_client"})
            return
        # Of an app that comes a second time the library takes the wrong part of its session.
        server.context.session_manager.flush()
        found = parsed if "error" in parsed else endpoint.process_request(parsed)
        done = found if "error" in found else json.loads(endpoint.do_response(request=parsed, **found)["response"])
        self.answer(400 if "error" in done else 200, done.to_dict() if hasattr(done, "to_dict") else dict(done))

    def answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = provider()
httpd = ThreadingHTTPServer(("127.0.0.1", port), Handler)
print("listening", flush=True)
httpd.serve_forever()
