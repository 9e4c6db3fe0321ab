"""Signing in at the OpenID provider once more before a secret is shown, and signing out there too."""

import html
import re
import time
from urllib.parse import parse_qsl, urlsplit

import httpx
from forging_provider import CLIENT, ForgingProvider
from people import Browser, add_operator
from provided import at_provider, listed, said, signed_in, through

from serving import PATIENCE, Server

CONFIRM = "/confirm/provider?next=/apps/new"


def admin(provided: Server, provider: ForgingProvider, **claims: object) -> Browser:
    """A browser in which an admin is signed in, who gave proof at the provider an hour ago."""
    provider.claims |= {"groups": ["it-leads"], "auth_time": int(time.time()) - 3600, **claims}
    browser = signed_in(provided)
    provider.claims |= {"auth_time": int(time.time())}
    return browser


def is_confirmed(browser: Browser) -> bool:
    answer = browser.get("/apps/new?tenant=acme")
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


def test_sign_in_once_more_shows_the_secret(provided: Server, provider: ForgingProvider) -> None:
    browser = admin(provided, provider)
    asked = browser.get("/apps/new?tenant=acme")
    assert asked.headers["location"].startswith("/confirm?next=")
    page = browser.get(asked.headers["location"])
    assert "Sign in with <bdi>ACME</bdi> again" in page.text
    assert "password" not in page.text.casefold()
    link = re.search(r'href="(/confirm/provider[^"]*)"', page.text)
    assert link
    answer = through(browser, html.unescape(link[1]))
    assert (answer.status_code, answer.headers["location"]) == (303, "/apps/new?tenant=acme")
    assert (provider.request["prompt"], provider.request["max_age"]) == ("login", "0")
    assert is_confirmed(browser)
    assert listed(provided)[provider.claims["preferred_username"]]["sessions"] == 1


def test_who_gave_proof_just_now_is_not_asked_again_and_who_never_said_is(
    provided: Server, provider: ForgingProvider
) -> None:
    provider.claims |= {"groups": ["it-leads"]}
    assert is_confirmed(signed_in(provided))
    provider.claims |= {"auth_time": None}
    assert not is_confirmed(signed_in(provided))
    provider.claims |= {"auth_time": int(time.time()) + 40}
    assert is_confirmed(signed_in(provided))


def test_provider_that_did_not_ask_again_confirms_nothing(provided: Server, provider: ForgingProvider) -> None:
    browser = admin(provided, provider)
    for moment in (None, int(time.time()) - 300, "now", True):
        provider.claims["auth_time"] = moment
        answer = through(browser, CONFIRM)
        assert answer.status_code == 400
        assert "auth_time is missing in the ID token, or is too old" in said(answer)
        assert not is_confirmed(browser)
    assert browser.get("/sessions").status_code == 200


def test_another_person_confirms_nothing_and_gets_no_account(
    provided: Server, provider: ForgingProvider, tenant: str
) -> None:
    browser = admin(provided, provider)
    provider.claims |= {"sub": f"{tenant}-other", "preferred_username": f"{tenant}-other"}
    answer = through(browser, CONFIRM)
    assert answer.status_code == 400
    assert said(answer) == f"You signed in at ACME as somebody else. Sign in there as {tenant}."
    assert not is_confirmed(browser)
    assert f"{tenant}-other" not in listed(provided)


def test_answer_for_another_session_confirms_nothing(provided: Server, provider: ForgingProvider) -> None:
    browser = admin(provided, provider)
    path = at_provider(browser.get(CONFIRM), provided)
    browser.send("/sign-out", form="/sessions")
    assert said(browser.get(path)) == "You were signed out meanwhile. Sign in again."
    path = at_provider(admin(provided, provider).get(CONFIRM), provided)
    assert browser.get(path).status_code == 400


def test_answer_for_a_confirmation_begins_no_session(provided: Server, provider: ForgingProvider) -> None:
    browser = admin(provided, provider)
    path = at_provider(browser.get(CONFIRM), provided)
    browser.http.cookies.delete(browser.session_name)
    assert browser.get(path).status_code == 400
    assert not browser.session


def test_who_lost_the_role_is_out_instead(provided: Server, provider: ForgingProvider) -> None:
    browser = admin(provided, provider)
    provider.claims["groups"] = []
    assert through(browser, CONFIRM).status_code == 403
    assert browser.get("/sessions").status_code == 303


def test_who_has_a_password_types_that(provided: Server, provider: ForgingProvider, tenant: str) -> None:
    add_operator(provided, tenant, "--all-tenants", "--role", "admin")
    browser = Browser(provided)
    assert browser.sign_in(tenant).status_code == 303
    assert "Your password again" in browser.get("/confirm").text
    assert browser.get(CONFIRM).status_code == 404
    assert Browser(provided).get(CONFIRM).headers["location"].startswith("/sign-in?next=")


def leave(browser: Browser, path: str = "/sign-out", **fields: str) -> str:
    """Signs out here. The address to which the page leads then."""
    answer = browser.send(path, form="/sessions", **fields)
    assert answer.status_code == 200, answer.text
    assert 'http-equiv="refresh"' in answer.text
    assert browser.get("/sessions").status_code == 303
    found = re.search(r'<a class="button first" href="([^"]*)"', answer.text)
    assert found
    return html.unescape(found[1])


def test_signing_out_goes_on_to_the_provider_and_comes_back(provided: Server, provider: ForgingProvider) -> None:
    browser = signed_in(provided)
    address = leave(browser)
    asked = dict(parse_qsl(urlsplit(address).query))
    assert address.startswith(f"{provider.url}/sign-out?")
    assert asked["id_token_hint"].count(".") == 2
    assert (asked["client_id"], asked["post_logout_redirect_uri"]) == (CLIENT, f"{provided.url}/sign-in")
    back = httpx.get(address, trust_env=False, timeout=PATIENCE)
    path = back.headers["location"].removeprefix(provided.url)
    assert "You are signed out, here and at ACME." in browser.get(path).text
    assert "You are signed out" not in Browser(provided).get(path).text
    assert "id_token" not in provided.log


def test_each_way_of_ending_this_session_signs_out_there_too(provided: Server, provider: ForgingProvider) -> None:
    browser = signed_in(provided)
    assert leave(browser, "/sessions", session="all").startswith(provider.url)
    browser = signed_in(provided)
    row = re.search(r'aria-current="true".*?name="session" value="([^"]*)"', browser.get("/sessions").text, re.DOTALL)
    assert row
    assert leave(browser, "/sessions", session=row[1]).startswith(provider.url)
    one, other = signed_in(provided), signed_in(provided)
    ids = set(re.findall(r'name="session" value="([0-9a-f]+)"', one.get("/sessions").text))
    here = re.search(r'aria-current="true".*?name="session" value="([^"]*)"', one.get("/sessions").text, re.DOTALL)
    assert here
    (away,) = ids - {here[1]}
    assert one.send("/sessions", session=away).headers["location"] == "/sessions"
    assert other.get("/sessions").status_code == 303


def test_token_that_is_too_long_for_an_address_is_left_out(provided: Server, provider: ForgingProvider) -> None:
    provider.claims["padding"] = "x" * 8000
    asked = dict(parse_qsl(urlsplit(leave(signed_in(provided))).query))
    assert "id_token_hint" not in asked
    assert asked["client_id"] == CLIENT


def test_who_has_a_password_signs_out_here_alone(provided: Server, provider: ForgingProvider, tenant: str) -> None:
    add_operator(provided, tenant, "--all-tenants")
    browser = Browser(provided)
    browser.sign_in(tenant)
    assert browser.send("/sign-out", form="/sessions").headers["location"] == "/sign-in"
