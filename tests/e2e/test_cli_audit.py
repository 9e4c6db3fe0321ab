"""`jobreport audit`: everything that is done to a store is in its log, without a secret, and what is changed shows."""

import getpass
import json
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jobreport.identity.keys import provision
from jobreport.store import open_store
from jobs import job
from serving import SECRET_KEY, serve, typed, until


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A store that has its signing key, as one that was served once has."""
    url = f"sqlite:///{tmp_path}/jobs.db"
    with closing(open_store(url)) as opened:
        provision.ensure(opened, None)
    return url


def done(*words: str, store: str) -> str:
    found = typed(*words, "--store", store)
    assert found.returncode == 0, found.stderr
    return found.stdout


def log(store: str, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done("audit", "--json", *words, store=store))
    return found


def test_what_is_done_at_the_command_line_is_in_the_log_with_who_did_it_and_where(store: str, tmp_path: Path) -> None:
    app = json.loads(done("app", "create", "--name", "nightly", "--tenant", "acme", "--json", store=store))
    rotated = json.loads(done("app", "rotate", app["clientId"], "--json", store=store))
    done("app", "revoke", app["clientId"], store=store)
    done("tenant", "suspend", "acme", store=store)
    done("tenant", "resume", "acme", store=store)
    done("check", "--repair", store=store)
    done("backup", str(tmp_path / "copy.db"), store=store)
    done("restore", str(tmp_path / "copy.db"), "--yes", store=store)
    entries = log(store)
    assert [(one["tenant"], one["action"]) for one in entries] == [
        ("_service", "key.created"),
        ("_service", "audit.begun"),
        ("acme", "tenant.created"),
        ("acme", "app.created"),
        ("acme", "secret.ended"),
        ("acme", "secret.added"),
        ("acme", "app.revoked"),
        ("acme", "tenant.suspended"),
        ("acme", "tenant.resumed"),
        ("_service", "store.restored"),
    ]
    by_hand = [one for one in entries if one["actor"] != "service"]
    assert {one["actor"] for one in by_hand} == {f"user:{getpass.getuser()}"}
    assert {one["address"] for one in by_hand} == {socket.gethostname()}
    assert [one["target"] for one in by_hand if one["action"] == "app.created"] == [f"app:{app['clientId']}"]
    everything = done("audit", store=store) + json.dumps(entries)
    for secret in (app["clientSecret"], rotated["clientSecret"]):
        assert secret not in everything
        assert secret[4:12] not in everything


def test_the_log_is_of_one_tenant_or_since_a_time_where_that_is_asked(store: str) -> None:
    for name in ("acme", "globex"):
        done("tenant", "create", name, store=store)
    assert {one["tenant"] for one in log(store, "--tenant", "acme")} == {"acme"}
    assert len(log(store, "--since", "1h")) == 5
    assert log(store, "--since", "2100-01-01") == []
    assert "The log has no entries" in done("audit", "--since", "2100-01-01", store=store)
    assert typed("audit", "--tenant", "nobody", "--store", store).returncode == 1


def test_deletions_are_in_the_log_of_their_tenant(store: str, tmp_path: Path) -> None:
    (tmp_path / "jobs.ndjson").write_text(json.dumps(job("FB1")) + "\n")
    done("import", str(tmp_path / "jobs.ndjson"), "--tenant", "acme", store=store)
    done("prune", "--keep", "1d", "--yes", store=store)
    (entry,) = [one for one in log(store, "--tenant", "acme") if one["action"] == "jobs.pruned"]
    assert entry["detail"]["jobs"] == 1
    done("prune", "--keep", "1d", "--yes", store=store)
    assert len(log(store, "--tenant", "acme")) == 2, "nothing was deleted"


def test_a_log_that_nobody_touched_is_whole_and_one_that_was_changed_is_not(store: str) -> None:
    for name in ("acme", "globex"):
        done("tenant", "create", name, store=store)
        done("tenant", "suspend", name, store=store)
    assert "4 chains" not in done("audit", "--verify", store=store)
    assert "7 entries in 3 chains: no changes found." in done("audit", "--verify", store=store)
    heads = json.loads(done("audit", "--head", "--json", store=store))["chains"]
    assert [(one["tenant"], one["entries"], one["sealed"]) for one in heads] == [
        ("globex", 2, 2),
        ("acme", 2, 2),
        ("_service", 3, 3),
    ]
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE audit SET actor = 'user:mallory' WHERE tenant = 1 AND number = 2")
    broken = typed("audit", "--verify", "--store", store)
    assert broken.returncode == 1
    assert "entry 2 of acme: was changed" in broken.stdout
    found = json.loads(typed("audit", "--verify", "--json", "--store", store).stdout)
    assert found["whole"] is False
    assert [one["faults"] for one in found["chains"] if one["tenant"] == "acme"] == [
        [{"entry": 2, "what": "was changed"}]
    ]
    assert typed("audit", "--verify", "--tenant", "globex", "--store", store).returncode == 0


def test_every_seal_taken_away_is_found_where_there_is_a_secret_key_and_it_is_said_where_there_is_none(
    new_file: Path,
    tmp_path: Path,
) -> None:
    secret = {"JOBREPORT_SECRET_KEY": typed("key", "secret").stdout.strip()}
    for name, more in (("plain", {}), ("sealed", secret)):
        url = f"sqlite:///{shutil.copy(new_file, tmp_path / f'{name}.db')}"
        for words in (["tenant", "create", "acme"], ["key", "rotate"], ["tenant", "suspend", "acme"]):
            assert typed(*words, "--store", url, **more).returncode == 0
        verify = ["audit", "--verify", "--store", url]
        whole = typed(*verify, **more)
        assert whole.returncode == 0, whole.stdout
        assert ("no seal can be removed unnoticed" in whole.stdout) == bool(more)
        assert ("The signing keys are not encrypted" in whole.stdout) == (not more)
        marked = json.loads(typed(*verify, "--json", **more).stdout)["marked"]
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as connection, connection:
            connection.execute("UPDATE audit_head SET seal = NULL, sealed = 0, key_id = NULL")
        stripped = typed(*verify, **more)
        assert stripped.returncode == bool(more)
        if more:
            assert marked["entriesBefore"] > 0
            assert "_service: its seal was removed: the signing keys record that it had one" in stripped.stdout
            assert "CHANGES FOUND" in stripped.stdout


def test_server_finds_every_seal_taken_away_and_goes_on(tmp_path: Path) -> None:
    with serve(tmp_path, JOBREPORT_SECRET_KEY=SECRET_KEY) as server:
        app = server.app("acme")
        path = server.store.removeprefix("sqlite:///")

        def changed(statement: str) -> int:
            with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
                return connection.execute(statement).rowcount

        until(lambda: not unsealed(path), "the seals")
        changed("UPDATE audit_head SET seal = NULL, sealed = 0, key_id = NULL")
        until(lambda: "audit log broken" in server.log, "the server's word")
        assert app.report().status_code == 200
    assert unsealed(path) == 2


def unsealed(path: str) -> int:
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        return int(connection.execute("SELECT count(*) FROM audit_head WHERE sealed <> number").fetchone()[0])


def test_a_log_without_a_key_is_shown_but_cannot_be_verified(new_store: str) -> None:
    done("tenant", "create", "acme", store=new_store)
    assert len(log(new_store)) == 2
    assert "no key yet" in typed("audit", "--verify", "--store", new_store).stderr


def test_sign_ins_are_counted_by_a_server_and_written_when_it_stops(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("acme")
        assert app.report().status_code == 200
        server.ask_token(client_id=app.client_id, client_secret="jrs_wrong")
        server.ask_token(client_id="nobody", client_secret="jrs_wrong")
        server.stop()
        with closing(sqlite3.connect(server.store.removeprefix("sqlite:///"))) as connection:
            kept = connection.execute(
                "SELECT client, address, granted, refused FROM sign_in ORDER BY client"
            ).fetchall()
        assert kept == [("", "127.0.0.1", 0, 1), (app.client_id, "127.0.0.1", 1, 1)]
