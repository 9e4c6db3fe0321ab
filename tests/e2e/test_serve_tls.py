"""TLS: a certificate of one's own, 1.2 and 1.3 alone, and https in every address."""

import contextlib
import signal
import socket
import ssl
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from certificates import for_this_machine
from jobs import job
from serving import PATIENCE, command, program_with, serve, until


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    return for_this_machine(tmp_path_factory.mktemp("tls"))


def test_tls_1_2_and_1_3_are_spoken_and_nothing_older(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    trust = ssl.create_default_context(cafile=str(cert))
    with serve(tmp_path, "--tls-cert", str(cert), "--tls-key", str(key), http={"verify": trust}) as server:
        assert server.url.startswith("https://127.0.0.1:")
        app = server.app("default")
        assert app.write(job("over-tls")).status_code == 200
        assert app.found() == ["over-tls"]
        assert server.http.get("/.well-known/openid-configuration").json()["issuer"] == server.url

        def speak(version: ssl.TLSVersion) -> str | None:
            context = ssl.create_default_context(cafile=str(cert))
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            with (
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw,
                context.wrap_socket(raw, server_hostname="127.0.0.1") as secure,
            ):
                return secure.version()

        assert speak(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        assert speak(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        for old in ("TLSv1", "TLSv1_1"):
            with pytest.warns(DeprecationWarning, match="TLSv1"), pytest.raises((ssl.SSLError, ConnectionError)):
                speak(ssl.TLSVersion[old])
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200" not in plain.recv(65536)
        assert server.http.get("/healthz").status_code == 200


def test_key_that_does_not_fit_is_said_and_nothing_is_served(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    store = f"sqlite:///{tmp_path}/jobs.db"
    done = command("serve", "--port", "0", "--store", store, "--tls-cert", str(key), "--tls-key", str(cert))
    assert done.returncode == 1
    assert "listening" not in done.stdout
    assert "Traceback" not in done.stderr


def test_encrypted_key_is_said_and_nobody_is_asked_for_a_password(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    form, secret = serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    locked.write_bytes(private.private_bytes(serialization.Encoding.PEM, form, secret))
    store = f"sqlite:///{tmp_path}/jobs.db"
    done = command("serve", "--port", "0", "--store", store, "--tls-cert", str(cert), "--tls-key", str(locked))
    assert done.returncode == 1
    assert "encrypted" in done.stderr
    assert not (tmp_path / "jobs.db").exists()


def fetch_certificate(port: int) -> bytes:
    """The certificate that a new connection is shown, DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
        assert shown
        return shown


def read_certificate(cert: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(cert.read_text())


@pytest.mark.parametrize("workers", ["1", "2"])
def test_renewed_certificate_is_taken_up_at_a_hangup_and_no_connection_is_lost(tmp_path: Path, workers: str) -> None:
    cert, key = for_this_machine(tmp_path)
    words = ("--tls-cert", str(cert), "--tls-key", str(key), "--workers", workers, "--log-format", "json")
    with serve(tmp_path / "server", *words, http={"verify": False}) as server:
        until(lambda: server.log.count("Application startup complete") == int(workers))
        assert fetch_certificate(server.port) == read_certificate(cert)
        assert server.http.get("/healthz").status_code == 200
        opened = server.http.get("/healthz").extensions["network_stream"].get_extra_info("client_addr")

        for_this_machine(tmp_path)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: server.log.count("certificate renewed") == int(workers))
        for _ in range(10):
            assert fetch_certificate(server.port) == read_certificate(cert)
        again = server.http.get("/healthz")
        assert again.status_code == 200
        assert again.extensions["network_stream"].get_extra_info("client_addr") == opened

        good = read_certificate(cert)
        key.write_text("no key\n")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: server.log.count("certificate not renewed") == int(workers))
        for _ in range(10):
            assert fetch_certificate(server.port) == good
        assert server.http.get("/healthz").status_code == 200
        assert "Traceback" not in server.log
        assert server.process.poll() is None


def test_key_that_others_can_read_is_said(tmp_path: Path) -> None:
    cert, key = for_this_machine(tmp_path)
    key.chmod(0o644)
    with serve(tmp_path / "server", "--tls-cert", str(cert), "--tls-key", str(key), http={"verify": False}) as server:
        assert "can be read or changed by others (mode 0644)" in server.log
    key.chmod(0o640)
    with serve(tmp_path / "server", "--tls-cert", str(cert), "--tls-key", str(key), http={"verify": False}) as server:
        assert "can be read" not in server.log


def test_handshake_that_hangs_is_cut_off(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    program = program_with(tmp_path, "jobreport.cli.serving.event_loop", "event_loop.HANDSHAKE_SECONDS = 2")
    words = ("--tls-cert", str(cert), "--tls-key", str(key))
    with serve(tmp_path, *words, http={"verify": False}, program=program) as server:
        hanging = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in range(20)]
        for connection in hanging[:10]:
            connection.sendall(b"\x16\x03\x01\x02\x00")
        started = time.monotonic()
        assert server.http.get("/healthz").status_code == 200
        for connection in hanging:
            with contextlib.suppress(ConnectionError):
                while connection.recv(4096):
                    pass
            connection.close()
        assert time.monotonic() - started < 60  # what asyncio allows by itself


def test_ciphers_of_tls_1_2_keep_past_conversations_secret(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with serve(tmp_path, "--tls-cert", str(cert), "--tls-key", str(key), http={"verify": False}) as server:

        def speak(cipher: str) -> str:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(f"{cipher}:@SECLEVEL=0")
            with (
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw,
                context.wrap_socket(raw) as secure,
            ):
                spoken = secure.cipher()
                assert spoken
                return spoken[0]

        assert speak("ECDHE-ECDSA-AES128-GCM-SHA256") == "ECDHE-ECDSA-AES128-GCM-SHA256"
        assert speak("ECDHE-ECDSA-CHACHA20-POLY1305")
        for weak in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256", "NULL", "aNULL"):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                speak(weak)


def test_responses_over_tls_say_that_there_is_nothing_else(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with serve(tmp_path, "--tls-cert", str(cert), "--tls-key", str(key), http={"verify": False}) as server:
        for path in ("/healthz", "/docs", "/nowhere"):
            assert server.http.get(path).headers["strict-transport-security"] == "max-age=31536000"
