"""Reads the certificate file with which an app is registered, and checks that its key may sign client assertions.

Only the certificate itself is taken. A file with a private key in it is refused, so that no private key gets into the
store by mistake.
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
"""The least and the most bits of an RSA key: the least cannot be broken, the most is still verified quickly."""
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
"""What the library raises for bytes that are no certificate, or for one that RFC 5280 does not allow."""

T = TypeVar("T")


class CertificateError(ValueError):
    """A file that cannot be used as an app's certificate; the message says why, and what would be right."""


def read_certificate(data: bytes, now: int) -> AppCertificate:
    """The certificate in `data` (PEM or DER), which must be valid at `now` (ticks).

    CertificateError for a private key, for more than one certificate, a weak key, a certificate that is not valid now,
    or one whose key usage does not allow digital signatures (contract, "Tokens").
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
    """The public key of a certificate (DER), to verify signatures with."""
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
            # The library warns of a serial number that is not positive, which RFC 5280 §4.1.2.2 does not allow.
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            return load(data)
    except _UNREADABLE:
        raise CertificateError("the file is no X.509 certificate in PEM or DER") from None


def _is_private(data: bytes) -> bool:
    """Whether these bytes are a private key (DER), or a PKCS #12 archive, which usually holds one."""
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
    """The subject to show to people (RFC 4514), or the common name where it is long; printable characters alone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a name's length: it is only shown
            found = certificate.subject.rfc4514_string()
            if len(found) > 200:
                found = str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)[:200]
    except (ValueError, TypeError, IndexError):
        found = "unreadable"
    return "".join(character if character.isprintable() else "\ufffd" for character in found)
