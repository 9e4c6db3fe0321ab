"""Signing in by the company's OpenID provider: who is let in, as whom, and what the person is told otherwise."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from forging_provider import CLIENT, ForgingProvider
from people import Browser, add_operator
from provided import RETURN, START, audited, listed, logged, operator, said, signed_in, through

from serving import Server, until


def test_somebody_signs_in_and_has_an_account_from_then_on(
    provided: Server, provider: ForgingProvider, tenant: str
) -> None:
    browser = signed_in(provided, f"{START}?next=/jobs%3Ftype%3DBackup")
    assert f"<bdi>{tenant}</bdi>" in browser.get("/sessions").text
    assert browser.get("/?tenant=acme").status_code == 200
    assert browser.get("/?tenant=globex").status_code == 404
    found = listed(provided)[tenant]
    assert (found["role"], found["tenants"], found["allTenants"]) == ("viewer", ["acme"], False)
    assert (found["issuer"], found["subject"], found["sessions"]) == (provider.url, tenant, 1)
    added, begun = audited(provided, tenant)
    assert (added["action"], added["actor"]) == ("operator.added", f"operator:{tenant}")
    assert (added["detail"]["issuer"], added["detail"]["subject"]) == (provider.url, tenant)
    assert (begun["action"], begun["detail"]["by"]) == ("operator.signed-in", "provider")
    signed_in(provided)
    assert listed(provided)[tenant]["sessions"] == 2
    assert [one["action"] for one in audited(provided, tenant)].count("operator.added") == 1


def test_provider_is_asked_by_code_with_pkce_state_and_nonce(provided: Server, provider: ForgingProvider) -> None:
    signed_in(provided)
    asked, again = provider.request, provider.forms
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT, "openid profile")
    assert (asked["redirect_uri"], asked["code_challenge_method"]) == (f"{provided.url}{RETURN}", "S256")
    assert len({asked["state"], asked["nonce"], asked["code_challenge"], again[0]["code_verifier"]}) == 4
    first = provider.request
    signed_in(provided)
    assert not {first[name] for name in ("state", "nonce", "code_challenge")} & {*provider.request.values()}
    assert "prompt" not in asked


def test_sign_in_leads_to_the_wanted_page_and_nowhere_else(provided: Server, provider: ForgingProvider) -> None:
    for given, wanted in {
        "/jobs%3Ftype%3DBackup%26a%3Db": "/jobs?type=Backup&a=b",
        "https://evil.example/": "/",
        "//evil.example": "/",
        f"/jobs?{'a' * 2000}": "/",
        "": "/",
    }.items():
        assert through(Browser(provided), f"{START}?next={given}").headers["location"] == wanted


@pytest.mark.parametrize(
    ("groups", "role", "all_tenants"),
    [
        (["backup-team"], "viewer", False),
        (["backup-team", "on-call"], "operator", False),
        (["other", "it-leads", "backup-team"], "admin", True),
        ("on-call", "operator", False),
        ("backup-team on-call", "operator", False),
    ],
)
def test_greatest_role_of_the_claim_counts(
    provided: Server, provider: ForgingProvider, tenant: str, groups: object, role: str, all_tenants: bool
) -> None:
    provider.claims["groups"] = groups
    signed_in(provided)
    found = listed(provided)[tenant]
    assert (found["role"], found["allTenants"]) == (role, all_tenants)


def test_role_and_tenants_are_read_at_each_sign_in(provided: Server, provider: ForgingProvider, tenant: str) -> None:
    provider.claims |= {"groups": ["on-call"], "customers": ["globex"]}
    browser = signed_in(provided)
    assert listed(provided)[tenant]["tenants"] == ["acme", "globex"]
    provider.claims |= {"groups": ["backup-team"], "customers": None}
    signed_in(provided)
    found = listed(provided)[tenant]
    assert (found["role"], found["tenants"]) == ("viewer", ["acme"])
    assert browser.get("/?tenant=globex").status_code == 404
    changed = next(one for one in audited(provided, tenant) if one["action"] == "operator.changed")
    assert (changed["detail"]["role"], changed["detail"]["roleBefore"]) == ("viewer", "operator")
    assert changed["detail"]["tenantsBefore"] == ["acme", "globex"]


def test_unknown_tenants_are_named_in_the_log_alone(provided: Server, provider: ForgingProvider, tenant: str) -> None:
    provider.claims["customers"] = ["secret-customer", "globex", "_service", "\ud800", *(f"c{n}" for n in range(99))]
    browser = signed_in(provided)
    assert listed(provided)[tenant]["tenants"] == ["acme", "globex"]
    told = until(lambda: logged(provided, "claimed tenants that there are not"))
    (line,) = [one for one in told if one["operator"] == tenant]
    assert len(line["tenants"]) == 20, "and no more of them"
    assert line["tenants"][:3] == ["_service", "secret-customer", "\ud800"]
    assert "secret-customer" not in browser.get("/customers").text


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        (["cleaning"], "The claim groups of the ID token has no value that counts here."),
        (None, "The ID token has no claim groups."),
        ({"a": 1}, "The claim groups of the ID token has no value that counts here."),
    ],
)
def test_who_has_no_role_is_told_what_is_missing(
    provided: Server, provider: ForgingProvider, tenant: str, groups: object, why: str
) -> None:
    provider.claims["groups"] = groups
    browser = Browser(provided)
    answer = through(browser)
    assert answer.status_code == 403
    assert said(answer) == (
        f"ACME knows you, but gives you no role here. {why} It must have one of these values: "
        "backup-team (viewer), on-call (operator), it-leads (admin)."
    )
    assert not browser.session
    assert tenant not in listed(provided)
    assert until(lambda: [one for one in logged(provided) if one.get("subject") == tenant])
    assert "eyJ" not in provided.log
    assert "eyJ" not in answer.text


def test_groups_that_were_too_many_are_told(provided: Server, provider: ForgingProvider) -> None:
    provider.claims |= {"groups": None, "_claim_names": {"groups": "src1"}}
    assert "It left the claim groups out of the ID token, since you have too many values there." in said(
        through(Browser(provided))
    )


def test_who_loses_the_role_is_signed_out_everywhere(provided: Server, provider: ForgingProvider) -> None:
    browser = signed_in(provided)
    assert browser.get("/sessions").status_code == 200
    provider.claims["groups"] = []
    assert through(Browser(provided)).status_code == 403
    assert browser.get("/sessions").status_code == 303


def test_nobody_takes_over_an_account_by_a_name(provided: Server, provider: ForgingProvider, tenant: str) -> None:
    local = f"{tenant}@example.com"
    add_operator(provided, local, "--all-tenants", "--role", "admin")
    provider.claims |= {"preferred_username": local.upper(), "email": local, "email_verified": True}
    signed_in(provided)
    found = listed(provided)
    assert found[local]["issuer"] is None
    assert found[f"{local.upper()} 2"]["subject"] == tenant
    assert found[f"{local.upper()} 2"]["role"] == "viewer"
    provider.claims["sub"] = f"{tenant}-b"
    signed_in(provided)
    assert listed(provided)[f"{local.upper()} 3"]["subject"] == f"{tenant}-b"


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": None, "name": "Zoë  <b>Weber</b>\u202e"}, "Zoë b Weber b"),
        ({"preferred_username": "x" * 500}, "x" * 56),
        ({"preferred_username": ["a"], "name": 7, "email": "zoe@example.com"}, "zoe@example.com"),
        ({"preferred_username": "\0 ,;"}, "somebody"),
    ],
)
def test_account_is_named_by_what_can_be_a_name(
    provided: Server, provider: ForgingProvider, claims: dict[str, object], name: str
) -> None:
    provider.claims |= claims
    signed_in(provided)
    assert name in listed(provided)


def test_disabled_person_is_out_at_once_and_stays_out(provided: Server, provider: ForgingProvider, tenant: str) -> None:
    browser = signed_in(provided)
    assert operator(provided, "disable", tenant) == (0, "")
    assert browser.get("/sessions").status_code == 303
    told = said(through(Browser(provided)))
    assert told == "Your account is disabled here. An administrator of Jobreport can enable it."
    assert operator(provided, "enable", tenant)[0] == 0
    signed_in(provided)
    assert operator(provided, "remove", tenant, "--yes")[0] == 0
    assert tenant not in listed(provided)
    signed_in(provided)
    assert listed(provided)[tenant]["sessions"] == 1


def test_what_the_provider_manages_stays_as_it_is(provided: Server, provider: ForgingProvider, tenant: str) -> None:
    browser = signed_in(provided)
    for words in (["set", tenant, "--role", "admin"], ["password", tenant, "--generate"], ["link", tenant]):
        code, error = operator(provided, *words)
        assert code == 1
        assert f"{tenant} signs in by {provider.url}" in error
    assert Browser(provided).sign_in(tenant, "").status_code == 403
    assert "/password" not in browser.get("/sessions").text
    assert browser.get("/password").status_code == 404
    assert browser.send("/password", form="/sessions", current="", new="x" * 20, again="x" * 20).status_code == 404
    assert listed(provided)[tenant]["role"] == "viewer"


def test_button_is_there_beside_the_form_and_errors_keep_the_page_that_was_wanted(
    provided: Server, provider: ForgingProvider
) -> None:
    page = Browser(provided).get("/sign-in?next=/jobs%3Fa%3Db%26c").text
    assert (
        '<a class="button first" href="/sign-in/provider?next=/jobs%3Fa%3Db%26c">Sign in with <bdi>ACME</bdi>' in page
    )
    provider.claims["groups"] = []
    answer = through(Browser(provided), f"{START}?next=/jobs%3Fa%3Db")
    assert 'href="/sign-in/provider?next=/jobs%3Fa%3Db"' in answer.text


def test_cookie_is_kept_for_ten_minutes_and_hidden_from_scripts(provided: Server, provider: ForgingProvider) -> None:
    cookie = Browser(provided).get(START).headers["set-cookie"]
    assert cookie.startswith(f"jobreport-provider-{provided.port}=")
    words = {word.strip().casefold() for word in cookie.split(";")[1:]}
    assert {"max-age=600", "httponly", "samesite=lax", "path=/"} <= words
    address = urlsplit(Browser(provided).get(START).headers["location"])
    assert "jobs" not in dict(parse_qsl(address.query))["state"]
