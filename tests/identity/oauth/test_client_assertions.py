"""Client assertions over a clock that a test sets: what proves an app, and what each rule refuses (RFC 7523 §3)."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import certificates as made
from clocks import Clock
from jobreport.identity.apps import credentials as proofs
from jobreport.identity.apps import registrations
from jobreport.identity.oauth.grants import Grant, GrantError, client_credentials
from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.registry import credentials
from strategies import NOW

UNIX = (NOW - ticks.UNIX_EPOCH) // ticks.PER_SECOND
TODAY = ticks.to_datetime(NOW)
ENDPOINT = "https://jobs.example.com/connect/token"
ISSUER = "https://jobs.example.com"
READ = "PlatformBackup.Read.All"


@pytest.fixture(scope="module")
def signer() -> made.Signer:
    return made.make(now=TODAY)


@pytest.fixture
def client_id(store: Store, signer: made.Signer) -> str:
    issued = registrations.create(store, name="x", tenant="t", permissions=[READ], certificate=signer.pem)
    assert issued.secret == ""
    return issued.app.client_id


def claims(client_id: str, **changed: Any) -> dict[str, Any]:
    given = {"aud": ENDPOINT, "iat": UNIX, "nbf": UNIX, "exp": UNIX + 60} | changed
    return made.claims(client_id, given.pop("aud"), **given)


def ask(store: Store, assertion: str, **more: str) -> Grant:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": made.ASSERTION_TYPE,
        "client_assertion": assertion,
        **more,
    }
    return client_credentials(store, [(name, value) for name, value in form.items() if value], None, (ENDPOINT, ISSUER))


def refusal(store: Store, assertion: str, **more: str) -> GrantError:
    with pytest.raises(GrantError) as caught:
        ask(store, assertion, **more)
    return caught.value


def unproven(store: Store, assertion: str, **more: str) -> bool:
    """Whether it is refused as an unknown client is: without a word of what was wrong."""
    error = refusal(store, assertion, **more)
    return (error.error, error.status, error.description) == (
        "invalid_client",
        401,
        "unknown client, wrong secret or key, or a revoked app",
    )


def test_app_proves_itself_with_its_certificates_key(store: Store, signer: made.Signer, client_id: str) -> None:
    grant = ask(store, signer.sign(claims(client_id)))
    assert (grant.app.client_id, grant.permissions) == (client_id, (READ,))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_rsa_key_signs_by_either_padding(store: Store, signer: made.Signer, client_id: str, algorithm: str) -> None:
    assert ask(store, signer.sign(claims(client_id), algorithm))


@pytest.mark.parametrize("curve", [ec.SECP256R1, ec.SECP384R1, ec.SECP521R1])
def test_elliptic_key_signs_by_the_algorithm_of_its_curve(store: Store, curve: type[ec.EllipticCurve]) -> None:
    signer = made.make(ec.generate_private_key(curve()), now=TODAY)
    issued = registrations.create(store, name="x", tenant="t", permissions=[READ], certificate=signer.pem)
    assert ask(store, signer.sign(claims(issued.app.client_id)))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS512"])
def test_algorithms_that_discovery_does_not_name_prove_nothing(
    store: Store, signer: made.Signer, client_id: str, algorithm: str
) -> None:
    assert unproven(store, signer.sign(claims(client_id), algorithm))


def test_client_id_may_be_given_too_and_must_be_the_same(store: Store, signer: made.Signer, client_id: str) -> None:
    assert ask(store, signer.sign(claims(client_id)), client_id=client_id)
    error = refusal(store, signer.sign(claims(client_id)), client_id="another")
    assert (error.error, error.status) == ("invalid_request", 400)


@pytest.mark.parametrize("audience", [ENDPOINT, ISSUER, [ENDPOINT], [ISSUER]])
def test_audience_is_the_token_endpoint_or_the_issuer(
    store: Store, signer: made.Signer, client_id: str, audience: str | list[str]
) -> None:
    assert ask(store, signer.sign(claims(client_id, aud=audience)))


WRONG = {
    "iss": ["", None, "another", ["x"], 1],
    "sub": [None],
    "aud": [
        *("", None, [], "https://evil.example/connect/token", ENDPOINT + "/", ENDPOINT.upper(), 1),
        *([ENDPOINT, "https://evil.example"], [[ENDPOINT]], {"x": ENDPOINT}, [ENDPOINT, ENDPOINT]),
    ],
    "exp": [None, "soon", UNIX - 60, UNIX + 3661, True, [UNIX + 60], float("nan"), float("inf"), 10**400, -1, 0],
    "nbf": [UNIX + 61, "x", {}],
    "iat": [UNIX + 61, "x"],
    "jti": [None, "", 1, ["x"], "x" * 513],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_claim_that_is_wrong_under_a_good_signature_is_refused_and_named(
    store: Store, signer: made.Signer, client_id: str, name: str, value: object
) -> None:
    assertion = signer.sign(claims(client_id, **{name: value}))
    error = refusal(store, assertion, client_id=client_id if name == "sub" else "")
    assert (error.error, error.status) == ("invalid_client", 401)
    assert "expired" in error.description or name in error.description
    assert str(value) not in error.description or len(str(value)) < 5
    assert ask(store, signer.sign(claims(client_id)))


def test_clocks_may_be_a_minute_apart(store: Store, signer: made.Signer, client_id: str, clock: Clock) -> None:
    for difference in (-59, 59):
        clock.now = NOW + difference * ticks.PER_SECOND
        assert ask(store, signer.sign(claims(client_id, exp=UNIX + 1)))
    assert ask(store, signer.sign(claims(client_id, exp=UNIX + 3600)))


def test_assertion_is_good_once_as_long_as_it_is_good_at_all(
    store: Store, signer: made.Signer, client_id: str, clock: Clock
) -> None:
    assertion = signer.sign(claims(client_id, exp=UNIX + 3600))
    assert ask(store, assertion)
    for passed in (0, 1800, 3659):
        clock.now = NOW + passed * ticks.PER_SECOND
        assert "used before" in refusal(store, assertion).description
    clock.now = NOW + 3660 * ticks.PER_SECOND
    assert "expired" in refusal(store, assertion).description


def test_same_jti_under_another_signature_is_the_same_assertion(
    store: Store, signer: made.Signer, client_id: str
) -> None:
    assert ask(store, signer.sign(claims(client_id, jti="x"), "RS256"))
    assert "used before" in refusal(store, signer.sign(claims(client_id, jti="x"), "PS256")).description


def test_jti_is_each_apps_own(store: Store, signer: made.Signer, client_id: str) -> None:
    other = registrations.create(store, name="y", tenant="t", permissions=[READ], certificate=signer.pem).app.client_id
    for one in (client_id, other):
        assert ask(store, signer.sign(claims(one, jti="x")))


def test_refused_assertion_is_not_used_up(store: Store, signer: made.Signer, client_id: str) -> None:
    assert refusal(store, signer.sign(claims(client_id, jti="x", aud="https://evil.example")))
    assert ask(store, signer.sign(claims(client_id, jti="x")))


def test_whoever_does_not_prove_himself_learns_nothing(store: Store, signer: made.Signer, client_id: str) -> None:
    other = made.make(rsa.generate_private_key(65537, 2048), now=TODAY)
    elliptic = made.make(ec.generate_private_key(ec.SECP256R1()), now=TODAY)
    with_secret = registrations.create(store, name="x", tenant="t", permissions=[READ]).app.client_id
    revoked = registrations.create(store, name="x", tenant="t", permissions=[READ], certificate=signer.pem)
    registrations.revoke(store, revoked.app.client_id)
    assert unproven(store, other.sign(claims(client_id)))
    assert unproven(store, elliptic.sign(claims(client_id)))
    assert unproven(store, signer.sign(claims("00000000-0000-4000-8000-000000000000")))
    assert unproven(store, signer.sign(claims(with_secret)))
    assert unproven(store, signer.sign(claims(revoked.app.client_id)))
    assert unproven(store, other.sign(claims(client_id, exp=1)))
    head, body, _ = signer.sign(claims(client_id)).split(".")
    assert unproven(store, f"{head}.{body}.")
    assert unproven(store, f"{head}.{body}.AAAA")


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_unsigned_and_symmetric_assertions_prove_nothing(store: Store, signer: made.Signer, client_id: str) -> None:
    said = claims(client_id)
    for algorithm in ("none", "None", "", None, 1, ["RS256"]):
        assert unproven(store, f"{part({'alg': algorithm})}.{part(said)}.")
    for secret in (signer.pem, signer.der, signer.thumbprint.encode(), b"x" * 32):
        signed = f"{part({'alg': 'HS256'})}.{part(said)}"
        mac = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest()).rstrip(b"=")
        assert unproven(store, f"{signed}.{mac.decode()}")


def test_key_that_comes_along_in_the_header_is_no_key(store: Store, signer: made.Signer, client_id: str) -> None:
    attacker = made.make(rsa.generate_private_key(65537, 2048), now=TODAY)
    public = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}
    for header in (
        {"x5c": [base64.b64encode(attacker.der).decode()]},
        {"x5t": base64.urlsafe_b64encode(bytes.fromhex(signer.thumbprint)[:20]).decode()},
        {"jwk": public},
        {"jku": "https://evil.example/keys.json"},
        {"x5u": "https://evil.example/x.pem"},
        {"kid": signer.thumbprint},
    ):
        assert unproven(store, attacker.sign(claims(client_id), **header))


def test_headers_that_libraries_add_pass(store: Store, signer: made.Signer, client_id: str) -> None:
    sha1 = hashlib.sha1(signer.der, usedforsecurity=False)
    for header in (
        {"typ": "JWT", "kid": sha1.hexdigest().upper(), "x5t": base64.urlsafe_b64encode(sha1.digest()).decode()},
        {"x5t#S256": base64.urlsafe_b64encode(bytes.fromhex(signer.thumbprint)).rstrip(b"=").decode()},
        {"x5c": [base64.b64encode(signer.der).decode()] * 3},
        {"typ": "client-authentication+jwt", "of": "its own"},
    ):
        assert ask(store, signer.sign(claims(client_id), **header))


def test_header_that_its_maker_calls_critical_is_not_passed_over(
    store: Store, signer: made.Signer, client_id: str
) -> None:
    head = part({"alg": "RS256", "crit": ["x"], "x": 1})
    _, body, signature = signer.sign(claims(client_id)).split(".")
    assert unproven(store, f"{head}.{body}.{signature}")


def test_two_certificates_are_good_at_once_and_an_ended_one_is_not(
    store: Store, signer: made.Signer, client_id: str
) -> None:
    second = made.make(rsa.generate_private_key(65537, 2048), now=TODAY)
    proofs.add_certificate(store, client_id, second.der)
    for one in (signer, second):
        assert ask(store, one.sign(claims(client_id)))
    proofs.end_certificate(store, client_id, signer.thumbprint[:8])
    assert unproven(store, signer.sign(claims(client_id)))
    assert ask(store, second.sign(claims(client_id)))


def test_that_a_certificate_has_expired_is_told_to_who_has_its_key_alone(store: Store, clock: Clock) -> None:
    brief = made.make(ends=timedelta(minutes=1), now=TODAY)
    app = registrations.create(store, name="x", tenant="t", permissions=[READ], certificate=brief.pem).app
    clock.now = NOW + 61 * ticks.PER_SECOND
    said = claims(app.client_id, exp=UNIX + 120)
    assert "expired" in refusal(store, brief.sign(said)).description
    assert unproven(store, made.make(rsa.generate_private_key(65537, 2048)).sign(said))


def test_last_use_of_a_certificate_is_known_to_the_hour(
    store: Store, signer: made.Signer, client_id: str, clock: Clock
) -> None:
    def last() -> int:
        with store.reading() as transaction:
            (kept,) = credentials.certificates_of(transaction, client_id)
        return kept.last_used

    assert last() == 0
    for passed, known in ((0, NOW), (3599, NOW), (3600, NOW + 3600 * ticks.PER_SECOND)):
        clock.now = NOW + passed * ticks.PER_SECOND
        assert ask(store, signer.sign(claims(client_id, exp=UNIX + passed + 60)))
        assert last() == known


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"client_assertion_type": "urn:x"}, "client_assertion_type"),
        ({"client_assertion_type": ""}, "client_assertion_type"),
        ({"client_assertion": ""}, "client_assertion is missing"),
        ({"client_secret": "x"}, "more than one way"),
    ],
)
def test_request_that_is_no_one_way_of_signing_in_is_invalid(
    store: Store, signer: made.Signer, client_id: str, fields: dict[str, str], said: str
) -> None:
    error = refusal(store, **{"assertion": signer.sign(claims(client_id)), **fields})
    assert (error.error, error.status) == ("invalid_request", 400)
    assert said in error.description
