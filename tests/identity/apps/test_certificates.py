"""Which files are a certificate that an app may have, and what is said of the others."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, RSAKey

import certificates as made
from jobreport.identity.apps.certificates import CertificateError, public_key, read_certificate
from jobreport.model import ticks

NOW = datetime(2026, 11, 25, tzinfo=UTC)
AT = ticks.from_datetime(NOW)


def refusal(data: bytes) -> str:
    with pytest.raises(CertificateError) as caught:
        read_certificate(data, AT)
    return str(caught.value)


@pytest.mark.parametrize("form", ["pem", "der"])
def test_certificate_in_either_form_is_known_by_thumbprint_subject_and_dates(form: str) -> None:
    signer = made.make(now=NOW)
    found = read_certificate(getattr(signer, form), AT)
    assert found.thumbprint == signer.thumbprint
    assert found.subject == "CN=nightly report"
    assert found.certificate == signer.der
    assert ticks.to_datetime(found.not_before) == NOW - timedelta(minutes=5)
    assert ticks.to_datetime(found.expires) == NOW + timedelta(days=365, seconds=1)


def test_text_around_a_pem_certificate_does_no_harm() -> None:
    signer = made.make(now=NOW)
    found = read_certificate(b"Bag Attributes\n  friendlyName: x\n" + signer.pem + b"\n\n", AT)
    assert found.thumbprint == signer.thumbprint


@pytest.mark.parametrize("curve", [ec.SECP256R1, ec.SECP384R1, ec.SECP521R1])
def test_elliptic_keys_from_p_256_up_do(curve: type[ec.EllipticCurve]) -> None:
    found = read_certificate(made.make(ec.generate_private_key(curve()), now=NOW).pem, AT)
    assert isinstance(public_key(found.certificate), ECKey)


def test_rsa_key_does() -> None:
    assert isinstance(public_key(made.make(now=NOW).der), RSAKey)


WEAK: dict[str, Callable[[], made.PrivateKey]] = {
    "RSA key has 1024 bits": lambda: rsa.generate_private_key(65537, 1024),
    "EC key must be on P-256": lambda: ec.generate_private_key(ec.SECP256K1()),
    "EC key must be on P-256, P-384, P-521": lambda: ec.generate_private_key(ec.SECP224R1()),
    "must be RSA, or EC": lambda: ed25519.Ed25519PrivateKey.generate(),
    "must be RSA, or EC on": lambda: dsa.generate_private_key(2048),
}


@pytest.mark.parametrize("said", WEAK)
def test_keys_that_are_too_weak_or_of_another_kind_are_refused(said: str) -> None:
    assert said in refusal(made.make(WEAK[said](), now=NOW).pem)


def test_certificate_counts_from_its_first_second_to_its_last() -> None:
    signer = made.make(starts=timedelta(), ends=timedelta(hours=1), now=NOW)
    assert read_certificate(signer.pem, AT)
    assert read_certificate(signer.pem, AT + 3600 * ticks.PER_SECOND)
    for at, said in ((AT - 1, "is not good before 2026-11-25T00:00:00Z"), (AT + 3601 * ticks.PER_SECOND, "expired")):
        with pytest.raises(CertificateError, match=said):
            read_certificate(signer.pem, at)


@pytest.mark.parametrize(("signs", "said"), [(None, "it has none"), (False, "it does not")])
def test_certificate_that_may_not_sign_is_refused_and_it_is_said_how_to_make_one(signs: bool | None, said: str) -> None:
    told = refusal(made.make(signs=signs, now=NOW).pem)
    assert said in told
    assert "keyUsage=critical,digitalSignature" in told


def private_keys() -> dict[str, bytes]:
    signer = made.make(now=NOW)
    store = pkcs12.serialize_key_and_certificates
    assert isinstance(signer.key, rsa.RSAPrivateKey)
    return {
        "PEM": signer.private(Encoding.PEM),
        "PEM, encrypted": signer.private(Encoding.PEM, b"x"),
        "PEM behind the certificate": signer.pem + signer.private(Encoding.PEM),
        "DER": signer.private(Encoding.DER),
        "DER, encrypted": signer.private(Encoding.DER, b"x"),
        "PKCS 12": store(b"x", signer.key, signer.certificate, None, NoEncryption()),
        "PKCS 12, encrypted": store(b"x", signer.key, signer.certificate, None, BestAvailableEncryption(b"x")),
    }


@pytest.mark.parametrize("form", private_keys())
def test_file_with_a_private_key_is_refused_whatever_its_form(form: str) -> None:
    data = private_keys()[form]
    said = refusal(data)
    assert "private key" in said
    assert not re.search("[A-Za-z0-9+/]{40}", said)


def test_chain_is_refused_since_nobody_says_which_is_meant() -> None:
    assert "more than one" in refusal(made.make(now=NOW).pem + made.make(now=NOW).pem)


def test_what_is_no_certificate_is_said_to_be_none() -> None:
    pem = made.make(now=NOW).pem
    for data in (b"", b"hello", pem[:200], pem.replace(b"MII", b"XXX"), made.make(now=NOW).der[:-1], b"\x30\x82"):
        assert "no X.509 certificate" in refusal(data)
    assert "larger than 64 KiB" in refusal(b"x" * 70_000)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 800))
def test_no_file_whatever_breaks_it(noise: bytes, at: int) -> None:
    """Noise, and a certificate with noise in it: a certificate or a sentence, and nothing else."""
    der = made.make(now=NOW).der
    for data in (noise, b"-----BEGIN CERTIFICATE-----\n" + noise, der[:at] + noise + der[at + len(noise) :]):
        try:
            read_certificate(data, AT)
        except CertificateError as error:
            assert str(error)  # noqa: PT017 - the error's words are the point


@pytest.mark.parametrize(
    ("field", "instead"),
    [
        pytest.param(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01", id="version"),
        pytest.param(
            b"\xa0\x03\x02\x01\x02\x02\x14", b"\xa0\x03\x02\x01\x02\x02\x14\x80", id="serial number below zero"
        ),
    ],
)
def test_what_the_standard_does_not_allow_is_no_certificate(field: bytes, instead: bytes) -> None:
    der = made.make(now=NOW).der
    at = der.index(field)
    assert "no X.509 certificate" in refusal(der[:at] + instead + der[at + len(instead) :])


def test_subject_is_fit_to_be_shown() -> None:
    found = read_certificate(made.make(now=NOW, name="two\nlines\x1b[31m").pem, AT)
    assert found.subject.isprintable()
