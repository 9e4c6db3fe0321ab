"""Every command that asks a server, or reports to one, signs in with a certificate as it does with a secret."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

import certificates as made
from runs import Place
from serving import PATIENCE, Server, serve, typed, until

SIGNER = made.make()
KEY = SIGNER.private(Encoding.PEM)
OTHER_KEY = made.make(rsa.generate_private_key(65537, 2048)).private(Encoding.PEM)
READING = (["jobs", "--json"], ["export", "--format", "ndjson", "-o", "-"], ["summary", "--json"])


def put(path: Path, *parts: bytes) -> str:
    path.write_bytes(b"".join(parts))
    path.chmod(0o600)
    return str(path)


def signed(server: Server, tenant: str, folder: Path, signer: made.Signer = SIGNER, **files: str) -> Place:
    """A place whose commands sign in as an app that was registered with the certificate of `signer`."""
    public = put(folder / "app.pem", signer.pem)
    words = ["app", "create", "--name", "x", "--tenant", tenant, "--store", server.store, "--certificate", public]
    done = typed(*words, "--json")
    assert done.returncode == 0, done.stderr
    place = Place(folder, server.url)
    place.environment |= {
        "JOBREPORT_CLIENT_ID": json.loads(done.stdout)["clientId"],
        "JOBREPORT_CLIENT_SECRET": "",
        "JOBREPORT_CLIENT_CERTIFICATE": put(folder / "whole.pem", signer.pem, signer.private(Encoding.PEM)),
        **files,
    }
    return place


def settings(place: Place, **changed: str) -> dict[str, str]:
    return {name: value for name, value in place.environment.items() if name.startswith("JOBREPORT_")} | changed


@pytest.fixture
def place(server: Server, tenant: str, tmp_path: Path) -> Place:
    return signed(server, tenant, tmp_path)


@pytest.mark.parametrize("key", [made.RSA, ec.generate_private_key(ec.SECP384R1())], ids=["RSA", "EC"])
@pytest.mark.parametrize("files", [1, 2], ids=["one file", "a file each"])
def test_what_is_run_is_reported_and_read(
    server: Server, tenant: str, tmp_path: Path, key: made.PrivateKey, files: int
) -> None:
    place = signed(server, tenant, tmp_path, made.make(key))
    if files == 2:
        pair = {
            "CERTIFICATE": str(tmp_path / "app.pem"),
            "KEY": put(tmp_path / "app.key", made.make(key).private(Encoding.PEM)),
        }
        place.environment |= {f"JOBREPORT_CLIENT_{name}": file for name, file in pair.items()}
    done = place.call("run", "--plan", "nightly", "--", "sh", "-c", "exit 3")
    assert (done.returncode, done.stderr) == (3, b"")
    jobs, exported, summed = (json.loads(place.call(*words).stdout) for words in READING)
    assert exported["plan"] == "nightly"
    assert [job["jobId"] for job in jobs["jobs"]] == [exported["jobId"]]
    assert summed["total"]["jobs"] == 1


def test_report_that_waited_for_the_server_is_flushed(tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server:
        place = signed(server, "default", tmp_path)
    done = place.call("run", "--deliver-for", "0s", "--", "true")
    assert done.returncode == 0
    assert len(place.spooled()) == 1
    assert place.call("flush").returncode == 1
    with serve(tmp_path / "again", "--port", str(server.port), store=server.store):
        done = place.call("flush")
        assert (done.returncode, done.stdout) == (0, b"1 delivered, 0 refused, 0 waiting\n"), done.stderr
        assert json.loads(typed("jobs", "--json", **settings(place)).stdout)["totalCount"] == 1
    assert not place.spooled()


def test_next_run_delivers_what_waited_for_the_certificate(place: Place) -> None:
    assert place.call("run", "--", "true", env={"JOBREPORT_CLIENT_CERTIFICATE": "/no/such.pem"}).returncode == 0
    assert len(place.spooled()) == 1
    assert place.call("run", "--", "true").stderr == b""
    assert not place.spooled()
    assert json.loads(typed("jobs", "--json", **settings(place)).stdout)["totalCount"] == 2


def test_certificate_and_key_may_be_named_on_the_command_line(place: Place) -> None:
    words = ["--client-certificate", str(place.folder / "app.pem"), "--client-key", put(place.folder / "k", KEY)]
    # Of a certificate the option counts, as of any other setting.
    given = settings(place, JOBREPORT_CLIENT_CERTIFICATE="/no/such.pem")
    assert typed("jobs", *words, **given).returncode == 0
    assert place.call("run", *words, "--", "true", env=given).stderr == b""


def test_store_is_read_whatever_the_certificate(place: Place, server: Server, tenant: str) -> None:
    wrong = settings(place, JOBREPORT_CLIENT_CERTIFICATE="/no/such.pem")
    assert typed("jobs", "--store", server.store, "--tenant", tenant, **wrong).returncode == 0


WHOLE = "a PEM file with the app's certificate and its private key, unless JOBREPORT_CLIENT_KEY names the key's"
BAD: dict[str, tuple[Callable[[Path], dict[str, str]], str]] = {
    "both": (
        lambda _: {"SECRET": "jr-hidden"},
        "JOBREPORT_CLIENT_SECRET and JOBREPORT_CLIENT_CERTIFICATE are both set; set one of them",
    ),
    "a secret's file too": (
        lambda _: {"SECRET_FILE": "/no/such"},
        "JOBREPORT_CLIENT_SECRET_FILE and JOBREPORT_CLIENT_CERTIFICATE are both set; set one of them",
    ),
    "neither": (
        lambda _: {"CERTIFICATE": ""},
        "not set: JOBREPORT_CLIENT_SECRET (or …_FILE, or JOBREPORT_CLIENT_CERTIFICATE)",
    ),
    "a key alone": (
        lambda _: {"CERTIFICATE": "", "KEY": "app.key"},
        "JOBREPORT_CLIENT_KEY is set without JOBREPORT_CLIENT_CERTIFICATE; the latter must name a PEM file with the",
    ),
    "a key with a secret": (
        lambda _: {"CERTIFICATE": "", "KEY": "app.key", "SECRET": "jr-hidden"},
        "JOBREPORT_CLIENT_KEY is set without JOBREPORT_CLIENT_CERTIFICATE",
    ),
    "not there": (
        lambda _: {"CERTIFICATE": "/no/such.pem"},
        f"JOBREPORT_CLIENT_CERTIFICATE: cannot read /no/such.pem: No such file or directory; it must name {WHOLE}",
    ),
    "a folder": (
        lambda folder: {"CERTIFICATE": str(folder)},
        "Is a directory; it must name a PEM file",
    ),
    "no key in it": (
        lambda folder: {"CERTIFICATE": str(folder / "app.pem")},
        f"app.pem has no private key in PEM (PKCS 8, PKCS 1 or SEC 1); it must name {WHOLE}",
    ),
    "no certificate in it": (
        lambda folder: {"CERTIFICATE": put(folder / "k", KEY)},
        f"k has no certificate in PEM; it must name {WHOLE}",
    ),
    "of another key": (
        lambda folder: {"CERTIFICATE": put(folder / "x.pem", SIGNER.pem, OTHER_KEY)},
        "JOBREPORT_CLIENT_CERTIFICATE: the private key in ",
    ),
    "another key": (
        lambda folder: {"CERTIFICATE": str(folder / "app.pem"), "KEY": put(folder / "k", OTHER_KEY)},
        "k is not that of the certificate in ",
    ),
    "a key that is not there": (
        lambda folder: {"CERTIFICATE": str(folder / "app.pem"), "KEY": "/no/such.key"},
        "JOBREPORT_CLIENT_KEY: cannot read /no/such.key: No such file or directory; "
        "it must name a PEM file with the private key of the certificate in JOBREPORT_CLIENT_CERTIFICATE",
    ),
    "a certificate that is not there, beside its key": (
        lambda folder: {"CERTIFICATE": "/no/such.pem", "KEY": put(folder / "k", KEY)},
        "JOBREPORT_CLIENT_CERTIFICATE: cannot read /no/such.pem: No such file or directory; "
        "it must name a PEM file with the app's certificate\n",
    ),
    "a key with a password": (
        lambda folder: {"CERTIFICATE": put(folder / "x.pem", SIGNER.pem, SIGNER.private(Encoding.PEM, b"hidden"))},
        "is encrypted; give one without a password",
    ),
    "PEM in place of a file": (
        lambda _: {"CERTIFICATE": (SIGNER.pem + KEY).decode()},
        "JOBREPORT_CLIENT_CERTIFICATE is itself PEM; it must name the file that holds it",
    ),
    "PEM in place of the key's file": (
        lambda _: {"KEY": KEY.decode()},
        "JOBREPORT_CLIENT_KEY is itself PEM; it must name the file that holds it",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_certificate_that_cannot_be_used_is_one_sentence_and_costs_no_backup(place: Place, what: str) -> None:
    change, words = BAD[what]
    wrong = {f"JOBREPORT_CLIENT_{name}": value for name, value in change(place.folder).items()}
    done = place.call("run", "--", "sh", "-c", "echo out; exit 3", env=wrong)
    assert (done.returncode, done.stdout) == (3, b"out\n")
    assert len(place.spooled()) == 1
    flushed = place.call("flush", env=wrong)
    assert (flushed.returncode, flushed.stdout) == (1, b"0 delivered, 0 refused, 1 waiting\n")
    said = [done.stderr.decode(), flushed.stderr.decode()]
    for command in READING:
        asked = typed(*command, **settings(place, **wrong))
        assert (asked.returncode, asked.stdout) == (1, "")
        assert asked.stderr.startswith("jobreport: ")
        assert asked.stderr.count("\n") == 1
        said.append(asked.stderr)
    for text in said:
        assert words in text
        for hidden in ("Traceback", "jr-hidden", "PRIVATE", KEY.decode().splitlines()[1]):
            assert hidden not in text
    # Once it is put right, what waited is delivered.
    assert place.call("flush").returncode == 0


def test_certificate_that_is_not_the_apps_is_refused_by_the_server(place: Place) -> None:
    stranger = made.make(rsa.generate_private_key(65537, 2048))
    file = put(place.folder / "stranger.pem", stranger.pem, stranger.private(Encoding.PEM))
    wrong = {"JOBREPORT_CLIENT_CERTIFICATE": file}
    asked = typed("jobs", **settings(place, **wrong))
    assert asked.returncode == 1
    assert "wrong secret or key" in asked.stderr
    assert place.call("run", "--", "sh", "-c", "exit 3", env=wrong).returncode == 3
    assert place.call("flush").returncode == 0


def test_certificate_that_comes_while_the_command_runs_is_taken(place: Place) -> None:
    late = place.folder / "late.pem"
    env = {"JOBREPORT_CLIENT_CERTIFICATE": str(late)}
    with place.start("run", "--", "sh", "-c", "read x; exit 3", env=env, stdin=subprocess.PIPE) as run:
        until(place.spooled)
        put(late, SIGNER.pem, KEY)
        _, err = run.communicate(b"\n", timeout=PATIENCE)
    assert run.returncode == 3, err
    assert not place.spooled()
    assert json.loads(typed("jobs", "--json", **settings(place)).stdout)["totalCount"] == 1


def test_file_that_never_answers_does_not_hold_up_the_backup(place: Place) -> None:
    os.mkfifo(place.folder / "pipe")
    env = {"JOBREPORT_CLIENT_CERTIFICATE": str(place.folder / "pipe")}
    with place.start("run", "--", "sh", "-c", "echo out; exit 3", env=env) as run:
        assert run.stdout is not None
        assert run.stdout.read() == b"out\n"
        until(place.spooled)
        run.terminate()
        assert run.wait(30) == 3
    assert len(place.spooled()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("SSL_CERT_FILE", "/no/such"), ("HTTPS_PROXY", "x://user:hidden@x"), ("ALL_PROXY", "http://[::1")],
)
def test_environment_without_a_way_to_the_server_costs_no_backup(place: Place, name: str, value: str) -> None:
    done = place.call("run", "--", "sh", "-c", "exit 3", env={name: value})
    assert done.returncode == 3
    asked = typed("jobs", **settings(place, **{name: value}))
    assert asked.returncode == 1
    for text in (done.stderr.decode(), asked.stderr):
        assert name in text
        assert "hidden" not in text
        assert "Traceback" not in text
    assert place.call("flush").returncode == 0
