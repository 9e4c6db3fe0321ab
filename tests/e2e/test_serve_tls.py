"""TLS: a certificate of one's own, 1.2 and 1.3 alone, and https in every address."""

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jobs import job
from serving import command, serve


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    cert, pem = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, pem


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
                socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw,
                context.wrap_socket(raw, server_hostname="127.0.0.1") as secure,
            ):
                return secure.version()

        assert speak(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        assert speak(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        for old in ("TLSv1", "TLSv1_1"):
            with pytest.warns(DeprecationWarning, match="TLSv1"), pytest.raises((ssl.SSLError, ConnectionError)):
                speak(ssl.TLSVersion[old])
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain:
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
