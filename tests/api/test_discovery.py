"""Discovery as the .NET library IdentityModel insists on it, and keys that others can verify tokens with."""

import time

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from serving import App, Server

OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"
WELL_KNOWN = (OPENID, OAUTH)


def documents(server: Server, **headers: str) -> list[str]:
    paths = (*WELL_KNOWN, "/.well-known/jwks.json", "/openapi.json", "/docs", "/nowhere")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answers = [server.http.get(path, headers=named) for path in paths]
    return [answer.text + str(answer.headers) for answer in answers]


@pytest.mark.parametrize("path", WELL_KNOWN)
def test_issuer_is_the_authority_exactly_and_every_endpoint_lies_under_it(server: Server, path: str) -> None:
    authority = server.url
    found = server.http.get(f"{authority}{path}")
    assert found.headers["content-type"] == "application/json"
    document = found.json()
    assert document["issuer"] == authority
    endpoints = {name: value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))}
    assert set(endpoints) == {"token_endpoint", "jwks_uri"}
    for value in endpoints.values():
        assert value.startswith(f"{authority}/")
    assert document["token_endpoint"] == f"{authority}/connect/token"
    assert document["grant_types_supported"] == ["client_credentials"]


def test_metadata_that_the_standard_requires_is_there(server: Server) -> None:
    document = server.http.get(OPENID).json()
    assert document["subject_types_supported"] == ["public"]
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    # RFC 8414 has the same but for what is of people's ID tokens.
    plain = server.http.get(OAUTH).json()
    assert plain.items() < document.items()
    assert {*document} - {*plain} == {"subject_types_supported", "id_token_signing_alg_values_supported"}
    assert isinstance(plain["response_types_supported"], list)
    assert document["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]
    # RFC 8414 §2 and OpenID Connect Discovery 1.0 §3: to be named where private_key_jwt is, and never `none`.
    signing = document["token_endpoint_auth_signing_alg_values_supported"]
    assert {"RS256", "PS256", "ES256"} <= set(signing)
    assert all(name[:2] in ("RS", "PS", "ES") for name in signing)


def test_sample_clients_way_leads_from_the_authority_to_the_report(app: App) -> None:
    document = app.server.http.get("/.well-known/openid-configuration").json()
    assert app.server.http.get(document["jwks_uri"]).json()["keys"]
    form = {
        "grant_type": "client_credentials",
        "client_id": app.client_id,
        "client_secret": app.secret,
        "scope": "platformbackup.readwrite.all",
    }
    token = app.server.http.post(document["token_endpoint"], data=form).json()["access_token"]
    answer = app.server.http.post("/api/public/jobreport", json={}, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["totalCount"] == 0


def test_keys_are_public_halves_alone(server: Server) -> None:
    keys = server.http.get("/.well-known/jwks.json").json()["keys"]
    assert keys
    for key in keys:
        assert set(key) <= {"kty", "n", "e", "kid", "use", "alg", "key_ops"}
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_token_can_be_verified_with_the_published_keys(idle: App) -> None:
    keys = idle.server.http.get("/.well-known/jwks.json").json()
    token = jwt.decode(idle.token, KeySet.import_key_set(keys), algorithms=["RS256"])
    assert token.header["kid"] in {key["kid"] for key in keys["keys"]}
    assert token.header["typ"] == "at+jwt"
    claims = token.claims
    assert claims["iss"] == claims["aud"] == idle.server.url
    assert claims["sub"] == claims["client_id"] == idle.client_id
    assert claims["scope"] == "PlatformBackup.ReadWrite.All"
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["nbf"] <= time.time() + 1
    assert claims["jti"]


@pytest.mark.parametrize(
    "name", ["Host", "X_Forwarded_Host", "Forwarded", "X_Forwarded_Proto", "X_Original_Host", "X_Forwarded_Prefix"]
)
def test_header_of_a_request_never_shows_up_in_a_document(server: Server, name: str) -> None:
    value = "host=evil.example" if name == "Forwarded" else "evil.example"
    for text in documents(server, **{name: value}):
        assert "evil.example" not in text


def test_token_is_issued_and_taken_under_any_host_header(idle: App) -> None:
    form = {"grant_type": "client_credentials", "client_id": idle.client_id, "client_secret": idle.secret}
    answer = idle.server.http.post("/connect/token", data=form, headers={"Host": "evil.example"})
    header = {"Authorization": f"Bearer {answer.json()['access_token']}", "Host": "other.example"}
    assert idle.server.http.post("/api/public/jobreport", json={}, headers=header).status_code == 200
