"""Webhooks at a running server: what becomes of them, what is answered, and what nobody can find out."""

import json
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from ping_inboxes import inbox, jobs, key

from serving import App, Server, program_with, serve, typed

CONFIG = """
[[mapping]]
name = "nas"
[mapping.fields]
state = "status"
key = "id"
[mapping.states]
ok = "Successful"
bad = "Failed"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a mapping, which keeps no more than two unread."""
    folder: Path = tmp_path_factory.mktemp("webhooks")
    file = folder / "jobreport.toml"
    file.write_text(CONFIG, encoding="utf-8")
    few = program_with(folder, "jobreport.store.registry.unread", "unread.MAX_KEPT = 2")
    with serve(folder, "--config", str(file), program=few) as running:
        yield running


@pytest.fixture
def app(server: Server) -> App:
    return server.app(uuid.uuid4().hex)


def hook(server: Server, app: App, name: str = "nas") -> str:
    """Makes an inbox of the app's tenant; returns the path of its webhooks."""
    return inbox(server, app, name).replace("/ping/", "/hook/")


def test_a_webhook_becomes_a_job_by_a_mapping(server: Server, app: App) -> None:
    path = hook(server, app)
    answer = server.http.post(f"{path}/nas", json={"status": "ok", "id": 7})
    assert (answer.status_code, answer.json()) == (200, {"jobs": 1})
    assert server.http.put(f"{path}/NAS", json={"status": "bad", "id": 8}).json() == {"jobs": 1}
    assert server.http.post(f"{path}/nas", json={"status": "new", "id": 9}).json() == {"jobs": 1}
    assert [one["state"] for one in jobs(app)] == ["Successful", "Failed", "Exception"]
    shown = app.show(jobs(app)[2]["jobId"]).json()
    assert shown["comments"] == "unknown state 'new'"
    assert shown["raw"] == {"status": "new", "id": 9}


def test_the_same_delivery_twice_is_one_job(server: Server, app: App) -> None:
    path = hook(server, app)
    for body, more in (
        ({"status": "ok", "id": 1}, {}),
        ({"status": "ok"}, {}),
        ({"status": "ok"}, {"webhook-id": "x"}),
    ):
        for _ in range(2):
            assert server.http.post(f"{path}/nas", json=body, headers=more).status_code == 200
    assert server.http.post(f"{path}/nas?job=b", json={"status": "ok"}).status_code == 200
    assert len(jobs(app)) == 4


def test_the_form_of_a_known_sender_needs_no_mapping(server: Server, app: App) -> None:
    path = hook(server, app)
    assert server.http.post(f"{path}/grafana", content=b"no JSON").json()["unread"]
    assert server.http.post(f"{path}/pbs", content=b"").json()["jobs"] == 0


def test_a_ping_key_leads_to_every_inbox_of_its_tenant(server: Server, app: App) -> None:
    hook(server, app, "files")
    path = key(server, app).replace("/ping/", "/hook/").rstrip("/")
    assert server.http.post(f"{path}/files/nas", json={"status": "ok"}).json() == {"jobs": 1}
    assert server.http.post(f"{path}/others/nas", json={"status": "ok"}).status_code == 404
    assert len(jobs(app)) == 1


@pytest.mark.parametrize(
    ("form", "body", "words"),
    [
        ("nas", b"<xml/>", "the body is no JSON: "),
        ("nas", b'{"x": 1}', "state: status finds nothing"),
        ("nass", b'{"status": "ok"}', "there is no form 'nass'"),
    ],
)
def test_what_nobody_can_read_is_taken_and_kept(server: Server, app: App, form: str, body: bytes, words: str) -> None:
    path = hook(server, app)
    answer = server.http.post(f"{path}/{form}", content=body, headers={"X-Api-Key": "hunter2"})
    assert answer.status_code == 200
    assert answer.json()["jobs"] == 0
    assert answer.json()["unread"].startswith(words)
    assert "did you mean" not in answer.text  # names of mappings are the operator's
    assert jobs(app) == []
    with sqlite3.connect(server.store.removeprefix("sqlite:///")) as connection:
        rows = connection.execute(
            "SELECT content, about, form, why FROM inbox_unread JOIN inbox USING (tenant, inbox)"
            " JOIN tenant USING (tenant) WHERE tenant.name = ?",
            (app.document["tenant"],),
        ).fetchall()
    ((content, about, kept_form, why),) = rows
    assert (content, kept_form) == (body, form)
    assert (form != "nass") or "did you mean nas? " in why
    assert "hunter2" not in about
    assert path.rpartition("/")[2] not in about


def test_what_cannot_be_kept_any_more_is_to_come_again(server: Server, app: App) -> None:
    path = hook(server, app)
    answers = [server.http.post(f"{path}/nas", content=content) for content in (b"1", b"2", b"3", b"2")]
    assert [one.status_code for one in answers] == [200, 200, 503, 200]
    assert answers[2].headers["retry-after"] == "3600"
    assert "must be read, or deleted, first" in answers[2].json()["detail"]
    assert server.http.post(f"{path}/nas", json={"status": "ok"}).json() == {"jobs": 1}


@pytest.mark.parametrize("form", ["a%00b", "%D0%B1", "a" * 65, "a.b"])
def test_a_form_whose_name_nothing_can_have_is_no_address(server: Server, app: App, form: str) -> None:
    assert server.http.post(f"{hook(server, app)}/{form}", content=b"{}").status_code == 404


def test_a_look_at_the_address_does_nothing(server: Server, app: App) -> None:
    path = hook(server, app)
    for method in ("GET", "HEAD", "DELETE", "OPTIONS"):
        answer = server.http.request(method, f"{path}/nas?status=ok")
        assert (answer.status_code, sorted(answer.headers["allow"].split(", "))) == (405, ["POST", "PUT"])
    assert jobs(app) == []


def test_of_an_address_that_there_is_not_nothing_is_told(server: Server, app: App) -> None:
    mine = hook(server, app)
    other = f"{mine[:-1]}{'0' if mine[-1] != '0' else '1'}"
    for path in (other, "/hook/x", "/hook/x/y", f"{mine}/nas", f"/hook/{mine[6:].upper()}"):
        for body in (b"{}", b"x" * 100_000):
            answer = server.http.post(f"{path}/nas", content=body)
            assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such address.")
    assert jobs(app) == []


def test_nobody_signs_in_and_a_token_opens_nothing(server: Server, app: App) -> None:
    path = hook(server, app)
    stranger = server.app(uuid.uuid4().hex)
    for headers in ({}, app.bearer, stranger.bearer, {"Authorization": "Bearer x"}):
        assert server.http.post(f"{path}/nas", json={"status": "ok", "id": 1}, headers=headers).status_code == 200
    assert (len(jobs(app)), jobs(stranger)) == (1, [])
    token = app.bearer["Authorization"].removeprefix("Bearer ")
    assert server.http.post(f"/hook/{token}/nas", json={}).status_code == 404


@pytest.mark.parametrize(
    ("size", "headers", "status"),
    [(4 * 1024 * 1024 + 1, {}, 413), (10, {"Content-Encoding": "gzip"}, 415), (4 * 1024 * 1024, {}, 200)],
)
def test_bodies_have_limits(server: Server, app: App, size: int, headers: dict[str, str], status: int) -> None:
    answer = server.http.post(f"{hook(server, app)}/nas", content=b" " * size, headers=headers)
    assert answer.status_code == status


def test_a_long_body_in_pieces_is_read(server: Server, app: App) -> None:
    body = json.dumps({"status": "ok", "text": "x " * 500_000}).encode()
    pieces = (body[first : first + 100_000] for first in range(0, len(body), 100_000))
    assert server.http.post(f"{hook(server, app)}/nas", content=pieces).json() == {"jobs": 1}


def test_an_address_is_nobodys_after_it_was_revoked_and_is_in_no_log(server: Server, app: App) -> None:
    path = hook(server, app)
    assert server.http.post(f"{path}/nas", json={"status": "ok"}).status_code == 200
    done = typed("inbox", "revoke", "nas", "--tenant", app.document["tenant"], "--store", server.store)
    assert done.returncode == 0
    assert server.http.post(f"{path}/nas", json={"status": "bad"}).status_code == 404
    assert len(jobs(app)) == 1
    assert path.rpartition("/")[2] not in server.log
    assert "/hook/…" in server.log
