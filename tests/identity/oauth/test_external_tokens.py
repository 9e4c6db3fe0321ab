"""Access tokens of external issuers: whose they are, and what they allow here."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from stub_issuer import StubIssuer
from token_shapes import READ, READ_WRITE, SHAPES, claims, okta

from jobreport.identity.apps import registrations
from jobreport.identity.oauth.tokens import InvalidTokenError, Tokens
from jobreport.store import Store


@pytest.mark.parametrize("shape", SHAPES)
def test_apps_own_token_is_taken_whoever_made_it(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], shape: str
) -> None:
    make, settings, client, permissions = SHAPES[shape]
    found = trusting(settings).verify(issuer.sign(make(issuer)))
    assert found.client_id == f"{client}@{issuer.url}"
    assert found.tenant_name == "acme"
    assert found.permissions == permissions


PERSONS = {
    "scope of a person": {"scp": "user_impersonation"},
    "scope and roles": {"scp": "Jobs.Read", "roles": [READ]},
    "idtyp": {"idtyp": "user"},
    "upn": {"upn": "anna@example.com"},
    "unique_name": {"unique_name": "anna@example.com"},
    "name": {"name": "Anna"},
    "email": {"email": "anna@example.com"},
    "person's preferred_username": {"preferred_username": "anna"},
    "another app's account": {"preferred_username": "service-account-other"},
    "session": {"sid": "1"},
    "nonce": {"nonce": "1"},
    "time of signing in": {"auth_time": 1},
    "how the person signed in": {"amr": ["pwd"]},
    "object that is not the subject": {"oid": "c0ffee00-76a3-4a6e-9c35-5b0a2f9a4f10"},
    "no app": {"client_id": None, "azp": None, "appid": None, "cid": None},
    "ID token by Keycloak": {"typ": "ID"},
    "refresh token by Keycloak": {"typ": "Refresh"},
}


@pytest.mark.parametrize("what", PERSONS)
@pytest.mark.parametrize("shape", ["Entra ID 1.0", "Entra ID 2.0", "Keycloak, roles of the realm", "RFC 9068"])
def test_persons_token_is_refused_whatever_roles_it_has(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], shape: str, what: str
) -> None:
    make, settings, _, _ = SHAPES[shape]
    changed = {name: value for name, value in (make(issuer) | PERSONS[what]).items() if value is not None}
    with pytest.raises(InvalidTokenError) as caught:
        trusting(settings).verify(issuer.sign(changed))
    assert "anna" not in str(caught.value)


@pytest.mark.parametrize("more", [{"scp": "jobs.read"}, {"uid": "00u1anna"}])
def test_persons_token_of_okta_is_refused_though_its_scopes_are_what_counts(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], more: dict[str, Any]
) -> None:
    with pytest.raises(InvalidTokenError, match="person"):
        trusting(SHAPES["Okta"][1]).verify(issuer.sign(okta(issuer) | more))


WRONG: dict[str, dict[str, Any]] = {
    "no audience": {"aud": None},
    "another audience": {"aud": "other"},
    "other audiences": {"aud": ["other", "account"]},
    "audience in another case": {"aud": "JobReport"},
    "audience that is a number": {"aud": 1},
    "expired": {"exp": int(time.time()) - 61},
    "no expiry": {"exp": None},
    "expiry that is a text": {"exp": "soon"},
    "endless expiry": {"exp": 10**30},
    "not yet good": {"nbf": int(time.time()) + 3600},
    "made in the future": {"iat": int(time.time()) + 3600},
    "client that is a list": {"client_id": ["nightly"]},
    "client that is too long": {"client_id": "x" * 257},
    "client with a line end": {"client_id": "a\nacme"},
}


@pytest.mark.parametrize("what", WRONG)
def test_claim_that_is_wrong_under_a_good_signature_is_refused(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], what: str
) -> None:
    with pytest.raises(InvalidTokenError):
        trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer, **WRONG[what])))


@pytest.mark.parametrize("roles", [None, [], ["other"], "other", {"x": READ}, [1, None, [READ]]])
def test_token_without_a_role_that_counts_here_may_nothing(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], roles: object
) -> None:
    found = trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer, roles=roles)))
    assert found.permissions == frozenset()


def test_with_roles_of_its_own_an_issuer_does_not_name_our_permissions(
    issuer: StubIssuer, trusting: Callable[[str], Tokens]
) -> None:
    tokens = trusting(f"audience=jobreport tenant=acme role:reader={READ}")
    assert tokens.verify(issuer.sign(claims(issuer, roles=[READ_WRITE]))).permissions == frozenset()
    assert tokens.verify(issuer.sign(claims(issuer, roles=["reader", "Reader"]))).permissions == {READ}


@pytest.mark.parametrize("tenant", [None, "", "nobody", "ACME", ["acme", "default"], 1, "_service", "acme\nx", "a\0"])
def test_tenant_that_the_token_does_not_name_or_that_is_not_there_is_nobodys(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], trusting_store: Store, tenant: object
) -> None:
    tokens = trusting("audience=jobreport tenant-claim=https://jobs.example.com/tenant")
    token = claims(issuer, **{"https://jobs.example.com/tenant": tenant})
    with pytest.raises(InvalidTokenError):
        tokens.verify(issuer.sign(token))
    assert trusting_store.tenant_id("nobody") is None


def test_tenant_is_the_claims_or_what_it_stands_for(issuer: StubIssuer, trusting: Callable[[str], Tokens]) -> None:
    plain = trusting("audience=jobreport tenant-claim=org.name")
    for name in ("acme", ["acme"]):
        assert plain.verify(issuer.sign(claims(issuer, org={"name": name}))).tenant_name == "acme"
    named = trusting("audience=jobreport tenant-claim=tid tenant:8f2c=acme tenant:77aa=default")
    assert named.verify(issuer.sign(claims(issuer, tid="8f2c"))).tenant_name == "acme"
    assert named.verify(issuer.sign(claims(issuer, tid="77aa"))).tenant_name == "default"
    with pytest.raises(InvalidTokenError, match="none here"):
        named.verify(issuer.sign(claims(issuer, tid="acme")))


def test_app_from_outside_is_never_one_of_ours(
    issuer: StubIssuer, trusting: Callable[[str], Tokens], trusting_store: Store
) -> None:
    ours = registrations.create(trusting_store, name="x", tenant="default", permissions=[READ_WRITE]).app
    found = trusting("audience=jobreport tenant=acme").verify(issuer.sign(claims(issuer, client_id=ours.client_id)))
    assert found.client_id != ours.client_id
    assert (found.tenant_name, found.permissions) == ("acme", {READ})
