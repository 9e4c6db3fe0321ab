"""Claims that are wrong, out of date or odd under a good signature: each is 401, and never 500."""

import json
import time
from typing import Any

import pytest
from made_tokens import Claims, header_of, send, sign, signed

from serving import App, Server


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
    answer = send(idle.server, signed(jwk, header_of(jwk), payload.encode()))
    assert answer.status_code == 401, answer.text


@pytest.mark.parametrize("expiry", ["1e300", "9007199254740993", "99999999999999999999999"])
def test_expiry_beyond_all_time_is_no_fault_of_the_server(
    idle: App, jwk: dict[str, Any], claims: Claims, expiry: str
) -> None:
    payload = json.dumps({**claims, "exp": 0}).replace('"exp": 0', f'"exp": {expiry}')
    assert send(idle.server, signed(jwk, header_of(jwk), payload.encode())).status_code in (200, 401)


def test_expiry_with_a_fraction_is_one(idle: App, jwk: dict[str, Any], claims: Claims) -> None:
    assert send(idle.server, sign(jwk, {**claims, "exp": time.time() + 60.5})).status_code == 200
    assert send(idle.server, sign(jwk, {**claims, "exp": time.time() - 1.5})).status_code == 401


@pytest.mark.parametrize("claim", ["client_id", "exp", "iss", "aud"])
def test_claim_twice_is_refused(idle: App, jwk: dict[str, Any], claims: Claims, claim: str) -> None:
    """No issuer writes one; whoever reads the first and whoever reads the last would be told different things."""
    honest = json.dumps(claims)
    again = f', "{claim}": {json.dumps(claims[claim])}}}'
    assert send(idle.server, signed(jwk, header_of(jwk), (honest[:-1] + again).encode())).status_code == 401


@pytest.mark.parametrize("size", [7_000, 9_000, 30_000])
def test_long_token_under_the_servers_signature_is_refused_beyond_the_limit(
    idle: App, jwk: dict[str, Any], claims: Claims, size: int
) -> None:
    payload = json.dumps({**claims, "filling": "x" * (size * 3 // 4 - 900)}).encode()
    answer = send(idle.server, signed(jwk, header_of(jwk), payload))
    assert answer.status_code == (200 if size < 8_192 else 401)
