"""Access tokens of outside issuers, in the shapes that Entra ID, Keycloak and Okta give them; and whatever is none."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from said import Said

from jobreport.identity import registrations
from jobreport.identity.issuers import FRESH_SECONDS, RETRY_SECONDS, STALE_SECONDS, IssuerError
from jobreport.identity.principals import Principal
from jobreport.identity.tokens import InvalidTokenError, Tokens
from jobreport.identity.trust import TrustError, parse_trusted
from jobreport.model import ticks
from jobreport.store import Store, open_store

OURS = "https://jobs.example.com"
READ, READ_WRITE = "PlatformBackup.Read.All", "PlatformBackup.ReadWrite.All"
APP = "6f3f6b56-0c3d-4d0d-8a60-0d3c0a9f1a11"
PRINCIPAL = "b2a0d0a2-76a3-4a6e-9c35-5b0a2f9a4f10"


class Clock:
    """The real time, and what a test adds to it."""

    ahead = 0

    def __call__(self) -> int:
        return ticks.UNIX_EPOCH + time.time_ns() // 100 + self.ahead * ticks.PER_SECOND


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/jobs.db", clock=clock)
    for name in ("acme", "default"):
        opened.tenant_id(name, create=True)
    yield opened
    opened.close()


Verify = Callable[..., Principal]


@pytest.fixture
def trusting(store: Store, said: Said) -> Callable[[str], Tokens]:
    """A service that trusts the issuer with these settings."""

    def trust(settings: str = "audience=jobreport tenant=acme") -> Tokens:
        return Tokens(store, OURS, trusted=[parse_trusted(f"{said.url} {settings}")])

    return trust


def claims(said: Said, **more: Any) -> dict[str, Any]:
    """What an app's own access token claims in any case (RFC 9068 §2.2), with more; None takes away."""
    now = int(time.time())
    whole = {
        "iss": said.url,
        "aud": "jobreport",
        "sub": "nightly",
        "client_id": "nightly",
        "iat": now,
        "exp": now + 600,
        "jti": "1",
        "roles": [READ],
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def entra_1(said: Said, **more: Any) -> dict[str, Any]:
    """An app-only token of Entra ID, version 1.0."""
    plain = claims(said, client_id=None, sub=PRINCIPAL, jti=None)
    return plain | {
        "aud": "api://jobreport",
        "appid": APP,
        "appidacr": "1",
        "idp": said.url,
        "oid": PRINCIPAL,
        "tid": "acme",
        "uti": "x",
        "ver": "1.0",
        "nbf": plain["iat"],
        "aio": "E2ZgYPj/",
        "rh": "0.ARwA",
        **more,
    }


def entra_2(said: Said, **more: Any) -> dict[str, Any]:
    """An app-only token of Entra ID, version 2.0."""
    found = entra_1(said, aud=APP, azp=APP, azpacr="1", ver="2.0", idtyp="app")
    return {name: value for name, value in found.items() if name not in ("appid", "appidacr", "idp")} | more


def keycloak(said: Said, **more: Any) -> dict[str, Any]:
    """The token of a service account of Keycloak."""
    return claims(
        said,
        aud=["jobreport", "account"],
        sub=PRINCIPAL,
        typ="Bearer",
        azp="nightly",
        acr="1",
        roles=None,
        realm_access={"roles": ["offline_access", "default-roles-backup", "reader"]},
        resource_access={"jobreport": {"roles": ["writer", "reader"]}},
        scope="email profile",
        clientHost="127.0.0.1",
        clientAddress="127.0.0.1",
        email_verified=False,
        preferred_username="service-account-nightly",
        **more,
    )


def okta(said: Said, **more: Any) -> dict[str, Any]:
    """A token of an Okta custom authorisation server, by client credentials."""
    return claims(
        said, client_id=None, ver=1, cid="0oa1nightly", sub="0oa1nightly", roles=None, scp=["jobs.read"], **more
    )


SHAPES: dict[str, tuple[Callable[..., dict[str, Any]], str, str, set[str]]] = {
    "Entra ID 1.0": (entra_1, "audience=api://jobreport tenant-claim=tid", APP, {READ}),
    "Entra ID 2.0": (entra_2, f"audience={APP} tenant-claim=tid", APP, {READ}),
    "Keycloak, roles of the realm": (
        keycloak,
        f"audience=jobreport tenant=acme roles-claim=realm_access.roles role:reader={READ}",
        "nightly",
        {READ},
    ),
    "Keycloak, roles of a client": (
        keycloak,
        "audience=jobreport tenant=acme roles-claim=resource_access.jobreport.roles "
        f"role:reader={READ} role:writer={READ_WRITE}",
        "nightly",
        {READ, READ_WRITE},
    ),
    "Okta": (
        okta,
        f"audience=jobreport tenant=acme roles-claim=scp role:jobs.read={READ}",
        "0oa1nightly",
        {READ},
    ),
    "RFC 9068": (claims, "audience=jobreport tenant=acme", "nightly", {READ}),
    "scope as one text": (
        lambda said, **more: claims(said, roles=None, scope=f"other {READ.lower()}", **more),
        "audience=jobreport tenant=acme roles-claim=scope",
        "nightly",
        {READ},
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_apps_own_token_is_taken_whoever_made_it(said: Said, trusting: Callable[[str], Tokens], shape: str) -> None:
    make, settings, client, permissions = SHAPES[shape]
    found = trusting(settings).verify(said.sign(make(said)))
    assert found.client_id == f"{client}@{said.url}"
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
    said: Said, trusting: Callable[[str], Tokens], shape: str, what: str
) -> None:
    make, settings, _, _ = SHAPES[shape]
    changed = {name: value for name, value in (make(said) | PERSONS[what]).items() if value is not None}
    with pytest.raises(InvalidTokenError) as caught:
        trusting(settings).verify(said.sign(changed))
    assert "anna" not in str(caught.value)


@pytest.mark.parametrize("more", [{"scp": "jobs.read"}, {"uid": "00u1anna"}])
def test_persons_token_of_okta_is_refused_though_its_scopes_are_what_counts(
    said: Said, trusting: Callable[[str], Tokens], more: dict[str, Any]
) -> None:
    with pytest.raises(InvalidTokenError, match="person"):
        trusting(SHAPES["Okta"][1]).verify(said.sign(okta(said) | more))


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
    said: Said, trusting: Callable[[str], Tokens], what: str
) -> None:
    with pytest.raises(InvalidTokenError):
        trusting("audience=jobreport tenant=acme").verify(said.sign(claims(said, **WRONG[what])))


@pytest.mark.parametrize("roles", [None, [], ["other"], "other", {"x": READ}, [1, None, [READ]]])
def test_token_without_a_role_that_counts_here_may_nothing(
    said: Said, trusting: Callable[[str], Tokens], roles: object
) -> None:
    found = trusting("audience=jobreport tenant=acme").verify(said.sign(claims(said, roles=roles)))
    assert found.permissions == frozenset()


def test_with_roles_of_its_own_an_issuer_does_not_name_our_permissions(
    said: Said, trusting: Callable[[str], Tokens]
) -> None:
    tokens = trusting(f"audience=jobreport tenant=acme role:reader={READ}")
    assert tokens.verify(said.sign(claims(said, roles=[READ_WRITE]))).permissions == frozenset()
    assert tokens.verify(said.sign(claims(said, roles=["reader", "Reader"]))).permissions == {READ}


@pytest.mark.parametrize("tenant", [None, "", "nobody", "ACME", ["acme", "default"], 1, "_service", "acme\nx", "a\0"])
def test_tenant_that_the_token_does_not_name_or_that_is_not_there_is_nobodys(
    said: Said, trusting: Callable[[str], Tokens], store: Store, tenant: object
) -> None:
    tokens = trusting("audience=jobreport tenant-claim=https://jobs.example.com/tenant")
    token = claims(said, **{"https://jobs.example.com/tenant": tenant})
    with pytest.raises(InvalidTokenError):
        tokens.verify(said.sign(token))
    assert store.tenant_id("nobody") is None


def test_tenant_is_the_claims_or_what_it_stands_for(said: Said, trusting: Callable[[str], Tokens]) -> None:
    plain = trusting("audience=jobreport tenant-claim=org.name")
    for name in ("acme", ["acme"]):
        assert plain.verify(said.sign(claims(said, org={"name": name}))).tenant_name == "acme"
    named = trusting("audience=jobreport tenant-claim=tid tenant:8f2c=acme tenant:77aa=default")
    assert named.verify(said.sign(claims(said, tid="8f2c"))).tenant_name == "acme"
    assert named.verify(said.sign(claims(said, tid="77aa"))).tenant_name == "default"
    with pytest.raises(InvalidTokenError, match="none here"):
        named.verify(said.sign(claims(said, tid="acme")))


def test_app_from_outside_is_never_one_of_ours(said: Said, trusting: Callable[[str], Tokens], store: Store) -> None:
    ours = registrations.create(store, name="x", tenant="default", permissions=[READ_WRITE]).app
    found = trusting("audience=jobreport tenant=acme").verify(said.sign(claims(said, client_id=ours.client_id)))
    assert found.client_id != ours.client_id
    assert (found.tenant_name, found.permissions) == ("acme", {READ})


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_forged_tokens_are_refused(said: Said, trusting: Callable[[str], Tokens]) -> None:
    tokens, good = trusting("audience=jobreport tenant=acme"), claims(said)
    foreign = RSAKey.generate_key(2048, {"kid": "one"})
    assert isinstance(said.key, RSAKey)
    public = said.key.as_pem(private=False)
    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(good)}"
    mac = base64.urlsafe_b64encode(hmac.new(public, signed.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    forged = [
        said.sign(good, foreign),
        said.sign(good, foreign, jwk=foreign.as_dict(private=False)),
        said.sign(good, foreign, kid=None),
        said.sign(good, foreign, jku=f"{said.url}/evil"),
        f"{signed}.{mac}",
        *(f"{part({'alg': name, 'kid': 'one'})}.{part(good)}." for name in ("none", "None", "", None, ["RS256"])),
        said.sign(good, typ="logout+jwt"),
        said.sign(good, typ="dpop+jwt"),
        said.sign(good)[:-8] + "AAAAAAAA",
        said.sign(good).rpartition(".")[0] + ".",
    ]
    for token in forged:
        with pytest.raises(InvalidTokenError):
            tokens.verify(token)
    for header in ({}, {"typ": "at+jwt"}, {"typ": "application/at+jwt"}, {"typ": "JWT", "x5t": "x", "nonce": "y"}):
        assert tokens.verify(said.sign(good, **header))


@pytest.mark.parametrize("name", ["iss", "kid", "alg", "typ"])
@pytest.mark.parametrize("value", [None, 1, [], {}, ["RS256"], "' or 1=1 --", "\0", "é", "../../etc/passwd"])
def test_odd_header_or_issuer_is_no_fault_of_the_servers(
    said: Said, trusting: Callable[[str], Tokens], name: str, value: object
) -> None:
    header, body = {"alg": "RS256", "kid": "one"}, claims(said)
    (body if name == "iss" else header)[name] = value
    with pytest.raises(InvalidTokenError):
        trusting("audience=jobreport tenant=acme").verify(f"{part(header)}.{part(body)}.AAAA")


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "ES256"])
def test_asymmetric_algorithms_are_taken_by_the_key_that_fits(
    said: Said, trusting: Callable[[str], Tokens], algorithm: str
) -> None:
    elliptic = ECKey.generate_key("P-256", {"kid": "two"})
    said.publish(said.key, elliptic)
    key = elliptic if algorithm == "ES256" else said.key
    assert trusting("audience=jobreport tenant=acme").verify(said.sign(claims(said), key, alg=algorithm))


def test_key_is_taken_for_its_own_algorithm_and_use_alone(said: Said, trusting: Callable[[str], Tokens]) -> None:
    public = said.key.as_dict(private=False)
    for more in ({"alg": "RS512"}, {"use": "enc"}, {"alg": "RSA-OAEP"}):
        said.publish({**public, **more})
        with pytest.raises(InvalidTokenError, match="does not publish"):
            trusting("audience=jobreport tenant=acme").verify(said.sign(claims(said)))


def test_keys_that_nobody_here_understands_do_no_harm(said: Said, trusting: Callable[[str], Tokens]) -> None:
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
    said.publish(said.key)
    said.documents["/keys"]["keys"][:0] = odd
    assert trusting("audience=jobreport tenant=acme").verify(said.sign(claims(said)))
    said.documents["/keys"] = {"keys": odd}
    with pytest.raises(InvalidTokenError, match="does not publish"):
        trusting("audience=jobreport tenant=acme").verify(said.sign(claims(said)))


def test_new_key_is_asked_for_once_and_a_flood_of_unknown_ones_is_not(
    said: Said, trusting: Callable[[str], Tokens], clock: Clock
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    assert tokens.verify(said.sign(claims(said)))
    asked = len(said.asked)
    new = RSAKey.generate_key(2048, {"kid": "new"})
    for number in range(20):
        with pytest.raises(InvalidTokenError):
            tokens.verify(said.sign(claims(said), new, kid=f"unknown {number}"))
    assert len(said.asked) == asked
    said.publish(said.key, new)
    clock.ahead += RETRY_SECONDS
    assert tokens.verify(said.sign(claims(said), new))
    assert len(said.asked) == asked + 2


def test_verified_token_is_known_without_asking_anybody_for_as_long_as_it_is_good(
    said: Said, trusting: Callable[[str], Tokens], clock: Clock
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    token = said.sign(claims(said))
    assert tokens.known(token) is None
    found = tokens.verify(token)
    said.documents.clear()
    said.key = RSAKey.generate_key(2048)
    assert tokens.known(token) == tokens.verify(token) == found
    clock.ahead += 661
    assert tokens.known(token) is None
    with pytest.raises(InvalidTokenError, match="expired"):
        tokens.verify(token)


def test_key_that_the_issuer_takes_back_stops_counting(
    said: Said, trusting: Callable[[str], Tokens], clock: Clock
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    token = said.sign(claims(said, exp=int(time.time()) + 100_000))
    assert tokens.verify(token)
    said.publish(RSAKey.generate_key(2048, {"kid": "new"}))
    clock.ahead += FRESH_SECONDS
    (issuer,) = tokens.issuers
    assert issuer.is_due()
    assert issuer.renew() == ""
    with pytest.raises(InvalidTokenError, match="does not publish"):
        tokens.verify(token)


@pytest.mark.parametrize("status", [500, 404, 302])
def test_known_keys_outlast_an_outage_of_a_day(
    said: Said, trusting: Callable[[str], Tokens], clock: Clock, status: int
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    token = claims(said, exp=int(time.time()) + 10 * STALE_SECONDS)
    assert tokens.verify(said.sign(token))
    said.status = status
    clock.ahead += FRESH_SECONDS
    (issuer,) = tokens.issuers
    assert "answered" in issuer.renew()
    assert tokens.verify(said.sign(token))
    clock.ahead += STALE_SECONDS - FRESH_SECONDS
    with pytest.raises(IssuerError):
        tokens.verify(said.sign(token))
    said.status = 200
    clock.ahead += RETRY_SECONDS
    assert tokens.verify(said.sign(token))


BROKEN: dict[str, Callable[[Said], None]] = {
    "another issuer": lambda said: said.publish(said.key, issuer="https://evil.example"),
    "issuer with a slash": lambda said: said.publish(said.key, issuer=said.url + "/"),
    "no issuer": lambda said: said.publish(said.key, issuer=None),
    "keys without TLS": lambda said: said.publish(said.key, jwks_uri="http://192.0.2.1/keys"),
    "keys in a file": lambda said: said.publish(said.key, jwks_uri="file:///etc/passwd"),
    "no keys": lambda said: said.publish(said.key, jwks_uri=None),
    "keys at no URL": lambda said: said.publish(said.key, jwks_uri="http://[::1"),
    "keys somewhere else": lambda said: said.documents.update({"/keys": f"{said.url}/other"}),
    "keys that are a list": lambda said: said.documents.update({"/keys": [1]}),
    "keys that are no JSON": lambda said: said.documents.update({"/keys": b"<html>"}),
    "keys without end": lambda said: said.documents.update({"/keys": b" " * 600_000}),
    "nesting without end": lambda said: said.documents.update({"/keys": b"[" * 100_000}),
    "no document": lambda said: said.documents.clear(),
}


@pytest.mark.parametrize("what", BROKEN)
def test_issuer_that_is_not_who_it_should_be_has_no_keys(
    said: Said, trusting: Callable[[str], Tokens], what: str
) -> None:
    BROKEN[what](said)
    with pytest.raises((IssuerError, InvalidTokenError)):
        trusting("audience=jobreport tenant=acme").verify(said.sign(claims(said)))


def test_token_of_an_issuer_that_nobody_trusts_is_not_even_looked_up(
    said: Said, trusting: Callable[[str], Tokens]
) -> None:
    tokens = trusting("audience=jobreport tenant=acme")
    for name in (said.url + "/", said.url.upper(), "https://evil.example", OURS):
        assert tokens.outside(said.sign(claims(said, iss=name))) == ""
        with pytest.raises(InvalidTokenError):
            tokens.verify(said.sign(claims(said, iss=name)))
    assert said.asked == []


GOOD = "https://login.example.com audience=a tenant=t"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "URL audience=NAME"),
        ("http://login.example.com audience=a tenant=t", "https"),
        ("https://login.example.com/?x audience=a tenant=t", "query"),
        ("https://user@login.example.com audience=a tenant=t", "issuer"),
        ("ftp://login.example.com audience=a tenant=t", "https"),
        ("https:// audience=a tenant=t", "https"),
        ("https://[ audience=a tenant=t", "https"),
        ("https://login.example.com tenant=t", "audience"),
        ("https://login.example.com audience=a", "tenant"),
        ("https://login.example.com audience=a tenant=t tenant-claim=x", "one of"),
        ("https://login.example.com audience=a tenant=Not_A_Name", "lower-case"),
        (f"{GOOD} role:reader=Everything", READ),
        (f"{GOOD} role:=x", "no setting"),
        (f"{GOOD} audience", "no setting"),
        (f"{GOOD} colour=blue", "colour"),
        (f"{GOOD} tenant:x=y", "tenant-claim"),
        (f'{GOOD} "role:unclosed', "URL audience=NAME"),
    ],
)
def test_issuer_that_is_written_wrong_is_refused_with_what_would_be_right(written: str, told: str) -> None:
    with pytest.raises(TrustError) as caught:
        parse_trusted(written)
    assert told in str(caught.value)


def test_roles_may_have_spaces_and_several_audiences_count() -> None:
    found = parse_trusted(f'{GOOD} audience=b "role:Backup Reader={READ.lower()}"')
    assert found.audiences == ("a", "b")
    assert found.roles == {"Backup Reader": READ}


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:9"])
def test_plain_http_is_for_loopback(host: str) -> None:
    assert parse_trusted(f"http://{host}/realms/x audience=a tenant=t").issuer == f"http://{host}/realms/x"
