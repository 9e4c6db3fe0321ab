"""A secret in a file that others can read: whoever reads it for the program says so, once."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import certificates
from serving import READ, Server, command, serve, typed

SAID = "can be read or changed by others (mode 0644): chmod 600 it"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A file with a secret key that anybody can read."""
    file = tmp_path / "secret.key"
    file.write_text(typed("key", "secret").stdout)
    file.chmod(0o644)
    return file


def test_server_warns_of_a_secret_key_that_others_can_read_and_starts(key: Path, tmp_path: Path) -> None:
    with serve(tmp_path / "server", JOBREPORT_SECRET_KEY_FILE=str(key)) as server:
        assert server.log.count(f"the file {key} (JOBREPORT_SECRET_KEY_FILE) {SAID}") == 1
        assert key.read_text().strip() not in server.log
    key.chmod(0o640)
    with serve(tmp_path / "server", JOBREPORT_SECRET_KEY_FILE=str(key)) as server:
        assert "can be read" not in server.log


@pytest.mark.parametrize("words", ["key rotate", "audit --verify", "key encrypt --with-file"])
def test_command_that_reads_the_secret_key_warns_too(words: str, key: Path, new_store: str) -> None:
    store = new_store
    typed("tenant", "create", "acme", "--store", store)
    if words.startswith("key encrypt"):
        done = command(*words.split(), str(key), "--store", store)
        assert f"the file {key} {SAID}" in done.stderr
    else:
        done = command(*words.split(), "--store", store, JOBREPORT_SECRET_KEY_FILE=str(key))
        assert done.stderr.count(SAID) == 1
    key.chmod(0o600)
    done = command("key", "rotate", "--store", store, JOBREPORT_SECRET_KEY_FILE=str(key))
    assert "can be read" not in done.stderr


def test_client_secret_that_others_can_read_is_said_and_works(server: Server, tenant: str, tmp_path: Path) -> None:
    app = server.app(tenant, READ)
    file = tmp_path / "client-secret"
    file.write_text(app.secret)
    file.chmod(0o644)
    given = {
        "JOBREPORT_URL": server.url,
        "JOBREPORT_CLIENT_ID": app.client_id,
        "JOBREPORT_CLIENT_SECRET_FILE": str(file),
    }
    done = command("jobs", "--json", **given)
    assert (done.returncode, json.loads(done.stdout)["totalCount"]) == (0, 0)
    assert done.stderr.count(f"(JOBREPORT_CLIENT_SECRET_FILE) {SAID}") == 1
    assert app.secret not in done.stderr


def test_key_of_a_certificate_that_others_can_read_is_said(server: Server, tmp_path: Path) -> None:
    signer, file = certificates.make(), tmp_path / "app.pem"
    file.write_bytes(signer.pem + signer.private(Encoding.PEM))
    file.chmod(0o644)
    given = {"JOBREPORT_URL": server.url, "JOBREPORT_CLIENT_ID": "x", "JOBREPORT_CLIENT_CERTIFICATE": str(file)}
    assert command("jobs", **given).stderr.count(f"the key {file} {SAID}") == 1


def test_secret_that_jobreport_toml_names_and_others_can_read_is_said(key: Path) -> None:
    config = key.with_name("jobreport.toml")
    authorities = key.with_name("ca.pem")
    authorities.write_bytes(b"")
    authorities.chmod(0o644)
    config.write_text(
        '[[connector]]\nkind = "jobreport"\nname = "other"\nurl = "https://127.0.0.1:9"\nclient_id = "them"\n'
        f'client_secret_file = "{key}"\nca_file = "{authorities}"\n'
    )
    done = command("connectors", "test", "other", "--config", str(config))
    assert done.stderr.count(SAID) == 1
    assert f"the file {key} (client_secret_file in {config}) {SAID}" in done.stderr
