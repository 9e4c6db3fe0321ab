"""Amazon SNS: signatures by a key of the tests' own, the addresses that are asked, and the confirmation."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.inbox.report import UnreadableError
from jobreport.inbox.webhooks.registry import forms_of
from jobreport.inbox.webhooks.sns import SnsReader
from jobreport.model.catalog import JobState
from webhook_samples import AWS, delivery

TOPIC = "arn:aws:sns:eu-central-1:111122223333:backup"
CERTIFICATE = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
CONFIRM = f"https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f"
SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key().public_key())
    builder = builder.serial_number(7).not_valid_before(begin).not_valid_after(begin + timedelta(days=365))
    return builder.sign(key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def signed(version: str = "1", **change: Any) -> dict[str, Any]:
    """A message as SNS signs it: those fields that it has, in the order of their names."""
    message = {
        "Type": "Notification",
        "MessageId": "22b80b92",
        "TopicArn": TOPIC,
        "Message": json.dumps(AWS),
        "Timestamp": "2026-03-02T22:10:01.655Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
        **change,
    }
    said = "".join(f"{name}\n{message[name]}\n" for name in SIGNED if name in message)
    signature = key().sign(said.encode(), padding.PKCS1v15(), HASHES.get(version, hashes.SHA256)())
    return {**message, "Signature": base64.b64encode(signature).decode()}


def confirmation(**change: Any) -> dict[str, Any]:
    return signed(Type="SubscriptionConfirmation", Token="2336412f", SubscribeURL=CONFIRM, Message="Visit", **change)


class Amazon:
    """Answers with the certificate, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, url: str) -> bytes:
        self.asked.append(url)
        return certificate()


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [{}, {"Subject": "Notification from AWS Backup"}])
def test_a_signed_event_is_a_job_and_the_certificate_is_asked_for_once(version: str, subject: dict[str, str]) -> None:
    amazon = Amazon()
    reader = SnsReader((TOPIC,), amazon.get)
    for _ in range(2):
        (job,) = reader.read(delivery(signed(version, **subject))).jobs
        assert (job.state, json.loads(job.raw)) == (JobState.Successful, AWS)
    assert amazon.asked == [CERTIFICATE]


def test_a_vaults_notification_is_read_by_its_attributes() -> None:
    told = {"EventType": "BACKUP_JOB", "State": "FAILED", "Id": "J-1", "AccountId": "1", "StartTime": ""}
    attributes = {name: {"Type": "String", "Value": value} for name, value in told.items()}
    message = signed(Message="An AWS Backup job failed.", MessageAttributes=attributes)
    (job,) = SnsReader((TOPIC,), Amazon().get).read(delivery(message)).jobs
    assert (job.state, job.key) == (JobState.Failed, "aws-backup/1//J-1")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({**signed(), "Message": "{}"}, "signature is not that of SNS"),
        ({**signed(), "Signature": "no base64!"}, "signature is not that of SNS"),
        ({**signed(), "Signature": ""}, "signature is not that of SNS"),
        ({**signed("2"), "SignatureVersion": "1"}, "signature is not that of SNS"),
        (signed("3"), "1 and 2 are known"),
        (signed(Timestamp="2027-03-02T22:10:01Z"), "not valid when the message was sent"),
        (signed(Timestamp=""), "not valid when the message was sent"),
        (signed(Type="Greeting"), "Type is 'Greeting'"),
        (signed(TopicArn="arn:aws:sns:eu-central-1:1:x"), "TopicArn must be the ARN of a topic"),
        (signed(TopicArn=f"{TOPIC}2"), "is not among the topics of"),
    ],
)
def test_what_is_not_signed_by_sns_is_not_read(message: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        SnsReader((TOPIC,), Amazon().get).read(delivery(message))


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com.example.org/SimpleNotificationService-0123456789abcdef.pem",
        "https://example.org/sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com@example.org/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem?x=/../y",
        "https://sns.eu-central-1.amazonaws.com/bucket/SimpleNotificationService-0123456789abcdef.pem",
        "https://s3.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem\n",
        "",
    ],
)
def test_no_other_address_is_ever_asked(url: str) -> None:
    amazon = Amazon()
    reader = SnsReader((TOPIC,), amazon.get)
    with pytest.raises(UnreadableError, match="SigningCertURL is no certificate"):
        reader.read(delivery(signed(SigningCertURL=url)))
    with pytest.raises(UnreadableError, match="SubscribeURL is no confirmation"):
        reader.read(delivery({**confirmation(), "SubscribeURL": url}))
    with pytest.raises(UnreadableError, match="SubscribeURL is no confirmation"):
        reader.read(delivery({**confirmation(), "SubscribeURL": f"{CONFIRM}#@example.org"}))
    assert amazon.asked == []


def test_a_subscription_is_confirmed_for_a_topic_that_the_operator_names_and_no_other() -> None:
    amazon = Amazon()
    with pytest.raises(UnreadableError, match="name it there"):
        SnsReader((), amazon.get).read(delivery(confirmation()))
    assert amazon.asked == []
    reader = SnsReader((TOPIC,), amazon.get)
    with pytest.raises(UnreadableError, match="signature is not that of SNS"):
        reader.read(delivery({**confirmation(), "Token": "another"}))
    assert amazon.asked == [CERTIFICATE]
    reading = reader.read(delivery(confirmation()))
    assert (reading.jobs, reading.ignored) == ((), f"the subscription to {TOPIC} is confirmed")
    assert amazon.asked[-1] == CONFIRM


def test_the_topics_of_the_file_are_those_that_are_read() -> None:
    for text, topics in ((f'[sns]\ntopics = ["{TOPIC}"]\n', True), ("", False)):
        forms = forms_of(Configuration(Path("jobreport.toml"), text), Amazon().get)
        if topics:
            assert forms.read("sns", delivery(signed())).jobs
        else:
            with pytest.raises(UnreadableError, match="name it there"):
                forms.read("sns", delivery(signed()))


@pytest.mark.parametrize("name", ["pve", "sns"])
def test_a_mapping_has_the_name_of_no_known_sender(name: str) -> None:
    file = Configuration(Path("jobreport.toml"), f'[[mapping]]\nname = "{name}"\nfields.state = "status"\n')
    with pytest.raises(ConfigurationError, match=r"is the form of a known sender already: .*pve, sns"):
        forms_of(file, Amazon().get)


def test_a_certificate_that_is_none_is_not_kept() -> None:
    amazon = Amazon()
    answers = iter((b"no certificate", certificate()))
    reader = SnsReader((TOPIC,), lambda url: (amazon.get(url), next(answers))[1])
    with pytest.raises(UnreadableError, match=r"no X\.509 certificate"):
        reader.read(delivery(signed()))
    assert reader.read(delivery(signed())).jobs
