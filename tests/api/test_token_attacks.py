"""Tokens that are forged, foreign or changed: each is 401, and never 500."""

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from made_tokens import Claims, header_of, part, send, sign, signed

from serving import App, Server, serve


def test_token_signed_with_the_servers_key_is_good(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    assert send(idle.server, sign(jwk, claims)).status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "RS256", "HS256"])
def test_token_without_a_signature_is_refused(idle: App, jwk: dict[str, Any], claims: Claims, algorithm: str) -> None:
    header = part({"alg": algorithm, "typ": "at+jwt", "kid": jwk["kid"]})
    for end in (".", "", ".AA"):
        assert send(idle.server, f"{header}.{part(claims)}{end}").status_code == 401


def test_hs256_signed_with_the_public_key_is_refused(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    key = RSAKey.import_key(jwk)
    published = idle.server.http.get("/.well-known/jwks.json").json()["keys"][0]
    secrets = [
        key.as_pem(private=False),
        key.as_pem(private=False).strip(),
        key.as_der(private=False),
        json.dumps(published).encode(),
        json.dumps(published, separators=(",", ":")).encode(),
        published["n"].encode(),
    ]
    for secret in secrets:
        for header in ({"alg": "HS256", "kid": jwk["kid"]}, {"alg": "HS256"}):
            signed = f"{part(header)}.{part(claims)}"
            mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
            assert send(idle.server, f"{signed}.{part(mac)}").status_code == 401


def test_other_algorithms_of_the_same_key_are_refused(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    key = RSAKey.import_key({name: value for name, value in jwk.items() if name not in ("alg", "use")})
    for algorithm in ("RS384", "RS512", "PS256"):
        token = jwt.encode({"alg": algorithm, "kid": jwk["kid"]}, claims, key, algorithms=[algorithm])
        assert send(idle.server, token).status_code == 401


def test_foreign_key_is_refused_under_any_header(
    idle: App, jwk: dict[str, Any], claims: Claims, foreign: RSAKey
) -> None:
    public = foreign.as_dict(private=False)
    headers: list[dict[str, Any]] = [
        {},
        {"kid": jwk["kid"]},
        {"kid": "unknown"},
        {"kid": jwk["kid"], "jwk": public},
        {"jwk": public},
        {"jku": "http://127.0.0.1:9/keys.json"},
        {"x5u": "http://127.0.0.1:9/cert.pem"},
        {"kid": "../../../../dev/null"},
        {"kid": "' or 1=1 --"},
        {"kid": "x' union select jwk from signing_key --"},
        {"kid": ""},
    ]
    for header in headers:
        signed = f"{part({'alg': 'RS256', 'typ': 'at+jwt', **header})}.{part(claims)}"
        forged = sign(foreign, claims)
        key = foreign.private_key
        mac = key.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        assert send(idle.server, f"{signed}.{part(mac)}").status_code == 401, header
        assert send(idle.server, forged).status_code == 401


def test_symmetric_key_in_the_header_is_refused(idle: App, claims: Claims) -> None:
    key = OctKey.generate_key(256)
    token = jwt.encode({"alg": "HS256", "jwk": key.as_dict()}, claims, key, algorithms=["HS256"])
    assert send(idle.server, token).status_code == 401


def test_good_token_with_anything_changed_is_refused(idle: App, claims: Claims) -> None:
    head, body, signature = idle.token.split(".")
    other = part({**claims, "scope": "PlatformBackup.Read.All"})
    flipped = signature[:-6] + ("A" if signature[-6] != "A" else "B") + signature[-5:]
    for token in (f"{head}.{other}.{signature}", f"{head}.{body}.{flipped}", f"{head}.{body}.", f"{head}.{body}"):
        assert send(idle.server, token).status_code == 401


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("elsewhere")) as running:
        yield running


def test_token_of_another_server_is_refused(idle: App, elsewhere: Server) -> None:
    assert send(idle.server, elsewhere.app("idle").token).status_code == 401


@pytest.mark.parametrize(
    ("twice", "value"),
    [("alg", "none"), ("alg", "HS256"), ("kid", "other"), ("typ", "JWT")],
)
def test_member_twice_in_the_header_does_not_choose_another_key_or_algorithm(
    idle: App, jwk: dict[str, Any], claims: Claims, foreign: RSAKey, twice: str, value: str
) -> None:
    """RFC 7515 §4: refused, or the last one counts. A forged one never gets in, whichever is read."""
    honest = header_of(jwk).decode()
    for text in (honest[:-1] + f', "{twice}": "{value}"}}', f'{{"{twice}": "{value}", ' + honest[1:]):
        head = f"{part(text.encode())}.{part(claims)}"
        forged = foreign.private_key.sign(head.encode(), padding.PKCS1v15(), SHA256())
        assert send(idle.server, f"{head}.{part(forged)}").status_code == 401
        assert send(idle.server, f"{head}.").status_code == 401


def test_addresses_in_a_header_are_never_fetched(
    idle: App, jwk: dict[str, Any], claims: Claims, foreign: RSAKey
) -> None:
    """`jku`, `x5u` and the like name a server of ours, which gets no connection: by a foreign key, and by our own."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/keys"
        for name in ("jku", "x5u", "iss", "jwks_uri", "kid"):
            head = header_of(jwk, **{name: url})
            forged = f"{part(head)}.{part(claims)}"
            mac = foreign.private_key.sign(forged.encode(), padding.PKCS1v15(), SHA256())
            assert send(idle.server, f"{forged}.{part(mac)}").status_code == 401
            send(idle.server, signed(jwk, head, json.dumps(claims).encode()))
        assert send(idle.server, sign(jwk, {**claims, "iss": url})).status_code == 401
        trap.settimeout(1)
        with pytest.raises(TimeoutError):
            trap.accept()
