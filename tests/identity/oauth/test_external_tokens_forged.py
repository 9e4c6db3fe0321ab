"""What looks like a token of an external issuer, and is none: forged, odd, or of an issuer that nobody trusts."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import pytest
from joserfc.jwk import RSAKey
from stub_issuer import StubIssuer
from token_shapes import OURS, claims

from jobreport.identity.oauth.tokens import InvalidTokenError, Tokens


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_forged_tokens_are_refused(issuer: StubIssuer, trusting: Callable[[str], Tokens]) -> None:
    tokens, good = trusting("audience=jobreport tenant=acme"), claims(issuer)
    foreign = RSAKey.generate_key(2048, {"kid": "one"})
    assert isinstance(issuer.key, RSAKey)
    public = issuer.key.as_pem(private=False)
    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(good)}"
    mac = base64.urlsafe_b64encode(hmac.new(public, signed.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    forged = [
        issuer.sign(good, foreign),
        issuer.sign(good, foreign, jwk=foreign.as_dict(private=False)),
        issuer.sign(good, foreign, kid=None),
        issuer.sign(good, foreign, jku=f"{issuer.url}/evil"),
        f"{signed}.{mac}",
        *(f"{part({'alg': name, 'kid': 'one'})}.{part(good)}." for name in ("none", "None", "", None, ["RS256"])),
        issuer.sign(good, typ="logout+jwt"),
        issuer.sign(good, typ="dpop+jwt"),
        issuer.sign(good)[:-8] + "AAAAAAAA",
        issuer.sign(good).rpartition(".")[0] + ".",
    ]
    for token in forged:
        with pytest.raises(InvalidTokenError):
            tokens.verify(token)
    for header in ({}, {"typ": "at+jwt"}, {"typ": "application/at+jwt"}, {"typ": "JWT", "x5t": "x", "nonce": "y"}):
        assert tokens.verify(issuer.sign(good, **header))


@pytest.mark.parametrize("name", ["iss", "kid", "alg", "typ"])
@pytest.mark.parametrize("value", [None, 1, [], {}, ["RS256"], "' or 1=1 --", "\0", "é", "../../etc/passwd"])
def test_odd_header_or_issuer_is_no_fault_of_the_servers(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], name: str, value: object
) -> None:
    header, body = {"alg": "RS256", "kid": "one"}, claims(issuer)
    (body if name == "iss" else header)[name] = value
    with pytest.raises(InvalidTokenError):
        trusting("audience=jobreport tenant=acme").verify(f"{part(header)}.{part(body)}.AAAA")


def test_token_of_an_issuer_that_nobody_trusts_is_not_even_looked_up(
    issuer: StubIssuer, trusting: Callable[[str], Tokens]
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    for name in (issuer.url + "/", issuer.url.upper(), "https://evil.example", OURS):
        assert tokens.external_issuer(issuer.sign(claims(issuer, iss=name))) == ""
        with pytest.raises(InvalidTokenError):
            tokens.verify(issuer.sign(claims(issuer, iss=name)))
    assert issuer.asked == []
