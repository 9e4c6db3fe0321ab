"""`jobreport serve --trust-issuer` with a real OpenID provider, another maker's, on loopback: from its discovery on."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from running_provider import Provider, provider
from stub_issuer import StubIssuer

from jobs import job
from serving import JOBS, PATIENCE, READ, READ_WRITE, REPORT, WRITE_OWN, Server, command, serve, until

AUDIENCE = "jobreport"


def claims(*roles: str, tenant: str = "acme", **more: Any) -> dict[str, Any]:
    return {"aud": [AUDIENCE], "roles": list(roles), "tenant": tenant, **more}


CLIENTS = {
    "reader": claims(READ),
    "writer": claims(READ_WRITE),
    "runner": claims(WRITE_OWN),
    "runner-2": claims(WRITE_OWN),
    "stranger": claims(READ_WRITE, tenant="globex"),
    "nobody": claims(READ_WRITE, tenant="nowhere"),
    "nothing": claims(),
    "elsewhere": claims(READ_WRITE) | {"aud": "another service"},
    "person": claims(READ_WRITE, upn="anna@example.com"),
}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with provider(tmp_path_factory.mktemp("provider"), CLIENTS) as running:
        yield running


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory, real: Provider) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    issuer = f"{real.url} audience={AUDIENCE} tenant-claim=tenant"
    with serve(folder, "--trust-issuer", issuer, "--log-format", "json") as running:
        for name in ("acme", "globex"):
            assert command("tenant", "create", name, "--store", running.store).returncode == 0
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def report(server: Server, token: str) -> httpx.Response:
    return server.http.post(REPORT, json={}, headers=bearer(token))


def write(server: Server, token: str, *job_ids: str) -> httpx.Response:
    return server.http.post(JOBS, json=[job(name) for name in job_ids], headers=bearer(token))


def test_token_from_outside_writes_and_reads_its_tenants_jobs(trusting: Server, real: Provider) -> None:
    assert write(trusting, real.token("writer"), "FB1").json()["created"] == 1
    found = report(trusting, real.token("reader")).json()
    assert [one["jobId"] for one in found["jobs"]] == ["FB1"]
    assert report(trusting, real.token("stranger")).json()["totalCount"] == 0
    shown = trusting.http.get(f"{JOBS}/FB1", headers=bearer(real.token("reader")))
    assert shown.json()["reportedBy"] == f"writer@{real.url}"
    assert trusting.http.get(f"{JOBS}/FB1", headers=bearer(real.token("stranger"))).status_code == 404


def test_permissions_are_those_that_its_roles_give(trusting: Server, real: Provider) -> None:
    assert write(trusting, real.token("reader"), "FB2").status_code == 403
    assert report(trusting, real.token("runner")).status_code == 403
    assert report(trusting, real.token("nothing")).status_code == 403


def test_app_from_outside_that_may_report_alone_writes_its_own_jobs_alone(trusting: Server, real: Provider) -> None:
    assert write(trusting, real.token("runner"), "IB1").status_code == 200
    assert write(trusting, real.token("runner"), "IB1").json()["unchanged"] == 1
    assert write(trusting, real.token("runner-2"), "IB1").status_code == 403


@pytest.mark.parametrize("client", ["nobody", "elsewhere", "person"])
def test_token_that_is_for_another_tenant_service_or_person_is_401(
    trusting: Server, real: Provider, client: str
) -> None:
    answer = report(trusting, real.token(client))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert "anna" not in answer.text


def test_tenant_is_the_tokens_and_no_header_changes_it(trusting: Server, real: Provider) -> None:
    headers = bearer(real.token("reader"))
    for name, status in (("acme", 200), ("globex", 403), ("nowhere", 403)):
        answer = trusting.http.post(REPORT, json={}, headers=headers | {"Jobreport-Tenant": name})
        assert answer.status_code == status


def test_suspended_tenant_is_closed_to_apps_from_outside_within_five_seconds(trusting: Server, real: Provider) -> None:
    token = real.token("stranger")
    assert report(trusting, token).status_code == 200
    command("tenant", "suspend", "globex", "--store", trusting.store)
    until(lambda: report(trusting, token).status_code == 401)
    command("tenant", "resume", "globex", "--store", trusting.store)
    until(lambda: report(trusting, token).status_code == 200)


def test_ours_and_theirs_are_taken_side_by_side(trusting: Server, real: Provider) -> None:
    ours = trusting.app("acme")
    assert ours.report().status_code == 200
    assert report(trusting, real.token("reader")).status_code == 200
    # And none for the other's: the provider's secret opens nothing here.
    assert trusting.ask_token(client_id="reader", client_secret="secret of reader").status_code == 401


def test_requests_from_outside_are_in_the_log_with_app_and_issuer(trusting: Server, real: Provider) -> None:
    report(trusting, real.token("reader"))
    lines = [json.loads(line) for line in trusting.log.splitlines() if line.startswith("{")]
    assert any(line.get("client") == f"reader@{real.url}" and line.get("tenant") == "acme" for line in lines)
    assert real.token("reader")[:40] not in trusting.log


def test_elliptic_keys_of_a_provider_do_too(tmp_path: Path) -> None:
    with provider(tmp_path / "provider", CLIENTS, algorithm="ES256") as elliptic:
        issuer = f"{elliptic.url} audience={AUDIENCE} tenant=default role:{READ}={READ}"
        with serve(tmp_path / "server", "--trust-issuer", issuer) as server:
            server.app("default")
            assert report(server, elliptic.token("reader")).status_code == 200


def test_rotated_and_unreachable_providers_stop_nobody_else(tmp_path: Path, issuer: StubIssuer) -> None:
    """One provider goes and comes back with other keys; one never answers; one that is slow holds up its own alone."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)  # takes a connection, and never says a word
        silent = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with provider(tmp_path / "provider", CLIENTS) as real:
            words = [
                part
                for url in (real.url, silent, issuer.url)
                for part in ("--trust-issuer", f"{url} audience={AUDIENCE} tenant=default")
            ]
            with serve(tmp_path / "server", *words) as server:
                ours = server.app("default")
                token = real.token("reader")
                assert ours.report().status_code == 200
                assert report(server, token).status_code == 200

                # The silent one: 503, in time; and nobody waits with it.
                theirs = issuer.sign({"iss": silent, "aud": AUDIENCE, "client_id": "x", "exp": int(time.time()) + 600})
                began = time.monotonic()
                answer = report(server, theirs)
                assert answer.status_code == 503
                assert int(answer.headers["Retry-After"]) > 0
                assert time.monotonic() - began < PATIENCE / 2
                assert ours.report().status_code == 200

                real.stop()
                assert report(server, token).status_code == 200
                assert report(server, issuer.sign(valid(issuer))).status_code == 200

                real.forget_its_keys()
                real.start()
                new = real.token("reader")
                assert until(lambda: report(server, new).status_code == 200, "the new keys")
                assert ours.report().status_code == 200
                assert "issuer" in server.log


def valid(issuer: StubIssuer) -> dict[str, Any]:
    return {"iss": issuer.url, "aud": AUDIENCE, "client_id": "x", "exp": int(time.time()) + 600, "roles": [READ]}


def test_several_issuers_are_written_in_a_variable_with_semicolons(tmp_path: Path, issuer: StubIssuer) -> None:
    other = StubIssuer()
    try:
        written = ";".join(f"{one.url} audience={AUDIENCE} tenant=default" for one in (issuer, other))
        with serve(tmp_path, JOBREPORT_TRUST_ISSUER=f"{written};\n") as server:
            server.app("default")
            for one in (issuer, other):
                assert report(server, one.sign(valid(one))).status_code == 200
    finally:
        other.close()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("https://login.example.com tenant=default", "audience"),
        ("http://192.0.2.1 audience=a tenant=default", "https"),
        ("http://127.0.0.1:8099 audience=a tenant=default", "itself"),
    ],
)
def test_issuer_that_cannot_be_trusted_is_wrong_usage(tmp_path: Path, written: str, told: str) -> None:
    words = ["--public-url", "http://127.0.0.1:8099", "--store", f"sqlite:///{tmp_path}/jobs.db"]
    done = command("serve", "--port", "0", "--trust-issuer", written, *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "jobs.db").exists()
