"""Mails at a running server, sent by swaks as by an appliance: encrypted, in several processes, and how it refuses."""

import json
import re
import signal
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from ping_inboxes import inbox, jobs

from certificates import for_this_machine
from connecting import PATIENCE
from installed import installed
from serving import App, Server, serve, typed, until

RESTIC = """repository 3c1f0a opened (version 2)
Files:          2 new,     1 changed,     4 unmodified
processed 7 files, 1.234 GiB in 0:12
snapshot 9f8e7d6c saved
"""
MAILS = re.compile(r"^Mails are taken on [\d.]+:(\d+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with a certificate for 127.0.0.1 and its key."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.touch(mode=0o600)
    renew(str(file))
    return str(file)


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory, certificate: str) -> Iterator[Server]:
    """A server of two processes that takes mails, of the tenant acme by slugs too."""
    folder = tmp_path_factory.mktemp("post")
    options = ("--workers", "2", "--smtp", "127.0.0.1:0", "--smtp-certificate", certificate)
    with serve(folder, *options, "--smtp-network", "127.0.0.0/8=acme") as running:
        yield running


@pytest.fixture(scope="module")
def acme(post: Server) -> App:
    """An app of the tenant acme, which has the inbox nas-2."""
    app = post.app("acme")
    assert inbox(post, app, "nas-2", "--plan", "nightly")
    return app


def renew(file: str) -> None:
    """Writes another certificate with its key into the file."""
    cert, key = for_this_machine(Path(file).parent)
    Path(file).write_bytes(cert.read_bytes() + key.read_bytes())


def served(server: Server) -> bytes | None:
    """The certificate that senders get."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP("127.0.0.1", int(MAILS.findall(server.printed)[0]), timeout=PATIENCE) as client:
        client.starttls(context=context)
        assert isinstance(client.sock, ssl.SSLSocket)
        return client.sock.getpeercert(binary_form=True)


def swaks(server: Server, to: str, *more: str, body: str = "hello") -> subprocess.CompletedProcess[str]:
    """Sends a mail by swaks."""
    port = until(lambda: MAILS.search(server.printed), "the mails")
    words = [
        installed("swaks", "swaks libnet-ssleay-perl"),
        "--server",
        f"127.0.0.1:{port[1]}",
        "--to",
        to,
        "--from",
        "nas@example.test",
    ]
    done = [*words, "--header", "Subject: Cron <root@nas-2> restic backup /srv", "--body", body, *more]
    return subprocess.run(done, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.mark.parametrize("how", [(), ("--tls",)])
def test_swaks_sends_a_mail_and_it_is_on_disk_when_it_is_answered(
    post: Server, acme: App, how: tuple[str, ...]
) -> None:
    done = swaks(post, "nas-2@jobs.test", *how, body="unknown words")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "250 2.0.0 stored" in done.stdout
    assert ("=== TLS started" in done.stdout) == bool(how)
    assert "AUTH" not in done.stdout
    again = swaks(post, "nobody@jobs.test", *how)
    assert again.returncode != 0
    assert "550 5.1.1 no such address" in again.stdout
    assert "nas-2@jobs.test" not in post.log


def test_a_mail_of_cron_is_a_job_and_one_that_nobody_reads_waits_for_a_rule(
    post: Server, acme: App, tmp_path: Path
) -> None:
    assert swaks(post, "nas-2@jobs.test", body=RESTIC).returncode == 0
    title = ("--header", "Subject: Sicherung nas-2: fertig")
    assert swaks(post, "nas-2@jobs.test", *title, body="Alle Dateien").returncode == 0
    assert [(job["state"], job["successfulCount"]) for job in jobs(acme)] == [("Successful", 7)]
    of_acme = ("--tenant", "acme", "--store", post.store)
    listed = json.loads(typed("inbox", "list", *of_acme, "--json").stdout)
    waiting = listed[0]["unread"]
    assert waiting >= 1
    file = tmp_path / "jobreport.toml"
    file.write_text(
        """
[[rule]]
name = "sicherung"
subject = 'Sicherung (?<resource>.+): (?<state>.+)'
states = { fertig = "Successful" }
"""
    )
    done = typed("inbox", "unread", "read", *of_acme, "--config", str(file))
    assert f"Read 1 of {waiting}, with 1 job." in done.stdout
    assert [job["state"] for job in jobs(acme)] == ["Successful", "Successful"]
    assert json.loads(typed("inbox", "list", *of_acme, "--json").stdout)[0]["unread"] == waiting - 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--smtp", "2525"), "no address with a port, such as 127.0.0.1:2525"),
        (("--smtp", "127.0.0.1:99999"), "no address with a port"),
        (("--smtp", "0.0.0.0:0"), "addresses of inboxes must not cross a network in clear text"),
        (("--smtp", "127.0.0.1:0", "--smtp-network", "10.0.0.1/8"), "no network such as"),
        (("--smtp", "127.0.0.1:0", "--smtp-sender", "nas"), "no sender such as"),
        (("--smtp-sender", "nas@x.test"), "go with --smtp"),
        (("--smtp", "127.0.0.1:0", "--smtp-certificate", __file__), "--smtp-certificate: "),
    ],
)
def test_what_cannot_be_is_said_at_the_start(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    done = typed("serve", "--port", "0", "--store", f"sqlite:///{tmp_path}/jobs.db", *options)
    assert done.returncode in {1, 2}
    assert said in " ".join(done.stderr.split())


def test_without_networks_what_comes_over_a_network_must_be_encrypted(tmp_path: Path, certificate: str) -> None:
    options = ("--smtp", "0.0.0.0:0", "--smtp-certificate", certificate)
    with serve(tmp_path, *options) as server:
        app = server.app("acme")
        address = inbox(server, app, "nas-2").rpartition("/")[2]
        assert "530 Must issue a STARTTLS command first" in swaks(server, f"{address}@jobs.test").stdout
        assert "250 2.0.0 stored" in swaks(server, f"{address}@jobs.test", "--tls").stdout
        assert "550" in swaks(server, "nas-2@jobs.test", "--tls").stdout
        before = served(server)
        renew(certificate)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: served(server) != before, "the renewed certificate")


def test_what_is_said_before_encryption_counts_for_nothing_and_failed_handshakes_leave_no_trace(post: Server) -> None:
    port = int(until(lambda: MAILS.search(post.printed), "the mails")[1])
    for said in [b"no TLS at all\r\n"] * 25:  # more than one peer may have open
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
            assert client.docmd("STARTTLS")[0] == 220
            assert client.sock is not None
            client.sock.sendall(said)
            while client.sock.recv(4096):
                pass
            client.close()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
        client.ehlo()
        assert client.sock is not None
        client.sock.sendall(b"STARTTLS\r\nVRFY injected\r\nVRFY injected\r\n")
        assert client.getreply()[0] == 220
        client.sock, client.file = context.wrap_socket(client.sock), None
        assert client.docmd("NOOP")[0] == 250
        assert client.docmd("QUIT")[0] == 221
    assert "mail session failed" not in post.printed


def test_a_connection_too_many_is_told_so_and_closed(post: Server) -> None:
    port = int(until(lambda: MAILS.search(post.printed), "the mails")[1])
    with ExitStack() as held:
        heard = b""
        while b"421" not in heard:  # each of the two processes has ten at most
            talking = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            heard = talking.recv(4096)
        assert heard == b"421 4.7.0 too many connections; again later\r\n"
        assert talking.recv(4096) == b""
