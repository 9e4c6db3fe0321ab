"""`jobreport app secret`, `app certificate`, `app show` and `key`, and what a running server makes of them."""

import json
import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

import certificates as made
import postgres
from connecting import connect
from serving import App, Server, command, serve, typed, until


@pytest.fixture
def store(new_store: str) -> str:
    return new_store


def run_json(*words: str, **more: str) -> Any:
    """What a command prints with --json."""
    done = typed(*words, "--json", **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def create(store: str, *words: str) -> str:
    client_id: str = run_json("app", "create", "--name", "nightly", *words, "--store", store)["clientId"]
    return client_id


def write_file(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def prove(server: Server, signer: made.Signer, client_id: str) -> httpx.Response:
    assertion = signer.sign(made.claims(client_id, f"{server.url}/connect/token"))
    return server.ask_token(client_assertion_type=made.ASSERTION_TYPE, client_assertion=assertion)


def test_app_with_a_certificate_signs_in_and_has_no_secret(server: Server, tmp_path: Path) -> None:
    signer = made.make(ec.generate_private_key(ec.SECP256R1()))
    words = ["app", "create", "--name", "x", "--tenant", "idle", "--store", server.store]
    found = run_json(*words, "--certificate", write_file(tmp_path / "app.pem", signer.pem))
    assert "clientSecret" not in found
    assert found["certificate"]["thumbprint"] == signer.thumbprint
    assert prove(server, signer, found["clientId"]).status_code == 200
    shown = typed(*words, "--certificate", write_file(tmp_path / "app.der", signer.der))
    assert f"Certificate    {signer.thumbprint} (CN=nightly report)" in shown.stdout
    assert "secret" not in shown.stdout + shown.stderr


@pytest.mark.parametrize("what", ["private key", "no certificate", "expired"])
def test_file_that_is_no_good_is_wrong_usage_and_nothing_is_kept(store: str, tmp_path: Path, what: str) -> None:
    signer = made.make()
    content = {
        "private key": signer.pem + signer.private(Encoding.PEM),
        "no certificate": b"hello",
        "expired": made.make(starts=timedelta(days=-9), ends=timedelta(days=-1)).pem,
    }[what]
    file = write_file(tmp_path / "app.pem", content)
    create(store)
    for words in (["app", "create", "--name", "y", "--certificate", file], ["app", "create", "--name", "y"]):
        done = typed(*words, "--store", store)
        assert (done.returncode == 2) is ("--certificate" in words)
    done = typed("app", "create", "--name", "y", "--certificate", file, "--store", store)
    assert what.split()[-1] in done.stderr
    assert "PRIVATE" not in done.stderr
    assert len(run_json("app", "list", "--store", store)) == 2


def test_certificate_is_added_shown_and_removed(server: Server, tmp_path: Path) -> None:
    app = server.app("idle")
    signer = made.make(rsa.generate_private_key(65537, 2048))
    words = [app.client_id, "--store", server.store]
    added = run_json(
        "app", "certificate", "add", app.client_id, write_file(tmp_path / "a.pem", signer.pem), "--store", server.store
    )
    assert (added["thumbprint"], added["ended"], added["lastUsed"]) == (signer.thumbprint, None, None)
    assert prove(server, signer, app.client_id).status_code == 200
    (kept,) = run_json("app", "show", *words)["certificates"]
    assert kept["subject"] == "CN=nightly report"
    assert kept["lastUsed"]
    shown = typed("app", "show", *words).stdout
    assert signer.thumbprint in shown
    assert "CN=nightly report" in shown
    removed = run_json("app", "certificate", "remove", app.client_id, signer.thumbprint[:12], "--store", server.store)
    assert removed["thumbprint"] == signer.thumbprint
    assert prove(server, signer, app.client_id).status_code == 401
    assert run_json("app", "show", *words)["certificates"][0]["ended"]


def test_secret_is_added_and_the_old_one_revoked_without_a_gap(server: Server) -> None:
    old = server.app("idle")
    assert old.report().status_code == 200
    words = [old.client_id, "--store", server.store]
    new = App(server, run_json("app", "secret", "add", *words, "--secret-years", "2"))
    for app in (old, new):
        assert server.ask_token(client_id=app.client_id, client_secret=app.secret).status_code == 200
    secrets = run_json("app", "show", *words)["secrets"]
    assert [bool(one["lastUsed"]) for one in secrets] == [True, True]
    third = typed("app", "secret", "add", *words)
    assert third.returncode == 1
    assert "2 live secrets" in third.stderr
    run_json("app", "secret", "revoke", old.client_id, secrets[0]["id"], "--store", server.store)
    assert server.ask_token(client_id=old.client_id, client_secret=old.secret).status_code == 401
    assert server.ask_token(client_id=new.client_id, client_secret=new.secret).status_code == 200
    assert old.report().status_code == 200  # a token outlives the secret that it was given for


def test_list_and_log_warn_of_what_ends_soon(store: str, tmp_path: Path) -> None:
    soon = write_file(tmp_path / "soon.pem", made.make(ends=timedelta(days=29)).pem)
    later = write_file(tmp_path / "later.pem", made.make(ends=timedelta(days=31)).pem)
    client_id = create(store, "--certificate", soon)
    fine = create(store, "--certificate", later)
    listed = typed("app", "list", "--store", store)
    assert client_id in listed.stderr
    assert fine not in listed.stderr
    assert "nothing lasts longer; jobreport app certificate add" in listed.stderr
    assert [one["endsSoon"] for one in run_json("app", "list", "--store", store)] == [True, False]
    with serve(tmp_path / "server", "--workers", "2", "--log-format", "json", store=store) as server:
        until(lambda: "sign-in ends soon" in server.log)
        assert [line for line in server.log.splitlines() if "ends soon" in line and fine in line] == []
    assert server.log.count("sign-in ends soon") == 1


@pytest.mark.parametrize("words", ["app show", "app secret add", "app certificate remove", "app secret revoke"])
def test_app_that_does_not_exist_is_said(store: str, words: str) -> None:
    create(store)
    more = ["x"] if words.split()[-1] in ("remove", "revoke") else []
    done = typed(*words.split(), "nobody", *more, "--store", store)
    assert done.returncode == 1
    assert "there is no app 'nobody'" in done.stderr


def test_key_is_rotated_while_servers_run_and_tokens_go_on(tmp_path: Path) -> None:
    with serve(tmp_path, "--workers", "2") as server:
        app = server.app("default")
        assert app.report().status_code == 200
        new = run_json("key", "rotate", "--store", server.store)["kid"]

        def published() -> set[str]:
            answer = server.http.get("/.well-known/jwks.json")
            assert answer.headers["cache-control"] == "public, max-age=300"
            return {key["kid"] for key in answer.json()["keys"]}

        # Each worker in its turn: a connection stays with one of them.
        for _ in range(8):
            with connect(server.url) as fresh:
                until(lambda fresh=fresh: new in fresh.get("/.well-known/jwks.json").text)
        assert len(published()) == 2
        assert app.report().status_code == 200
        standing = [one["standing"] for one in run_json("key", "list", "--store", server.store)]
        assert standing == ["signs", "next"]


def test_withdrawn_key_ends_its_tokens_everywhere_within_seconds(tmp_path: Path) -> None:
    with serve(tmp_path, "--workers", "2") as server:
        app = server.app("default")
        assert app.report().status_code == 200
        run_json("key", "rotate", "--at-once", "--store", server.store)
        until(lambda: all(app.report().status_code == 401 for _ in range(8)))
        again = App(server, app.document)
        assert again.report().status_code == 200


def test_server_replaces_an_old_key_by_itself(tmp_path: Path) -> None:
    """A key that was made a day and more ago: its row says so."""
    with serve(tmp_path) as server:
        server.app("default")
    with sqlite3.connect(server.store.removeprefix("sqlite:///")) as connection:
        connection.execute("update signing_key set created = created - 2 * 864000000000")
    connection.close()
    with serve(tmp_path, "--key-days", "1", "--workers", "2", "--log-format", "json", store=server.store) as server:
        until(lambda: "signing key rotated" in server.log)
        assert [one["standing"] for one in run_json("key", "list", "--store", server.store)] == ["signs", "next"]
    assert server.log.count("signing key rotated") == 1


def test_keys_are_encrypted_from_the_first_start_with_a_secret_key_on(tmp_path: Path, store: str) -> None:
    with serve(tmp_path / "plain", store=store) as server:
        app = server.app("default")
        assert app.report().status_code == 200
    file = tmp_path / "secret.key"
    file.write_text(typed("key", "secret").stdout)
    assert re.fullmatch(r"[\w-]{43}=\n", file.read_text())
    with serve(
        tmp_path / "sealed", "--public-url", server.url, store=store, JOBREPORT_SECRET_KEY_FILE=str(file)
    ) as again:
        answer = again.http.post("/api/public/jobreport", json={}, headers=app.bearer)
        assert answer.status_code == 200
    # Nothing is left of what was there in clear, not even where the file keeps what is no longer of use.
    for one in Path(store.removeprefix("sqlite:///")).parent.iterdir():
        assert b'"d": "' not in one.read_bytes(), one.name
    assert [one["encrypted"] for one in run_json("key", "list", "--store", store)] == [True]

    other = typed("key", "secret").stdout.strip()
    for more, said in (
        ({}, "no secret key is set"),
        ({"JOBREPORT_SECRET_KEY": other}, "is not the one"),
        ({"JOBREPORT_SECRET_KEY": "short"}, "32 random bytes"),
    ):
        done = command("serve", "--port", "0", "--store", store, **more)
        assert done.returncode == 78
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert other not in done.stderr


def test_secret_key_is_exchanged_by_a_command(store: str, tmp_path: Path) -> None:
    create(store)
    old, new = typed("key", "secret").stdout.strip(), tmp_path / "new.key"
    new.write_text(typed("key", "secret").stdout)
    run_json("key", "rotate", "--store", store, JOBREPORT_SECRET_KEY=old)
    words = ["key", "encrypt", "--with-file", str(new), "--store", store]
    assert typed(*words).returncode == 1
    assert run_json(*words, JOBREPORT_SECRET_KEY=old)["keys"] == 2
    assert typed("key", "rotate", "--store", store, JOBREPORT_SECRET_KEY=old).returncode == 1
    assert typed("key", "rotate", "--store", store, JOBREPORT_SECRET_KEY_FILE=str(new)).returncode == 0


def test_store_on_postgresql_is_not_served_without_a_secret_key(postgres_url: str, tmp_path: Path) -> None:
    with postgres.database(postgres_url) as url:
        assert command("migrate", "--store", url).returncode == 0
        done = command("serve", "--port", "0", "--store", url)
        assert done.returncode == 78
        assert "jobreport key secret" in done.stderr
        assert "JOBREPORT_SECRET_KEY_FILE" in done.stderr
        assert run_json("key", "list", "--store", url) == []
        with serve(tmp_path, store=url) as server:
            assert server.app("default").report().status_code == 200
        assert [one["encrypted"] for one in run_json("key", "list", "--store", url)] == [True]


def test_secret_key_is_not_handed_to_the_command_that_is_run(tmp_path: Path) -> None:
    done = command(
        "run", "--spool", str(tmp_path), "--", "env", JOBREPORT_SECRET_KEY="hunter2", JOBREPORT_CLIENT_SECRET="hunter3"
    )
    assert "PATH=" in done.stdout
    assert "hunter" not in done.stdout


def test_life_of_a_secret_is_none_of_a_certificates(store: str, tmp_path: Path) -> None:
    file = write_file(tmp_path / "app.pem", made.make().pem)
    done = typed("app", "create", "--name", "x", "--certificate", file, "--secret-years", "2", "--store", store)
    assert done.returncode == 2
    assert "--certificate" in done.stderr
