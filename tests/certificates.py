"""Certificates of the tests' own, good and bad, and the assertions that their keys sign."""

import ipaddress
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey


class Signer:
    """A certificate with its private key, which the service never sees."""

    def __init__(self, key: PrivateKey, certificate: x509.Certificate) -> None:
        self.key, self.certificate = key, certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def thumbprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def private(self, encoding: serialization.Encoding, password: bytes | None = None) -> bytes:
        hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return self.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, hidden)

    def sign(self, claims: dict[str, Any], algorithm: str | None = None, **header: Any) -> str:
        """The claims as a JWT."""
        key = RSAKey.import_key(self.key) if isinstance(self.key, rsa.RSAPrivateKey) else ECKey.import_key(self.key)
        curves = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
        chosen = algorithm or (curves[key.curve_name] if isinstance(key, ECKey) else "RS256")
        return jwt.encode({"alg": chosen, **header}, claims, key, algorithms=[chosen], registry=Lenient([chosen]))


class Lenient(jwt.JWSRegistry):
    """Signs any header, however long."""

    max_header_length = 100_000

    def __init__(self, algorithms: list[str]) -> None:
        super().__init__(algorithms=algorithms, strict_check_header=False)


def make(
    key: PrivateKey | None = None,
    *,
    starts: timedelta = timedelta(minutes=-5),
    ends: timedelta = timedelta(days=365),
    signs: bool | None = True,
    now: datetime | None = None,
    name: str = "nightly report",
) -> Signer:
    """A certificate that is good for signing, but for what is said; `signs` None: without Key Usage."""
    key = key or RSA
    now = now or datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    public: Any = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
    )
    if signs is not None:
        builder = builder.add_extension(_usage(signs=signs), critical=True)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Signer(key, builder.sign(key, digest))


def _usage(*, signs: bool) -> x509.KeyUsage:
    others = ("content_commitment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    never = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=signs, key_encipherment=True, **never)


def claims(client_id: str, audience: str, **changed: Any) -> dict[str, Any]:
    """The claims of an assertion that is good, but for what is changed; None takes one away."""
    now = int(time.time())
    whole = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": uuid.uuid4().hex,
        "iat": now,
        "nbf": now,
        "exp": now + 60,
        **changed,
    }
    return {name: value for name, value in whole.items() if value is not None}


def for_this_machine(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that is its own authority, and its key: new files in the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
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
    cert, pem = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    pem.chmod(0o600)
    return cert, pem


RSA = rsa.generate_private_key(65537, 2048)
