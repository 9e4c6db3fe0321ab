"""Signing in by a certificate: what the assertion says (RFC 7523, the contract's "Tokens"), and files that cannot."""

import json
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from misbehaving import Misbehaving

from jobreport.client import CertificateError, JobReportClient, JobReportError, SignInRefusedError
from serving import Server, typed


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


KEY = rsa_key()
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}

SIGNS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def certificate(key: Any) -> x509.Certificate:
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nightly report")]), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(SIGNS, critical=True)
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8, password: bytes = b"") -> bytes:
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(password) if password else NoEncryption())


def write_file(file: Path, *parts: bytes) -> Path:
    file.write_bytes(b"".join(parts))
    return file


def cert(key: Any) -> bytes:
    return certificate(key).public_bytes(Encoding.PEM)


CERT = cert(KEY)


def assertion(misbehaving: Misbehaving, connect: Any, how: Any) -> Any:
    """The assertion that a client of this certificate signs in with."""
    connect(misbehaving.url, "app", certificate=how).find()
    (form,) = [question for _, path, question, _ in misbehaving.asked if path == "/connect/token"]
    assert form.pop("grant_type") == ["client_credentials"]
    assert form.pop("client_id") == ["app"]
    assert form.pop("client_assertion_type") == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    (found,) = form.pop("client_assertion")
    assert not form
    return found


@pytest.mark.parametrize(
    "files",
    [
        lambda folder: write_file(folder / "both.pem", CERT, pem(KEY)),
        lambda folder: str(write_file(folder / "both.pem", pem(KEY), CERT)),
        lambda folder: write_file(
            folder / "old.pem", b"Bag Attributes\n", pem(KEY, PrivateFormat.TraditionalOpenSSL), CERT
        ),
        lambda folder: (write_file(folder / "c.pem", CERT), str(write_file(folder / "k.pem", pem(KEY)))),
    ],
    ids=["certificate first", "key first", "PKCS 1, with remarks", "a pair"],
)
def test_the_assertion_is_what_rfc_7523_asks_for(
    misbehaving: Misbehaving, connect: Any, tmp_path: Path, files: Callable[[Path], Any]
) -> None:
    sent = assertion(misbehaving, connect, files(tmp_path))
    token = jwt.decode(sent, RSAKey.import_key(KEY.public_key()), algorithms=["RS256"])
    assert token.header["alg"] == "RS256"
    claims, now = token.claims, time.time()
    assert claims["iss"] == claims["sub"] == "app"
    assert claims["aud"] == f"{misbehaving.url}/connect/token"
    assert len(claims["jti"]) == 32
    assert now - 60 < claims["iat"] <= now < claims["exp"] <= now + 3600


@pytest.mark.parametrize("algorithm", CURVES)
def test_an_elliptic_key_signs_by_its_curve(
    misbehaving: Misbehaving, connect: Any, tmp_path: Path, algorithm: str
) -> None:
    key = ec.generate_private_key(CURVES[algorithm])
    sent = assertion(misbehaving, connect, write_file(tmp_path / "both.pem", pem(key), cert(key)))
    assert jwt.decode(sent, ECKey.import_key(key.public_key()), algorithms=[algorithm]).claims["sub"] == "app"


def test_no_assertion_is_used_twice(misbehaving: Misbehaving, connect: Any, tmp_path: Path) -> None:
    misbehaving.expires_in = 0
    client = connect(misbehaving.url, "app", certificate=write_file(tmp_path / "both.pem", CERT, pem(KEY)))
    client.find()
    client.find()
    forms = [question["client_assertion"][0] for _, path, question, _ in misbehaving.asked if path == "/connect/token"]
    public = RSAKey.import_key(KEY.public_key())
    assert len({jwt.decode(form, public).claims["jti"] for form in forms}) == len(forms) == 2


@pytest.mark.parametrize("kind", ["RS256", *CURVES])
def test_the_running_server_takes_it_and_no_other(
    server: Server, tenant: str, connect: Any, tmp_path: Path, kind: str
) -> None:
    key, stranger = (ec.generate_private_key(CURVES[kind]) if kind in CURVES else rsa_key() for _ in range(2))
    registered = write_file(tmp_path / "registered.pem", cert(key))
    words = ["app", "create", "--name", "x", "--tenant", tenant, "--store", server.store, "--certificate", registered]
    made = typed(*map(str, words), "--json")
    assert made.returncode == 0, made.stderr
    client_id = json.loads(made.stdout)["clientId"]
    client = connect(server.url, client_id, certificate=(registered, write_file(tmp_path / "key.pem", pem(key))))
    assert client.find().total_count == client.report().total_count == 0
    other = connect(server.url, client_id, certificate=write_file(tmp_path / "o.pem", pem(stranger), cert(stranger)))
    with pytest.raises(SignInRefusedError, match="wrong secret or key"):
        other.find()


OTHER = rsa_key()
SIGNS_NOTHING = ed25519.Ed25519PrivateKey.generate()
SHORT = rsa.generate_private_key(65537, 1024)
P256 = bytes.fromhex("06082a8648ce3d030107")


def of_an_unknown_curve() -> bytes:
    """A certificate as a newer program may write it: its key is on a curve that has another name than P-256's."""
    der = certificate(ec.generate_private_key(ec.SECP256R1())).public_bytes(Encoding.DER)
    return ssl.DER_cert_to_PEM_cert(der.replace(P256, P256[:-1] + b"\x7f")).encode()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((pem(KEY),), "has no certificate"),
        ((CERT,), "has no private key"),
        ((b"",), "has no certificate"),
        ((CERT[:200], pem(KEY)), "has no certificate"),
        ((CERT, pem(KEY)[:300]), "has no private key"),
        ((CERT, pem(KEY, password=b"hidden")), "is encrypted"),
        ((CERT, pem(OTHER)), "is not that of the certificate"),
        ((cert(SIGNS_NOTHING), pem(SIGNS_NOTHING)), "must be RSA from 2,048 bits, or EC"),
        ((cert(SHORT), pem(SHORT)), "must be RSA from 2,048 bits, or EC"),
        ((of_an_unknown_curve(), pem(KEY)), "must be RSA from 2,048 bits, or EC"),
    ],
    ids=[
        "no certificate",
        "no key",
        "empty",
        "cut",
        "cut key",
        "encrypted",
        "another key",
        "ed25519",
        "short",
        "a curve that nobody knows",
    ],
)
def test_a_certificate_that_cannot_sign_says_why_at_once(tmp_path: Path, parts: tuple[bytes, ...], words: str) -> None:
    file = write_file(tmp_path / "both.pem", *parts)
    with pytest.raises(CertificateError, match=words) as raised:
        JobReportClient("http://127.0.0.1:9", "app", certificate=file)
    assert isinstance(raised.value, JobReportError)
    assert not raised.value.temporary
    assert str(file) in str(raised.value)
    assert raised.value.file == file


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = write_file(tmp_path / "c.pem", CERT)
    with pytest.raises(CertificateError, match=r"cannot read .*k\.pem: No such file"):
        JobReportClient("http://127.0.0.1:9", "app", certificate=(file, tmp_path / "k.pem"))
