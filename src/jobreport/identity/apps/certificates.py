"""Reads the certificate file of an app, and checks that the certificate's key may sign client assertions.

A file that contains a private key is refused, so that no private key gets into the store by mistake.
"""

import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, RSAKey

from jobreport.model import ticks
from jobreport.store.registry.credentials import AppCertificate

MAX_FILE: Final = 64 * 1024
RSA_BITS: Final = (2048, 8192)
"""The smallest and the largest RSA key, in bits. Smaller keys can be broken; larger ones are slow to verify."""
CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_MAKE_ONE: Final = "openssl req -x509 -newkey rsa:3072 -nodes -days 365 -addext keyUsage=critical,digitalSignature …"
_PEM: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")

_UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,
)
"""The errors of the library for bytes that are no certificate, or a certificate that RFC 5280 does not allow."""

T = TypeVar("T")


class CertificateError(ValueError):
    """Raised if a file cannot be used as an app's certificate. The message says why, and what would be right."""


def read_certificate(data: bytes, now: int) -> AppCertificate:
    """Returns the certificate in `data` (PEM or DER).

    Raises CertificateError if `data` contains a private key or more than one certificate, if the key is weak, if the
    certificate is not valid at `now` (ticks), or if its key usage does not allow digital signatures (contract,
    "Tokens").
    """
    certificate = _load(data)
    starts, expires = _dates(certificate)
    if now < starts:
        raise CertificateError(f"the certificate is not good before {ticks.to_iso(starts, digits=0)}")
    if now >= expires:
        raise CertificateError(f"the certificate expired on {ticks.to_iso(expires, digits=0)}")
    _check_key(certificate)
    _check_usage(certificate)
    return AppCertificate(
        thumbprint=certificate.fingerprint(hashes.SHA256()).hex(),
        certificate=certificate.public_bytes(serialization.Encoding.DER),
        subject=_subject(certificate),
        not_before=starts,
        expires=expires,
        created=now,
    )


@lru_cache(maxsize=1024)
def public_key(certificate: bytes) -> RSAKey | ECKey:
    """Returns the public key of a certificate (DER), which verifies signatures."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    if isinstance(key, RSAPublicKey):
        return RSAKey.import_key(key)
    assert isinstance(key, EllipticCurvePublicKey)
    return ECKey.import_key(key)


def _load(data: bytes) -> x509.Certificate:
    if len(data) > MAX_FILE:
        raise CertificateError(f"the file is larger than {MAX_FILE // 1024} KiB; it should hold one certificate")
    labels = _PEM.findall(data)
    if any(b"PRIVATE KEY" in label for label in labels) or (not labels and _is_private(data)):
        raise CertificateError(
            "the file holds a private key, which must never leave its owner: give the certificate alone, "
            "for example what `openssl x509 -in app.pem` prints"
        )
    if len([label for label in labels if label == b"CERTIFICATE"]) > 1:
        raise CertificateError("the file holds more than one certificate; give the app's own alone, without its chain")
    load = x509.load_pem_x509_certificate if labels else x509.load_der_x509_certificate
    try:
        with warnings.catch_warnings():
            # The library only warns if a serial number is not positive; RFC 5280 §4.1.2.2 does not allow that.
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            return load(data)
    except _UNREADABLE:
        raise CertificateError("the file is no X.509 certificate in PEM or DER") from None


def _is_private(data: bytes) -> bool:
    """Whether these bytes are a private key (DER), or a PKCS #12 archive, which usually contains a private key."""
    return _can(serialization.load_der_private_key, data) or _can(pkcs12.load_key_and_certificates, data)


def _can(load: Callable[[bytes, None], T], data: bytes) -> bool:
    try:
        load(data, None)
    except TypeError:  # it is encrypted
        return True
    except (ValueError, UnsupportedAlgorithm) as error:
        return "password" in str(error)
    return True


def _dates(certificate: x509.Certificate) -> tuple[int, int]:
    return (
        ticks.from_datetime(certificate.not_valid_before_utc),
        # Its last second still counts (RFC 5280 §4.1.2.5).
        ticks.from_datetime(certificate.not_valid_after_utc) + ticks.PER_SECOND,
    )


def _check_key(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except _UNREADABLE:
        raise CertificateError("the certificate's key is of a kind that nothing here can read") from None
    if isinstance(key, RSAPublicKey):
        least, most = RSA_BITS
        if not least <= key.key_size <= most:
            raise CertificateError(f"the certificate's RSA key has {key.key_size} bits; it needs {least} to {most}")
    elif not isinstance(key, EllipticCurvePublicKey):
        raise CertificateError(f"the certificate's key must be RSA, or EC on {', '.join(CURVES.values())}")
    elif key.curve.name not in CURVES:
        raise CertificateError(f"the certificate's EC key must be on {', '.join(CURVES.values())}")


def _check_usage(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    except _UNREADABLE:
        raise CertificateError("the certificate's extensions cannot be read") from None
    if usage is None or not usage.digital_signature:
        raise CertificateError(
            "the certificate's Key Usage must allow digital signatures; "
            f"{'it has none' if usage is None else 'it does not'}. Make one by: {_MAKE_ONE}"
        )


def _subject(certificate: x509.Certificate) -> str:
    """Returns the subject (RFC 4514) to show to people; only the common name if the subject is long.

    Characters that cannot be printed are replaced.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a name's length: it is only shown
            name = certificate.subject.rfc4514_string()
            if len(name) > 200:
                name = str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)[:200]
    except (ValueError, TypeError, IndexError):
        name = "unreadable"
    return "".join(character if character.isprintable() else "\ufffd" for character in name)
