"""Pings at a running server: Healthchecks' own examples one by one, its answers, and what must not get in."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from ping_inboxes import inbox, jobs, key

from jobreport.model.catalog import JobState
from serving import App, Server, serve, typed

RUN = "123e4567-e89b-12d3-a456-426614174000"
OTHER = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
RESTIC = Path(__file__).parent.parent / "runner" / "captures" / "restic" / "backup_ok_rc0.json"


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


@pytest.mark.parametrize("method", ["HEAD", "GET", "POST", "PUT"])
@pytest.mark.parametrize("by_slug", [False, True])
def test_each_documented_request_is_answered_as_documented(
    server: Server, app: App, method: str, by_slug: bool
) -> None:
    path = inbox(server, app, "db")
    path = f"{key(server, app)}db" if by_slug else path
    for word, state in (
        ("", "Successful"),
        ("/start", "InProgress"),
        ("/fail", "Failed"),
        ("/log", ""),
        ("/0", "Successful"),
        ("/1", "Failed"),
        ("/255", "Failed"),
    ):
        before = len(jobs(app))
        answer = server.http.request(method, f"{path}{word}?rid={RUN}" if not word else path + word)
        assert (answer.status_code, answer.text) == (200, "" if method == "HEAD" else "OK"), word
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["ping-body-limit"] == "60000"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "no-store"
        states = [job["state"] for job in jobs(app)]
        assert len(states) - before == (0 if word in {"/log", "/fail"} else 1)
        assert not state or state in states


def test_what_is_wrong_is_said_in_the_words_of_the_protocol(server: Server, app: App) -> None:
    path, below = inbox(server, app, "db"), key(server, app)
    for asked, answer in {
        f"{path}/256": (400, "invalid url format"),
        f"{path}/99999999999999999999999": (400, "invalid url format"),
        f"{path}?rid=x": (400, "invalid uuid format"),
        f"{path}/nonsense": (404, "not found"),
        f"/ping/{OTHER}": (404, "not found"),
        f"/ping/{OTHER}/256": (404, "not found"),
        f"/ping/{OTHER}?rid=x": (404, "not found"),
        "/ping/not-a-uuid": (404, "not found"),
        f"/ping/{path.rpartition('/')[2].upper()}": (404, "not found"),
        f"{below}other": (404, "not found"),
        f"{below}other?create=0": (404, "not found"),
        f"{below}DB": (400, "invalid url format"),
        f"{below[:-2]}x/db": (404, "not found"),
        f"{below[:-2]}x/db?create=1": (404, "not found"),
    }.items():
        assert said(server.http.get(asked)) == answer, asked
    assert jobs(app) == []
    assert [said(server.http.get(f"{below}other?create=1")) for _ in range(2)] == [(201, "Created"), (200, "OK")]
    refused = server.http.delete(path)
    assert refused.status_code == 405
    assert {*refused.headers["allow"].split(", ")} == {"GET", "HEAD", "POST", "PUT"}
    assert refused.headers["content-type"].startswith("text/plain")


def test_an_address_that_was_replaced_or_revoked_is_gone_at_once(server: Server, app: App) -> None:
    whose = ("--tenant", app.document["tenant"], "--url", "", "--store", server.store)
    old, old_key = inbox(server, app, "db"), key(server, app)
    assert [server.http.get(path).status_code for path in (old, f"{old_key}db")] == [200, 200]
    new = typed("inbox", "rotate", "db", *whose).stdout.strip()
    new_key = typed("inbox", "key", "--rotate", *whose).stdout.strip()
    paths = (old, f"{old_key}db", new, f"{new_key}db")
    assert [server.http.get(path).status_code for path in paths] == [404, 404, 200, 200]
    assert typed("inbox", "revoke", "db", *whose[:2], *whose[4:]).stdout == "Revoked db.\n"
    assert [server.http.get(path).status_code for path in paths] == [404] * 4
    # Another inbox of the same slug is another's, also where the old one is remembered.
    assert server.http.get(f"{new_key}db?create=1").text == "Created"
    assert typed("inbox", "key", "--revoke", *whose).returncode == 0
    assert server.http.get(f"{new_key}db").status_code == 404
    assert len(jobs(app)) == 5


def test_a_run_is_a_job_of_its_plan_with_its_output(server: Server, app: App) -> None:
    path = inbox(server, app, "nas", "--plan", "nightly", "--resource", "/srv", "--service", "FileShare")
    server.http.post(f"{path}/start")
    assert jobs(app)[0]["state"] == "InProgress"
    server.http.post(f"{path}/log", content=b"half of it")
    server.http.post(f"{path}/23", content=b"rsync: some files vanished\npartial transfer")
    (listed,) = jobs(app)
    shown = app.show(listed["jobId"]).json()
    assert (shown["state"], shown["plan"], shown["resource"]) == (JobState.Failed, "nightly", "/srv")
    assert shown["comments"] == "exit status 23\nrsync: some files vanished\npartial transfer"
    assert shown["raw"]["log"] == "half of it"
    assert shown["raw"]["body"] == "rsync: some files vanished\npartial transfer"
    assert shown["origin"] == "inbox/nas"


def test_the_output_of_restic_becomes_counts(server: Server, app: App) -> None:
    path = inbox(server, app, "nas")
    server.http.post(path, content=json.loads(RESTIC.read_text())["stdout"].encode())
    (listed,) = jobs(app)
    shown = app.show(listed["jobId"]).json()
    assert (listed["state"], listed["successfulCount"], shown["raw"]["tool"]) == ("Successful", 2, "restic")


def test_the_same_delivery_counts_once_and_a_named_end_can_be_corrected(server: Server, app: App) -> None:
    path = inbox(server, app, "nas")
    for word in ("start", "start", "0", "0", "1", "start"):
        assert server.http.post(f"{path}/{word}?rid={RUN}").status_code == 200
    (listed,) = jobs(app)
    assert listed["state"] == "Failed"
    assert len(app.show(listed["jobId"]).json()["versions"]) == 1


def test_a_body_of_any_length_and_any_bytes_is_taken(server: Server, app: App) -> None:
    path = inbox(server, app, "nas")
    for content in (b"\0" * 70_000, b"\xff\xfe\x00\x1b[2J", b"x" * 3_000_000, b"line\n" * 500_000, b"[" * 100_000):
        assert said(server.http.post(path, content=content)) == (200, "OK")
        assert said(server.http.post(path, content=iter([content[:9], content[9:]]))) == (200, "OK")
    assert {job["state"] for job in jobs(app)} == {"Successful"}
    for job in jobs(app):
        assert len(json.dumps(app.show(job["jobId"]).json()["raw"])) < 128 * 1024


def test_no_long_body_is_received_for_an_address_that_there_is_not(server: Server) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.port), 30)) as connection:
        connection.sendall(
            f"POST /ping/{OTHER} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n{'x' * 99}".encode()
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 404 ")


def test_an_address_reads_nothing_and_is_in_no_log(server: Server, app: App) -> None:
    path, below = inbox(server, app, "nas"), key(server, app)
    server.http.get(path)
    server.http.get(f"{below}nas")
    for nearly in (
        f"/{path}",
        path.replace("ping", "PING"),
        f"/x{path}",
        path.replace("/ping/", "/ping%252f"),
        path[5:],
    ):
        assert server.http.get(f"{server.url}{nearly}").status_code == 404
    secrets = [path.rpartition("/")[2], below.split("/")[-2]]
    for secret in secrets:
        for route in ("/api/search", "/api/jobs?jobId=x", "/backup/vm/jobs", "/api/series"):
            assert server.http.get(route, headers={"Authorization": f"Bearer {secret}"}).status_code == 401
        assert secret not in server.log
    assert '"path":"/ping/…"' in server.log


def test_another_tenants_inbox_is_not_managed_and_its_jobs_are_not_seen(server: Server, app: App) -> None:
    path = inbox(server, app, "nas")
    server.http.get(path)
    other = server.app("other-pings")
    assert jobs(other) == []
    for command in ("show", "rotate", "revoke"):
        done = typed("inbox", command, "nas", "--tenant", "other-pings", "--store", server.store)
        assert (done.returncode, "has no inbox 'nas'" in done.stderr) == (1, True), done.stderr
    assert server.http.get(path).status_code == 200


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("limited"), "--ping-limit", "5/hour") as running:
        yield running


def test_an_address_takes_so_many_pings_whether_it_is_there_or_not(limited: Server) -> None:
    app = limited.app("default")
    path = inbox(limited, app, "nas")
    known = [limited.http.get(path) for _ in range(7)]
    unknown = [limited.http.get(f"/ping/{OTHER}") for _ in range(7)]
    assert [answer.status_code for answer in known] == [200] * 5 + [429] * 2
    assert [answer.status_code for answer in unknown] == [404] * 5 + [429] * 2
    assert known[-1].text == unknown[-1].text == "This address takes 5 requests in 3600 seconds."
    assert 1 <= int(known[-1].headers["retry-after"]) <= 720
    assert known[-1].headers["content-type"].startswith("text/plain")
    assert len(jobs(app)) == 5


def test_the_store_has_no_address_in_clear(limited: Server) -> None:
    path = inbox(limited, limited.app("default"), "clear")
    file = Path(limited.store.removeprefix("sqlite:///"))
    everything = b"".join(one.read_bytes() for one in file.parent.iterdir())
    assert path.rpartition("/")[2].encode() not in everything
    assert b"inbox" in everything
