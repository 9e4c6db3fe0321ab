"""Tokens that are forged, foreign, out of date, or sent where none belongs: each is 401, and never 500."""

import base64
import hashlib
import hmac
import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwe, jwt
from joserfc.jwk import OctKey, RSAKey

from serving import REPORT, App, Server, serve

Claims = dict[str, Any]


def send(server: Server, token: str) -> httpx.Response:
    return server.http.post(REPORT, json={}, headers={"Authorization": f"Bearer {token}"})


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def jwk(server: Server) -> dict[str, Any]:
    """The server's own private key, out of its store, so that single claims can be wrong under a good signature."""
    with sqlite3.connect(server.store.removeprefix("sqlite:///")) as connection:
        (text,) = connection.execute("select jwk from signing_key").fetchone()
    connection.close()
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def claims(idle: App) -> Claims:
    """The claims of a token that is good."""
    found: Claims = json.loads(base64.urlsafe_b64decode(idle.token.split(".")[1] + "=="))
    return found


@pytest.fixture(scope="module")
def foreign() -> RSAKey:
    return RSAKey.generate_key(2048)


def sign(jwk: dict[str, Any] | RSAKey, claims: Claims, **header: Any) -> str:
    key = jwk if isinstance(jwk, RSAKey) else RSAKey.import_key(jwk)
    kid = {} if isinstance(jwk, RSAKey) else {"kid": jwk["kid"]}
    return jwt.encode({"alg": "RS256", "typ": "at+jwt", **kid, **header}, claims, key, algorithms=["RS256"])


def test_token_signed_with_the_servers_key_is_good(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    assert send(idle.server, sign(jwk, claims)).status_code == 200


def wrong(claims: Claims) -> dict[str, Claims]:
    now = int(time.time())
    without = {f"no {name}": {k: v for k, v in claims.items() if k != name} for name in ("iss", "aud", "exp", "nbf")}
    changed = {
        "other issuer": {"iss": "https://evil.example"},
        "issuer with a slash": {"iss": claims["iss"] + "/"},
        "other audience": {"aud": "https://evil.example"},
        "audience of nobody": {"aud": []},
        "expired": {"exp": now - 1, "iat": now - 3601, "nbf": now - 3601},
        "expired for ever": {"exp": 0},
        "negative expiry": {"exp": -1},
        "expiry that is a text": {"exp": "tomorrow"},
        "expiry that is no number": {"exp": [now + 100]},
        "not yet good": {"nbf": now + 600},
        "unknown client": {"client_id": "00000000-0000-4000-8000-000000000000"},
        "client that is no text": {"client_id": ["x"]},
        "no client": {"client_id": ""},
    }
    return without | {name: {**claims, **change} for name, change in changed.items()}


@pytest.mark.parametrize("what", wrong({"iss": "", "aud": "", "exp": 0, "nbf": 0}))
def test_claim_that_is_wrong_under_a_good_signature_is_refused(
    idle: App, jwk: dict[str, Any], claims: Claims, what: str
) -> None:
    assert send(idle.server, sign(jwk, wrong(claims)[what])).status_code == 401


def test_permissions_beyond_what_was_granted_count_for_nothing(
    server: Server, jwk: dict[str, Any], claims: Claims
) -> None:
    app = server.app("idle", "PlatformBackup.Jobs.Report")
    token = sign(jwk, {**claims, "client_id": app.client_id, "sub": app.client_id})
    assert send(server, token).status_code == 403


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


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("elsewhere")) as running:
        yield running


def test_token_of_another_server_is_refused(idle: App, elsewhere: Server) -> None:
    assert send(idle.server, elsewhere.app("idle").token).status_code == 401


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


def signed(jwk: dict[str, Any], header: bytes, payload: bytes) -> str:
    """A token of these very bytes under the server's own signature."""
    head = f"{part(header)}.{part(payload)}"
    signature = RSAKey.import_key(jwk).private_key.sign(head.encode(), padding.PKCS1v15(), SHA256())
    return f"{head}.{part(signature)}"


def header(jwk: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": jwk["kid"], **more}).encode()


def test_bytes_under_the_servers_signature_are_good(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    assert send(idle.server, signed(jwk, header(jwk), json.dumps(claims).encode())).status_code == 200


NUMBERS = {
    "a text": '"1e12"',
    "a text of digits": '"99999999999"',
    "true": "true",
    "null": "null",
    "an object": "{}",
    "infinite": "1e999",
    "no number": "NaN",
    "negative infinite": "-Infinity",
    "negative and huge": "-1e300",
    "of ten thousand digits": "9" * 10_000,
}


@pytest.mark.parametrize("what", NUMBERS)
@pytest.mark.parametrize("claim", ["exp", "nbf"])
def test_time_that_is_no_number_of_seconds_is_refused(
    idle: App, jwk: dict[str, Any], claims: Claims, claim: str, what: str
) -> None:
    if (claim, what) == ("nbf", "negative and huge"):
        pytest.skip("long ago is a time")
    payload = json.dumps({**claims, claim: 0}).replace(f'"{claim}": 0', f'"{claim}": {NUMBERS[what]}')
    answer = send(idle.server, signed(jwk, header(jwk), payload.encode()))
    assert answer.status_code == 401, answer.text


@pytest.mark.parametrize("expiry", ["1e300", "9007199254740993", "99999999999999999999999"])
def test_expiry_beyond_all_time_is_no_fault_of_the_server(
    idle: App, jwk: dict[str, Any], claims: Claims, expiry: str
) -> None:
    payload = json.dumps({**claims, "exp": 0}).replace('"exp": 0', f'"exp": {expiry}')
    assert send(idle.server, signed(jwk, header(jwk), payload.encode())).status_code in (200, 401)


def test_expiry_with_a_fraction_is_one(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    assert send(idle.server, sign(jwk, {**claims, "exp": time.time() + 60.5})).status_code == 200
    assert send(idle.server, sign(jwk, {**claims, "exp": time.time() - 1.5})).status_code == 401


@pytest.mark.parametrize(
    ("twice", "value"),
    [("alg", "none"), ("alg", "HS256"), ("kid", "other"), ("typ", "JWT")],
)
def test_member_twice_in_the_header_does_not_choose_another_key_or_algorithm(
    idle: App, jwk: dict[str, Any], claims: Claims, foreign: RSAKey, twice: str, value: str
) -> None:
    """RFC 7515 §4: refused, or the last one counts. A forged one never gets in, whichever is read."""
    honest = header(jwk).decode()
    for text in (honest[:-1] + f', "{twice}": "{value}"}}', f'{{"{twice}": "{value}", ' + honest[1:]):
        head = f"{part(text.encode())}.{part(claims)}"
        forged = foreign.private_key.sign(head.encode(), padding.PKCS1v15(), SHA256())
        assert send(idle.server, f"{head}.{part(forged)}").status_code == 401
        assert send(idle.server, f"{head}.").status_code == 401


@pytest.mark.parametrize("claim", ["client_id", "exp", "iss", "aud"])
def test_claim_twice_is_refused(idle: App, jwk: dict[str, Any], claims: Claims, claim: str) -> None:
    """No issuer writes one; whoever reads the first and whoever reads the last would be told different things."""
    honest = json.dumps(claims)
    again = f', "{claim}": {json.dumps(claims[claim])}}}'
    assert send(idle.server, signed(jwk, header(jwk), (honest[:-1] + again).encode())).status_code == 401


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
    head, payload = header(jwk, **CRITICAL[what]), json.dumps(claims).encode()
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
        nested = signed(jwk, header(jwk, cty="JWT", typ=kind), idle.token.encode())
        assert send(idle.server, nested).status_code == 401
        quoted = signed(jwk, header(jwk, cty="JWT", typ=kind), json.dumps(idle.token).encode())
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


def test_addresses_in_a_header_are_never_fetched(
    idle: App, jwk: dict[str, Any], claims: Claims, foreign: RSAKey
) -> None:
    """`jku`, `x5u` and the like name a server of ours, which gets no connection: by a foreign key, and by our own."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/keys"
        for name in ("jku", "x5u", "iss", "jwks_uri", "kid"):
            head = header(jwk, **{name: url})
            forged = f"{part(head)}.{part(claims)}"
            mac = foreign.private_key.sign(forged.encode(), padding.PKCS1v15(), SHA256())
            assert send(idle.server, f"{forged}.{part(mac)}").status_code == 401
            send(idle.server, signed(jwk, head, json.dumps(claims).encode()))
        assert send(idle.server, sign(jwk, {**claims, "iss": url})).status_code == 401
        trap.settimeout(1)
        with pytest.raises(TimeoutError):
            trap.accept()


@pytest.mark.parametrize("size", [7_000, 9_000, 30_000])
def test_long_token_under_the_servers_signature_is_refused_beyond_the_limit(
    idle: App, jwk: dict[str, Any], claims: Claims, size: int
) -> None:
    payload = json.dumps({**claims, "filling": "x" * (size * 3 // 4 - 900)}).encode()
    answer = send(idle.server, signed(jwk, header(jwk), payload))
    assert answer.status_code == (200 if size < 8_192 else 401)


def test_server_survived_it_all_without_a_fault(server: Server) -> None:
    assert server.http.get("/readyz").status_code == 200
    assert "unforeseen" not in server.log
    assert (Path(server.store.removeprefix("sqlite:///"))).exists()
