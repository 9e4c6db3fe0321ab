"""Makes the proof that an app sends to a token endpoint: its client secret, or an assertion signed by its certificate.

RFC 6749 §2.3.1, or RFC 7523 §2.2; the contract's "Tokens".
"""

import time
import uuid
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeAlias

from jobreport.client.errors import CertificateError

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 300
"""The lifetime of an assertion, in seconds. It is used immediately and only once; the rest is for clocks that
differ."""
_RSA_BITS: Final = 2048
"""The smallest RSA key, in bits; no server accepts a smaller one."""
_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_KINDS: Final = f"RSA from {_RSA_BITS:,} bits, or EC on P-256, P-384 or P-521"

Certificate: TypeAlias = str | PathLike[str] | tuple[str | PathLike[str], str | PathLike[str]]
"""The path of a PEM file with a certificate and its private key, or of two files: first certificate, then key."""
Proof: TypeAlias = Callable[[str, str], dict[str, str]]
"""A function from the client ID and the URL of the token endpoint to the form fields that prove who the app is."""


def by_secret(secret: str) -> Proof:
    """Returns a proof by the app's secret."""

    def fields(client_id: str, token_url: str) -> dict[str, str]:
        return {"client_id": client_id, "client_secret": secret}

    return fields


def by_certificate(certificate: Certificate) -> Proof:
    """Returns a proof by assertions that are signed with the certificate's key. Raises CertificateError if it cannot
    sign.

    The files are read once, here.
    """
    # Imported here, since most programs sign in with a secret, and these libraries are slow to load.
    from joserfc import jwt
    from joserfc.jwk import ECKey, RSAKey

    key, algorithm, thumbprint = _load(certificate)
    kind = RSAKey if algorithm.startswith("RS") else ECKey
    signing: Any = kind.import_key(key)
    header = {"alg": algorithm, "typ": "JWT", "x5t#S256": thumbprint}

    def fields(client_id: str, token_url: str) -> dict[str, str]:
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": token_url,
            "jti": uuid.uuid4().hex,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }
        assertion = jwt.encode(header, claims, signing, algorithms=[algorithm])
        return {"client_id": client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}

    return fields


def _load(certificate: Certificate) -> tuple[bytes, str, str]:
    """Returns the private key as PEM, the signature algorithm, and the certificate's thumbprint (RFC 7515 §4.1.8)."""
    import base64

    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    files = certificate if isinstance(certificate, tuple) else (certificate, certificate)
    cert_file, key_file = (Path(file) for file in files)
    cert_pem, key_pem = _bytes(cert_file), _bytes(key_file)
    try:
        parsed = x509.load_pem_x509_certificate(cert_pem)
    except ValueError:
        raise CertificateError(f"{cert_file} has no certificate in PEM", cert_file) from None
    try:
        certified = parsed.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(f"the key of the certificate in {cert_file} must be {_KINDS}", cert_file) from None
    try:
        key = serialization.load_pem_private_key(key_pem, password=None)
    except TypeError:
        raise CertificateError(
            f"the private key in {key_file} is encrypted; give one without a password", key_file
        ) from None
    except Exception:  # noqa: BLE001 - a damaged file can raise many kinds of errors, and none of them may show the key
        raise CertificateError(f"{key_file} has no private key in PEM (PKCS 8, PKCS 1 or SEC 1)", key_file) from None
    if key.public_key() != certified:
        raise CertificateError(f"the private key in {key_file} is not that of the certificate in {cert_file}", key_file)
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _RSA_BITS:
        algorithm = "RS256"
    elif isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        algorithm = _CURVES[key.curve.name]
    else:
        raise CertificateError(f"the private key in {key_file} must be {_KINDS}", key_file)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    thumbprint = base64.urlsafe_b64encode(parsed.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
    return pem, algorithm, thumbprint


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CertificateError(f"cannot read {file}: {error.strerror}", file) from None
