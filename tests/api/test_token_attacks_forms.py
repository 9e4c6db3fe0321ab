"""Tokens that are none, are spelt otherwise, or are sent where none belongs: each is 401, and never 500."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwe
from joserfc.jwk import RSAKey
from made_tokens import Claims, header_of, part, send, signed

from serving import REPORT, App, Server

MALFORMED = {
    "dots": "...",
    "one dot": ".",
    "spaces inside": "a b c",
    "header is an array": f"{part([])}.{part({})}.AA",
    "header is a text": f"{part('x')}.{part({})}.AA",
    "header is null": f"{part(None)}.{part({})}.AA",
    "header is no JSON": f"{part(b'{')}.{part({})}.AA",
    "header is not UTF-8": f"{part(bytes([255]))}.{part({})}.AA",
    "header nests without end": f"{part(b'[' * 5000)}.{part({})}.AA",
    "header nests without end in a field": part(b'{"alg":"RS256","x":' + b"[" * 5000) + ".e30.AA",
    "algorithm is an array": f"{part({'alg': ['RS256']})}.{part({})}.AA",
    "algorithm is a number": f"{part({'alg': 1})}.{part({})}.AA",
    "key ID is an array": f"{part({'alg': 'RS256', 'kid': ['x']})}.{part({})}.AA",
    "key ID is an object": f"{part({'alg': 'RS256', 'kid': {}})}.{part({})}.AA",
    "critical extension": f"{part({'alg': 'RS256', 'crit': ['x'], 'x': 1})}.{part({})}.AA",
    "critical that is a number": f"{part({'alg': 'RS256', 'crit': 1})}.{part({})}.AA",
    "not base 64": "*.*.*",
    "five parts": f"{part({'alg': 'dir', 'enc': 'A128GCM'})}....",
    "long": "a" * 8193,
    "a mebibyte": "a." * (512 * 1024),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_token_that_is_none_is_refused(idle: App, what: str) -> None:
    answer = send(idle.server, MALFORMED[what])
    # What is larger than any header may be never gets as far as the token.
    assert answer.status_code == (431 if what == "a mebibyte" else 401), answer.text
    assert MALFORMED[what][:200] not in answer.text or len(MALFORMED[what]) < 20


@pytest.mark.parametrize("header", ["bearer {}", "BEARER {}", "Bearer  {}"])
def test_scheme_is_read_without_regard_to_case(idle: App, header: str) -> None:
    value = header.format(idle.token)
    assert idle.server.http.post(REPORT, json={}, headers={"Authorization": value}).status_code == 200


@pytest.mark.parametrize("header", ["{}", "Bearer", "Basic {}", "Token {}", "Bearer:{}", "Bearer {},x", "é"])
def test_other_schemes_are_refused(idle: App, header: str) -> None:
    value = header.format(idle.token).encode("latin-1")
    assert idle.server.http.post(REPORT, json={}, headers={b"Authorization": value}).status_code == 401


def test_token_in_the_query_the_body_or_a_cookie_is_none(idle: App) -> None:
    http, token = idle.server.http, idle.token
    answers = [
        http.post(f"{REPORT}?access_token={token}", json={}),
        http.post(REPORT, data={"access_token": token}),
        http.post(REPORT, json={"access_token": token}),
        http.post(REPORT, json={}, headers={"Cookie": f"access_token={token}"}),
        http.post(REPORT, json={}, headers={"X-Access-Token": token}),
        http.post(REPORT, json={}, headers={"Proxy-Authorization": f"Bearer {token}"}),
    ]
    assert [answer.status_code for answer in answers] == [401] * len(answers)


def test_bytes_under_the_servers_signature_are_good(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    assert send(idle.server, signed(jwk, header_of(jwk), json.dumps(claims).encode())).status_code == 200


CRITICAL: dict[str, dict[str, Any]] = {
    "b64 is false": {"b64": False, "crit": ["b64"]},
    "b64 is false and not said to be critical": {"b64": False},
    "critical and unknown": {"crit": ["exp"], "exp": 1},
    "critical and registered": {"crit": ["alg"]},
    "critical and empty": {"crit": []},
    "critical and absent": {"crit": ["gone"]},
}


@pytest.mark.parametrize("what", CRITICAL)
def test_header_that_changes_how_a_token_is_read_is_refused(
    idle: App, jwk: dict[str, Any], claims: Claims, what: str
) -> None:
    head, payload = header_of(jwk, **CRITICAL[what]), json.dumps(claims).encode()
    assert send(idle.server, signed(jwk, head, payload)).status_code == 401
    # RFC 7797: the payload as it is, and not in base 64.
    raw = f"{part(head)}.".encode() + payload
    signature = RSAKey.import_key(jwk).private_key.sign(raw, padding.PKCS1v15(), SHA256())
    answer = idle.server.http.post(
        REPORT, json={}, headers={b"Authorization": b"Bearer " + raw + b"." + part(signature).encode()}
    )
    assert answer.status_code == 401


def test_token_in_a_token_is_none(idle: App, jwk: dict[str, Any]) -> None:
    for kind in ("JWT", "at+jwt"):
        nested = signed(jwk, header_of(jwk, cty="JWT", typ=kind), idle.token.encode())
        assert send(idle.server, nested).status_code == 401
        quoted = signed(jwk, header_of(jwk, cty="JWT", typ=kind), json.dumps(idle.token).encode())
        assert send(idle.server, quoted).status_code == 401


def test_encrypted_token_is_none(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    """Anybody can encrypt to the published key; it proves nothing of who did."""
    published = {name: value for name, value in jwk.items() if name in ("kty", "n", "e", "kid")}
    for inside in (json.dumps(claims), idle.token):
        protected = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": jwk["kid"], "typ": "at+jwt"}
        token = jwe.encrypt_compact(
            protected, inside, RSAKey.import_key(published), algorithms=["RSA-OAEP-256", "A256GCM"]
        )
        assert send(idle.server, token).status_code == 401


def test_token_as_json_is_none(idle: App) -> None:
    """RFC 7515 §7.2: a serialisation of other uses."""
    head, body, signature = idle.token.split(".")
    for form in (
        {"protected": head, "payload": body, "signature": signature},
        {"payload": body, "signatures": [{"protected": head, "signature": signature}]},
    ):
        assert send(idle.server, json.dumps(form)).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        "{}.",
        "{}.x",
        ".{}",
        "{}=",
        "{}==",
        "{} x",
        "{},",
        '"{}"',
        "{}%20",
        "{}\xa0",
        "Bearer {}",
        "{0} {0}",
        "{0}.{0}",
    ],
)
def test_anything_around_a_token_spoils_it(idle: App, change: str) -> None:
    value = f"Bearer {change.format(idle.token)}".encode("latin-1")
    answer = idle.server.http.post(REPORT, json={}, headers={b"Authorization": value})
    assert answer.status_code == 401


def test_base_64_of_another_spelling_is_refused(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    """Each token has one spelling: otherwise a list of those that were revoked or used would miss the others."""
    head, body, signature = idle.token.split(".")
    last = signature[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 256 bytes are 341⅓ groups: the last character has unused bits.
    other = alphabet[alphabet.index(last) ^ 1]
    for token in (
        f"{head}.{body}.{signature[:-1]}{other}",
        f"{head}.{body}.{signature}==",
        f"{head}.{body[:10]}\n{body[10:]}.{signature}".replace("\n", " "),
        f"{head}.{body}.{signature}".replace("-", "+").replace("_", "/"),
    ):
        if token != idle.token:
            assert send(idle.server, token).status_code == 401


def test_server_survived_it_all_without_a_fault(server: Server) -> None:
    assert server.http.get("/readyz").status_code == 200
    assert "unforeseen" not in server.log
    assert (Path(server.store.removeprefix("sqlite:///"))).exists()
