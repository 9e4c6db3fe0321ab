"""The keys of an external issuer: which are taken, for how long, and what becomes of tokens while it is away."""

import gzip
import json
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from stub_issuer import StubIssuer
from token_shapes import claims

from clocks import Running
from jobreport.identity.oauth import documents
from jobreport.identity.oauth.issuers import FRESH_SECONDS, RETRY_SECONDS, STALE_SECONDS, IssuerError
from jobreport.identity.oauth.tokens import InvalidTokenError, Tokens


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "ES256"])
def test_asymmetric_algorithms_are_taken_by_the_key_that_fits(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], algorithm: str
) -> None:
    elliptic = ECKey.generate_key("P-256", {"kid": "two"})
    issuer.publish(issuer.key, elliptic)
    key = elliptic if algorithm == "ES256" else issuer.key
    assert trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer), key, alg=algorithm))


def test_key_is_taken_for_its_own_algorithm_and_use_alone(
    issuer: StubIssuer, trusting: Callable[[str], Tokens]
) -> None:
    public = issuer.key.as_dict(private=False)
    for more in ({"alg": "RS512"}, {"use": "enc"}, {"alg": "RSA-OAEP"}):
        issuer.publish({**public, **more})
        with pytest.raises(InvalidTokenError, match="does not publish"):
            trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer)))


def test_keys_that_nobody_here_understands_do_no_harm(issuer: StubIssuer, trusting: Callable[[str], Tokens]) -> None:
    odd: list[Any] = [
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "x", "kid": "one"},
        {"kty": "oct", "k": "AAAA", "kid": "one"},
        {"kty": "RSA", "n": "!", "e": "AQAB", "kid": "one"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "one"},
        {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "kid": "one"},
        {"kid": "one"},
        {},
        1,
        None,
        "x",
        [],
    ]
    issuer.publish(issuer.key)
    issuer.documents["/keys"]["keys"][:0] = odd
    assert trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer)))
    issuer.documents["/keys"] = {"keys": odd}
    with pytest.raises(InvalidTokenError, match="does not publish"):
        trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer)))


def test_new_key_is_asked_for_once_and_a_flood_of_unknown_ones_is_not(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], running: Running
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    assert tokens.verify(issuer.sign(claims(issuer)))
    asked = len(issuer.asked)
    new = RSAKey.generate_key(2048, {"kid": "new"})
    for number in range(20):
        with pytest.raises(InvalidTokenError):
            tokens.verify(issuer.sign(claims(issuer), new, kid=f"unknown {number}"))
    assert len(issuer.asked) == asked
    issuer.publish(issuer.key, new)
    running.ahead += RETRY_SECONDS
    assert tokens.verify(issuer.sign(claims(issuer), new))
    assert len(issuer.asked) == asked + 2


def test_verified_token_is_known_without_asking_anybody_for_as_long_as_it_is_good(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], running: Running
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    token = issuer.sign(claims(issuer))
    assert tokens.cached(token) is None
    another = RSAKey.generate_key(2048)  # before the check: on a busy machine it takes seconds
    found = tokens.verify(token)
    issuer.documents.clear()
    issuer.key = another
    assert tokens.cached(token) == tokens.verify(token) == found
    running.ahead += 661
    assert tokens.cached(token) is None
    with pytest.raises(InvalidTokenError, match="expired"):
        tokens.verify(token)


def test_key_that_the_issuer_takes_back_stops_counting(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], running: Running
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    token = issuer.sign(claims(issuer, exp=int(time.time()) + 100_000))
    assert tokens.verify(token)
    issuer.publish(RSAKey.generate_key(2048, {"kid": "new"}))
    running.ahead += FRESH_SECONDS
    (cached,) = tokens.issuers
    assert cached.is_due()
    assert cached.renew() == ""
    with pytest.raises(InvalidTokenError, match="does not publish"):
        tokens.verify(token)


@pytest.mark.parametrize("status", [500, 404, 302])
def test_known_keys_outlast_an_outage_of_a_day(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], running: Running, status: int
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    token = claims(issuer, exp=int(time.time()) + 10 * STALE_SECONDS)
    assert tokens.verify(issuer.sign(token))
    issuer.status = status
    running.ahead += FRESH_SECONDS
    (cached,) = tokens.issuers
    assert "answered" in cached.renew()
    assert tokens.verify(issuer.sign(token))
    running.ahead += STALE_SECONDS - FRESH_SECONDS
    with pytest.raises(IssuerError):
        tokens.verify(issuer.sign(token))
    issuer.status = 200
    running.ahead += RETRY_SECONDS
    assert tokens.verify(issuer.sign(token))


BROKEN: dict[str, Callable[[StubIssuer], None]] = {
    "another issuer": lambda issuer: issuer.publish(issuer.key, issuer="https://evil.example"),
    "issuer with a slash": lambda issuer: issuer.publish(issuer.key, issuer=issuer.url + "/"),
    "no issuer": lambda issuer: issuer.publish(issuer.key, issuer=None),
    "keys without TLS": lambda issuer: issuer.publish(issuer.key, jwks_uri="http://192.0.2.1/keys"),
    "keys in a file": lambda issuer: issuer.publish(issuer.key, jwks_uri="file:///etc/passwd"),
    "no keys": lambda issuer: issuer.publish(issuer.key, jwks_uri=None),
    "keys at no URL": lambda issuer: issuer.publish(issuer.key, jwks_uri="http://[::1"),
    "keys somewhere else": lambda issuer: issuer.documents.update({"/keys": f"{issuer.url}/other"}),
    "keys that are a list": lambda issuer: issuer.documents.update({"/keys": [1]}),
    "keys that are no JSON": lambda issuer: issuer.documents.update({"/keys": b"<html>"}),
    "keys without end": lambda issuer: issuer.documents.update({"/keys": b" " * 600_000}),
    "nesting without end": lambda issuer: issuer.documents.update({"/keys": b"[" * 100_000}),
    "no document": lambda issuer: issuer.documents.clear(),
}


@pytest.mark.parametrize("what", BROKEN)
def test_issuer_that_is_not_who_it_should_be_has_no_keys(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], what: str
) -> None:
    BROKEN[what](issuer)
    with pytest.raises((IssuerError, InvalidTokenError)):
        trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer)))


def test_compressed_answer_is_not_unpacked(issuer: StubIssuer, trusting: Callable[[str], Tokens]) -> None:
    issuer.documents = {path: gzip.compress(json.dumps(found).encode()) for path, found in issuer.documents.items()}
    issuer.headers = {"Content-Encoding": "gzip"}
    with pytest.raises(IssuerError, match="compressed"):
        trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer)))


@pytest.mark.parametrize("line", [b"X-More: and more\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n"])
def test_answer_that_begins_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch, line: bytes) -> None:
    monkeypatch.setattr(documents, "TIMEOUT_SECONDS", 0.5)

    class Endless(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            begin = b"HTTP/1.1 200 OK\r\n" if line.startswith(b"X") else b""
            with suppress(OSError):
                while True:
                    self.request.sendall(begin + line)
                    begin = b""
                    time.sleep(0.1)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        with pytest.raises(IssuerError, match="TimeoutError"):
            documents.ask("GET", f"http://127.0.0.1:{server.server_address[1]}/", None)
        server.shutdown()
