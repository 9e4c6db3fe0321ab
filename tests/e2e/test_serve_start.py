"""`jobreport serve`: what it says when it starts, what it refuses to start with, and what it leaves on the disk."""

import json
import os
import socket
import sqlite3
import stat
from pathlib import Path

import pytest

from jobs import job
from serving import REPORT, command, serve, until


def test_it_says_where_it_listens_and_on_the_first_start_how_to_go_on(tmp_path: Path) -> None:
    with serve(tmp_path) as first:
        assert first.printed.splitlines() == [f"Jobreport is listening on {first.url}"]
        assert first.url.startswith("http://127.0.0.1:")
        assert f'jobreport app create --name "my first app" --store {first.store}' in first.log
        assert f"{first.url}/docs" in first.log
        assert f"jobreport operator add NAME --all-tenants --role admin --store {first.store}" in first.log
        first.app("default")
    with serve(tmp_path) as second:
        assert "app create" not in second.log


def test_registrations_keys_and_jobs_outlive_a_restart(tmp_path: Path) -> None:
    with serve(tmp_path, "--public-url", "http://127.0.0.1:1") as first:
        app = first.app("default")
        app.write(job("kept"))
    with serve(tmp_path, "--public-url", "http://127.0.0.1:1") as second:
        answer = second.http.post(REPORT, json={}, headers=app.bearer)
        assert [one["jobId"] for one in answer.json()["jobs"]] == ["kept"]


def test_store_is_its_owners_alone(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        server.app("default").write(job("x"))
        folder = tmp_path / "store"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for file in folder.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "jobs.example.com"])
def test_address_beyond_loopback_is_refused_without_tls_or_a_proxy(tmp_path: Path, host: str) -> None:
    done = command("serve", "--host", host, "--port", "0", "--store", f"sqlite:///{tmp_path}/jobs.db")
    assert done.returncode == 2
    for way_out in ("--tls-cert", "--trusted-proxy", "--insecure-http"):
        assert way_out in done.stderr
    assert not (tmp_path / "jobs.db").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[conector]]\n", "line 2: conector: is no table here: did you mean connector?"),
        ("[[rule]]\nname = 'a'\nbody = '(?<state>'\n", "line 4: rule 'a', body: is no regular expression"),
    ],
)
def test_configuration_that_is_wrong_is_refused_before_anything_is_made(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "jobreport.toml"
    file.write_text(f"\n{text}", encoding="utf-8")
    done = command("serve", "--config", str(file), "--port", "0", "--store", f"sqlite:///{tmp_path}/jobs.db")
    assert done.returncode == 1
    assert f"{file}, {words}" in done.stderr
    assert not (tmp_path / "jobs.db").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_every_loopback_address_is_served(tmp_path: Path, host: str) -> None:
    with serve(tmp_path, "--host", host) as server:
        assert server.http.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("option", [["--insecure-http"], ["--trusted-proxy", "127.0.0.1"]])
def test_address_beyond_loopback_is_tried_when_that_is_meant(tmp_path: Path, option: list[str]) -> None:
    # An address that no machine has, so that a test opens nothing to a network.
    done = command("serve", "--host", "192.0.2.1", "--port", "0", *option, "--store", f"sqlite:///{tmp_path}/jobs.db")
    assert done.returncode == 1
    assert "cannot listen on 192.0.2.1" in done.stderr


def test_port_in_use_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("serve", "--port", str(port), "--store", f"sqlite:///{tmp_path}/jobs.db")
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert f"127.0.0.1:{port}" in line


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--port", "70000"], "--port"),
        (["--workers", "0"], "--workers"),
        (["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.pem"], "--tls-cert"),
        (["--tls-cert", __file__], "--tls-key"),
        (["--log-format", "xml"], "--log-format"),
        (["--public-url", "jobs.example.com"], "--public-url"),
        (["--public-url", "ftp://jobs.example.com"], "--public-url"),
        (["--public-url", "https://jobs.example.com/?x"], "--public-url"),
        (["--public-url", "https://jobs.example.com/{x}"], "--public-url"),
        (["--trusted-proxy", "proxy.example.com"], "--trusted-proxy"),
        (["--nonsense"], "--nonsense"),
        (["extra"], "extra"),
    ],
)
def test_wrong_usage_is_exit_2_and_names_the_option(tmp_path: Path, words: list[str], name: str) -> None:
    done = command("serve", *words, "--store", f"sqlite:///{tmp_path}/jobs.db")
    assert done.returncode == 2
    assert name in done.stderr


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "", "sqlite:////proc/x/y.db"]
)
def test_store_that_is_none_is_one_sentence(url: str, tmp_path: Path) -> None:
    done = command("serve", "--port", "0", "--store", url or f"sqlite:///{tmp_path}")
    assert done.returncode == 78
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_file_that_is_no_database_is_one_sentence_and_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are my notes\n" * 100)
    done = command("serve", "--port", "0", "--store", f"sqlite:///{file}")
    assert done.returncode == 78
    assert len(done.stderr.strip().splitlines()) == 1
    assert file.read_text() == "these are my notes\n" * 100


def test_settings_come_from_the_environment_too(tmp_path: Path) -> None:
    public = "http://127.0.0.1:4321"
    with serve(
        tmp_path, JOBREPORT_HOST="127.0.0.2", JOBREPORT_PUBLIC_URL=public, JOBREPORT_LOG_FORMAT="json"
    ) as server:
        assert server.url.startswith("http://127.0.0.2:")
        assert server.http.get("/.well-known/openid-configuration").json()["issuer"] == public


@pytest.mark.parametrize("given", ["https://jobs.example.com", "https://jobs.example.com/"])
def test_public_url_decides_issuer_audience_and_addresses(tmp_path: Path, given: str) -> None:
    with serve(tmp_path, "--public-url", given) as server:
        document = server.http.get("/.well-known/openid-configuration").json()
        assert document["issuer"] == "https://jobs.example.com"
        assert document["token_endpoint"] == "https://jobs.example.com/connect/token"
        assert server.http.get("/openapi.json").json()["servers"] == [{"url": "https://jobs.example.com"}]
        assert server.app("default").report().status_code == 200


def test_metadata_are_where_clients_look_if_the_public_url_has_a_path(tmp_path: Path) -> None:
    """A proxy takes the path off what lies under the public URL: RFC 8414 §3.1, OpenID Connect Discovery 1.0 §4."""
    issuer = "https://jobs.example.com/backup/jobs"
    with serve(tmp_path, "--public-url", issuer) as server:
        oauth = "/.well-known/oauth-authorization-server"
        for path in (oauth, f"{oauth}/backup/jobs", "/.well-known/openid-configuration"):
            assert server.http.get(path).json()["issuer"] == issuer
        for path in (f"{oauth}/backup", f"{oauth}/backup/jobs/x", f"{oauth}/"):
            assert server.http.get(path).status_code == 404


def test_forwarded_address_counts_from_a_trusted_proxy_alone(tmp_path: Path) -> None:
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    for option, address in ((["--trusted-proxy", "127.0.0.1"], "203.0.113.7"), ([], "127.0.0.1")):
        with serve(tmp_path / address, *option, "--log-format", "json") as server:
            name = server.http.get("/healthz", headers=headers).headers["request-id"]
            until(lambda name=name, server=server: name in server.log)
            (line,) = [row for row in server.log.splitlines() if name in row]
            assert json.loads(line)["address"] == address


def test_json_log_parses_line_by_line(tmp_path: Path) -> None:
    with serve(tmp_path, "--log-format", "json") as server:
        app = server.app("default")
        app.report()
        app.report({"nonsense\n{": "x"})
        server.http.get("/no%0Asuch%22%7D")
        assert server.stop() in (0, -15, 143)
        lines = server.log.split("/docs\n", 1)[1].splitlines()
        entries = [json.loads(line) for line in lines]
        assert {entry["status"] for entry in entries if entry["event"] == "request"} == {200, 400, 404}
        assert all({"event", "level", "timestamp"} <= set(entry) for entry in entries)


def test_readyz_and_the_report_are_503_while_the_store_is_not_of_this_version(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("default")
        assert server.http.get("/readyz").json() == {"status": "ok"}
        assert app.report().status_code == 200
        path = server.store.removeprefix("sqlite:///")
        with sqlite3.connect(path) as connection:
            (version,) = connection.execute("select version_num from alembic_version").fetchone()
            connection.execute("update alembic_version set version_num = 'of another time'")
        assert server.http.get("/healthz").status_code == 200
        answer = server.http.get("/readyz")
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        connection.execute("update alembic_version set version_num = ?", (version,))
        connection.commit()
        assert server.http.get("/readyz").status_code == 200
        # A writer that does not let go holds others up; they are told to come again, and nothing is lost.
        connection.isolation_level = None
        connection.execute("begin exclusive")
        busy = app.write(job("later"))
        assert busy.status_code == 503
        assert int(busy.headers["retry-after"]) > 0
        assert busy.headers["content-type"] == "application/problem+json"
        connection.execute("rollback")
        assert app.write(job("later")).status_code == 200
        connection.close()
        _damage(Path(path))
        assert until(lambda: app.report().status_code == 503)
        assert "Traceback" not in server.log


def _damage(path: Path) -> None:
    """Overwrites the whole database, as a failing disk might, in the file that the server has open."""
    for file in (path, path.with_name(path.name + "-wal")):
        if file.exists():
            with file.open("r+b") as raw:
                raw.write(os.urandom(file.stat().st_size))
