"""The publisher's sample signs in through .NET's IdentityModel: each of its requests and its rules, one for one.

What it does by itself: `DiscoveryPolicy` judges the discovery document, `ProtocolRequest` builds the form or the Basic
header, and `X509SigningCredentials` decides what the header of an assertion says.
"""

import base64
import hashlib
import time
import uuid
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import certificates as made
from jobreport.identity.apps import credentials, registrations
from jobreport.store import open_store
from serving import READ_WRITE, REPORT, App, Server

SCOPE = "platformbackup.readwrite.all"
SAMPLES_UNSET_BODY = (
    b'{"SearchText":"","ServiceType":0,"JobType":0,"Pagination":{"PageNumber":0,"PageSize":0},"StartTime":0,'
    b'"FinishTime":0}'
)


def discover(server: Server, authority: str) -> dict[str, Any]:
    """`GetDiscoveryDocumentAsync`, and what `DiscoveryPolicy` makes of the answer."""
    answer = server.http.get(f"{authority}/.well-known/openid-configuration", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    assert found["issuer"] == authority, "Issuer name does not match authority"
    for name, value in found.items():
        if name.lower().endswith("endpoint") or name.lower() in ("jwks_uri", "check_session_iframe"):
            endpoint, base = urlsplit(value), urlsplit(authority)
            assert endpoint.scheme == "https" or endpoint.hostname in ("localhost", "127.0.0.1")
            assert endpoint.netloc == base.netloc, "Endpoint is on a different host than authority"
            assert value.startswith(authority), "Endpoint belongs to different authority"
    assert found["jwks_uri"], "Keyset is missing"
    keys = server.http.get(found["jwks_uri"], headers={"Accept": "application/json"})
    assert keys.status_code == 200
    assert all(key["kid"] and key["kty"] == "RSA" and key["n"] and key["e"] for key in keys.json()["keys"])
    return found


def request_token(
    server: Server, endpoint: str, form: list[tuple[str, str]], header: str | None = None
) -> httpx.Response:
    """`RequestClientCredentialsTokenAsync`: the grant and the scope come first, the rest behind them."""
    headers = {"Accept": "application/json"} | ({"Authorization": header} if header else {})
    fields = [("grant_type", "client_credentials"), ("scope", SCOPE), *form]
    return server.http.post(endpoint, data=dict(fields), headers=headers)


def assertion(signer: made.Signer, client_id: str, endpoint: str, seconds: int = 60) -> str:
    """`JsonWebTokenHandler.CreateToken` with `X509SigningCredentials`: SHA-1 thumbprints in two forms."""
    sha1 = hashlib.sha1(signer.der, usedforsecurity=False)
    now = int(time.time())
    claims = {
        "aud": endpoint,
        "iss": client_id,
        "exp": now + seconds,
        "jti": str(uuid.uuid4()),
        "sub": client_id,
        "iat": now,
        "nbf": now,
    }
    thumbprint = base64.urlsafe_b64encode(sha1.digest()).rstrip(b"=").decode()
    return signer.sign(claims, "RS256", kid=sha1.hexdigest().upper(), x5t=thumbprint, typ="JWT")


def assert_reads_the_report(server: Server, answer: httpx.Response) -> None:
    """The token is what `TokenResponse` reads, and the sample's request with it is answered."""
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert (document["token_type"], document["expires_in"], document["scope"]) == ("Bearer", 3600, SCOPE)
    headers = {
        "Authorization": f"Bearer {document['access_token']}",
        "Content-Type": "application/json-patch+json",
        "Accept": "text/plain",
    }
    report = server.http.post(REPORT, content=SAMPLES_UNSET_BODY, headers=headers)
    assert report.status_code == 200
    assert report.json()["totalCount"] == 0


@pytest.fixture(scope="module")
def signer() -> made.Signer:
    return made.make(rsa.generate_private_key(65537, 2048), name="sample")


@pytest.fixture(scope="module")
def client_id(server: Server, signer: made.Signer) -> str:
    """An app that signs in with a certificate."""
    store = open_store(server.store)
    try:
        issued = registrations.create(
            store, name="sample", tenant="idle", permissions=[READ_WRITE], certificate=signer.pem
        )
    finally:
        store.close()
    return issued.app.client_id


def test_sample_signs_in_by_its_certificate_and_leaves_the_client_id_out(
    server: Server, signer: made.Signer, client_id: str
) -> None:
    endpoint = discover(server, server.url)["token_endpoint"]
    form = [
        ("client_assertion_type", made.ASSERTION_TYPE),
        ("client_assertion", assertion(signer, client_id, endpoint)),
    ]
    assert_reads_the_report(server, request_token(server, endpoint, form))


def test_client_id_in_the_form_or_in_a_header_without_a_secret_does_no_harm(
    server: Server, signer: made.Signer, client_id: str
) -> None:
    """`ClientCredentialStyle.PostBody`; and what older versions of the library send by default."""
    endpoint = discover(server, server.url)["token_endpoint"]
    named = base64.b64encode(f"{client_id}:".encode()).decode()
    for more, header in (([("client_id", client_id)], None), ([], f"Basic {named}")):
        form = [
            *more,
            ("client_assertion_type", made.ASSERTION_TYPE),
            ("client_assertion", assertion(signer, client_id, endpoint)),
        ]
        assert_reads_the_report(server, request_token(server, endpoint, form, header))


def test_lifetime_that_net_takes_where_none_is_said_is_not_too_long(
    server: Server, signer: made.Signer, client_id: str
) -> None:
    endpoint = discover(server, server.url)["token_endpoint"]
    form = [
        ("client_assertion_type", made.ASSERTION_TYPE),
        ("client_assertion", assertion(signer, client_id, endpoint, seconds=3600)),
    ]
    assert_reads_the_report(server, request_token(server, endpoint, form))


def test_assertion_that_is_sent_again_is_refused(server: Server, signer: made.Signer, client_id: str) -> None:
    endpoint = discover(server, server.url)["token_endpoint"]
    form = [
        ("client_assertion_type", made.ASSERTION_TYPE),
        ("client_assertion", assertion(signer, client_id, endpoint)),
    ]
    assert request_token(server, endpoint, form).status_code == 200
    again = request_token(server, endpoint, form)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert again.headers["www-authenticate"].startswith("Basic ")


def test_secret_comes_in_a_basic_header_unless_something_else_is_said(idle: App) -> None:
    """`BasicAuthenticationHeaderStyle.Rfc6749`: ID and secret are encoded as in a form, each for itself."""
    server = idle.server
    endpoint = discover(server, server.url)["token_endpoint"]
    encoded = ":".join(quote(part, safe="").replace("%20", "+") for part in (idle.client_id, idle.secret))
    header = f"Basic {base64.b64encode(encoded.encode()).decode()}"
    assert_reads_the_report(server, request_token(server, endpoint, [], header))
    form = [("client_id", idle.client_id), ("client_secret", idle.secret)]
    assert_reads_the_report(server, request_token(server, endpoint, form))


def test_app_may_have_both_and_signs_in_by_one_at_a_time(server: Server, signer: made.Signer, client_id: str) -> None:
    endpoint = discover(server, server.url)["token_endpoint"]
    store = open_store(server.store)
    try:
        secret = credentials.rotate(store, client_id).secret
    finally:
        store.close()
    by_secret = [("client_id", client_id), ("client_secret", secret)]
    by_key = [
        ("client_assertion_type", made.ASSERTION_TYPE),
        ("client_assertion", assertion(signer, client_id, endpoint)),
    ]
    both = request_token(server, endpoint, [*by_secret, *by_key])
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    assert request_token(server, endpoint, by_secret).status_code == 200
    assert request_token(server, endpoint, by_key).status_code == 200
