"""What comes back from an OpenID provider, and is not what this browser's sign-in should bring: refused, each time."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from forging_provider import CLIENT, ForgingProvider, its_key
from joserfc.jwk import RSAKey
from people import Browser
from provided import RETURN, START, at_provider, said, signed_in, through

from serving import Server

OTHER = RSAKey.generate_key(2048, {"kid": "one"})
ELSEWHERE = "This sign-in was not begun in this browser, or your browser keeps no cookies. Begin it again."


def refused(browser: Browser, answer: Any, status: int = 400) -> str:
    """What the page says. Nobody is signed in."""
    assert answer.status_code == status, answer.text
    assert not browser.session
    assert "jobreport-session" not in answer.headers.get("set-cookie", "")
    return said(answer)


def changed(path: str, **parameters: str | None) -> str:
    """The path with other parameters; None leaves one out."""
    found = dict(parse_qsl(urlsplit(path).query)) | parameters
    return f"{RETURN}?{urlencode({name: value for name, value in found.items() if value is not None})}"


# The state


def test_answer_to_another_browser_is_refused(provided: Server, provider: ForgingProvider) -> None:
    attacker, victim = Browser(provided), Browser(provided)
    path = at_provider(attacker.get(START), provided)
    assert refused(victim, victim.get(path)) == ELSEWHERE
    victim.get(START)
    assert refused(victim, victim.get(path)) == ELSEWHERE
    assert provider.forms == [], "the provider was not even asked"
    assert attacker.get(path).status_code == 303


def test_answer_counts_once(provided: Server, provider: ForgingProvider) -> None:
    browser = Browser(provided)
    path = at_provider(browser.get(START), provided)
    assert browser.get(path).status_code == 303
    again = Browser(provided)
    secret = f"jobreport-provider-{provided.port}"
    again.http.cookies.set(secret, browser.cookies[secret])
    assert refused(again, again.get(path)) == "This sign-in was used already. Begin it again."
    other_spelling = changed(path, state=dict(parse_qsl(urlsplit(path).query))["state"] + "=")
    assert refused(again, again.get(other_spelling)) == "This sign-in was used already. Begin it again."
    assert len(provider.forms) == 1


@pytest.mark.parametrize("state", [None, "", "x", "AAAA" * 20, "é", "A" * 50_000])
def test_state_that_is_none_is_refused(provided: Server, provider: ForgingProvider, state: str | None) -> None:
    browser = Browser(provided)
    path = at_provider(browser.get(START), provided)
    assert refused(browser, browser.get(changed(path, state=state))) == ELSEWHERE


def test_state_of_signing_out_signs_nobody_in(provided: Server, provider: ForgingProvider) -> None:
    browser = signed_in(provided)
    browser.send("/sign-out", form="/sessions")
    page = browser.http.get("/sign-in").text
    assert "Sign in with" in page
    other = Browser(provided)
    leaving = other.get(START)
    assert leaving.status_code == 303
    state = dict(parse_qsl(urlsplit(leaving.headers["location"]).query))["state"]
    assert "You are signed out" not in other.get(f"/sign-in?state={state}").text


def test_two_tabs_sign_in_beside_each_other(provided: Server, provider: ForgingProvider) -> None:
    browser = Browser(provided)
    one, two = (at_provider(browser.get(START), provided) for _ in range(2))
    assert browser.get(one).status_code == 303
    assert browser.get(two).status_code == 303


# The answer


def test_answer_of_another_issuer_is_refused(provided: Server, provider: ForgingProvider) -> None:
    for issuer in (None, "https://evil.example", provider.url + "/"):
        provider.answers["iss"] = issuer
        browser = Browser(provided)
        told = refused(browser, through(browser))
        assert told == "This answer is not one of ACME. Begin the sign-in again."
    assert provider.forms == []


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"error": "access_denied", "code": None}, "ACME did not sign you in: it says access_denied."),
        ({"error": "<b>bad</b>", "code": None}, "ACME did not sign you in: it says an error."),
        ({"code": None}, "ACME sent no code. Begin the sign-in again."),
        ({"code": "x" * 5000}, "ACME sent no code. Begin the sign-in again."),
        ({"code": "never given"}, "ACME does not accept this sign-in any more. Begin it again."),
    ],
)
def test_answer_without_a_good_code_is_refused(
    provided: Server, provider: ForgingProvider, answers: dict[str, str | None], told: str
) -> None:
    provider.answers = answers
    browser = Browser(provided)
    assert refused(browser, through(browser)) == told


def test_parameter_that_is_there_twice_is_refused(provided: Server, provider: ForgingProvider) -> None:
    browser = Browser(provided)
    path = at_provider(browser.get(START), provided)
    assert browser.get(f"{path}&code=another").status_code == 400
    assert provider.forms == []


def test_code_of_another_browser_is_refused_by_pkce(provided: Server, provider: ForgingProvider) -> None:
    attacker, victim = Browser(provided), Browser(provided)
    stolen = dict(parse_qsl(urlsplit(at_provider(victim.get(START), provided)).query))["code"]
    path = changed(at_provider(attacker.get(START), provided), code=stolen)
    assert refused(attacker, attacker.get(path)) == "ACME does not accept this sign-in any more. Begin it again."


# The ID token


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "another"}, "nonce belongs to another sign-in"),
        ({"nonce": None}, "nonce belongs to another sign-in"),
        ({"nonce": ["a"]}, "nonce belongs to another sign-in"),
        ({"nonce": "\ud800"}, "nonce belongs to another sign-in"),
        ({"aud": "another"}, "aud names another service"),
        ({"aud": [CLIENT, "another"]}, "azp is missing, or names another service"),
        ({"azp": "another"}, "azp is missing, or names another service"),
        ({"aud": None}, "aud names another service"),
        ({"iss": "https://evil.example"}, "iss is another issuer"),
        ({"exp": int(time.time()) - 61}, "it has expired"),
        ({"exp": None}, "exp is missing"),
        ({"iat": int(time.time()) + 10**7}, "iat lies in the future"),
        ({"iat": None}, "iat is missing"),
        ({"sub": None}, "sub names nobody"),
        ({"sub": ""}, "sub names nobody"),
        ({"sub": "a\nb"}, "sub names nobody"),
        ({"sub": "x" * 256}, "sub names nobody"),
        ({"sub": 7}, "sub names nobody"),
        ({"sub": "\ud800"}, "sub names nobody"),
        ({"groups": ["x" * 100] * 300}, "it is no JWT, or is longer than 25 KiB"),
    ],
)
def test_token_with_another_claim_is_refused(
    provided: Server, provider: ForgingProvider, claims: dict[str, Any], why: str
) -> None:
    provider.claims |= claims
    browser = Browser(provided)
    assert refused(browser, through(browser)) == f"The answer of ACME cannot be accepted: {why}."


def test_token_for_several_services_is_good_if_it_was_given_to_this_one(
    provided: Server, provider: ForgingProvider
) -> None:
    provider.claims |= {"aud": ["another", CLIENT], "azp": CLIENT}
    assert signed_in(provided)


@pytest.mark.parametrize(("skew", "good"), [(-330, True), (-380, False), (45, True), (90, False)])
def test_clocks_may_differ_by_a_minute(provided: Server, provider: ForgingProvider, skew: int, good: bool) -> None:
    provider.skew = skew
    assert (through(Browser(provided)).status_code == 303) is good


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(provider: ForgingProvider, nonce: str, algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'kid': 'one'})}.{provider.id_token(nonce).split('.')[1]}"


def by_public_key(provider: ForgingProvider, nonce: str) -> str:
    signed = unsigned(provider, nonce, "HS256")
    mac = hmac.new(its_key().as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def by_another_key(provider: ForgingProvider, nonce: str) -> str:
    provider.key = OTHER
    try:
        return provider.id_token(nonce)
    finally:
        provider.key = its_key()


FORGED = {
    "none": lambda provider, nonce: f"{unsigned(provider, nonce, 'none')}.",
    "HS256": by_public_key,
    "another key": by_another_key,
    "no signature": lambda provider, nonce: provider.id_token(nonce).rpartition(".")[0] + ".",
    "another text": lambda provider, nonce: provider.id_token(nonce).replace(".", ".A", 1),
    "nothing": lambda provider, nonce: "",
    "no token": lambda provider, nonce: "é" * 50_000,
}


@pytest.mark.parametrize("how", FORGED)
def test_forged_token_is_refused(provided: Server, provider: ForgingProvider, how: str) -> None:
    provider.token = lambda nonce: FORGED[how](provider, nonce)
    browser = Browser(provided)
    assert refused(browser, through(browser)).startswith("The answer of ACME cannot be accepted: it")


@pytest.mark.parametrize("header", [{"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"kid": "unknown"}])
def test_token_with_another_header_is_refused(
    provided: Server, provider: ForgingProvider, header: dict[str, Any]
) -> None:
    provider.header = header
    browser = Browser(provided)
    assert refused(browser, through(browser)).startswith("The answer of ACME cannot be accepted: it is ")


def test_key_that_is_new_is_fetched(provided: Server, provider: ForgingProvider) -> None:
    assert signed_in(provided)
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    assert signed_in(provided)
    provider.key = its_key()
    provider.header = {"typ": "JWT", "kid": None}
    assert through(Browser(provided)).status_code == 400, "that key is published no more"
