"""Checks that a message was sent by Amazon SNS, by its signature; pure: the certificate is given.

What is signed, and how, is in the documentation of SNS: version 1 with SHA-1, version 2 with SHA-256.
"""

import binascii
import re
from base64 import b64decode
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from jobreport.inbox.report import UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import json_of, time_of
from jobreport.model import ticks

NOTIFICATION: Final = "Notification"
CONFIRMATION: Final = "SubscriptionConfirmation"
GOODBYE: Final = "UnsubscribeConfirmation"
_HOST: Final = r"https://sns\.(?P<region>[a-z0-9-]{2,40})\.amazonaws\.com(?:\.cn)?/"
_CERTIFICATE: Final = re.compile(_HOST + r"SimpleNotificationService-[0-9a-f]{8,64}\.pem", re.ASCII)
_SUBSCRIBE: Final = re.compile(_HOST + r"\?Action=ConfirmSubscription&[\w=&%.:/+~-]{1,2000}", re.ASCII)
_TOPIC: Final = re.compile(r"arn:aws[a-z-]{0,20}:sns:([a-z0-9-]{2,40}):\d{12,13}:[\w.-]{1,256}", re.ASCII)
_HASHES: Final = {"1": SHA1, "2": SHA256}
_SIGNED: Final = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    GOODBYE: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_LONGEST_SIGNATURE: Final = 4_096


class Attribute(msgspec.Struct):
    """One of the attributes beside a message."""

    value: str = msgspec.field(name="Value")


class Message(msgspec.Struct, frozen=True):
    """A message of SNS, as it is posted."""

    type: str = msgspec.field(name="Type")
    message_id: str = msgspec.field(name="MessageId")
    topic: str = msgspec.field(name="TopicArn")
    message: str = msgspec.field(name="Message")
    timestamp: str = msgspec.field(name="Timestamp")
    version: str = msgspec.field(name="SignatureVersion")
    signature: str = msgspec.field(name="Signature")
    certificate_url: str = msgspec.field(name="SigningCertURL")
    subject: str | None = msgspec.field(name="Subject", default=None)
    token: str | None = msgspec.field(name="Token", default=None)
    subscribe_url: str | None = msgspec.field(name="SubscribeURL", default=None)
    attributes: dict[str, Attribute] = msgspec.field(name="MessageAttributes", default_factory=dict)


def message_of(delivery: Delivery) -> Message:
    """Returns the message in a delivery; it may be anybody's. Raises UnreadableError.

    Its certificate's URL is one of SNS, in the region of its topic, and so is that of a confirmation: no other address
    may ever be asked for, whoever names it.
    """
    message = json_of(delivery, Message, "a message of SNS")
    if message.type not in _SIGNED:
        raise UnreadableError(f"Type is {message.type[:100]!r}; SNS sends {', '.join(_SIGNED)}")
    topic = _TOPIC.fullmatch(message.topic)
    if topic is None:
        raise UnreadableError(
            "TopicArn must be the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:backup"
        )
    certificate = _CERTIFICATE.fullmatch(message.certificate_url)
    if certificate is None or certificate["region"] != topic[1]:
        raise UnreadableError("SigningCertURL is no certificate of SNS in the region of its topic")
    if message.type == CONFIRMATION:
        subscribe = _SUBSCRIBE.fullmatch(message.subscribe_url or "")
        if subscribe is None or subscribe["region"] != topic[1]:
            raise UnreadableError("SubscribeURL is no confirmation of SNS in the region of its topic")
    return message


def verify(message: Message, certificate: bytes) -> None:
    """Raises UnreadableError unless the message was signed by the key of a certificate (PEM) that was valid then."""
    hashing = _HASHES.get(message.version)
    if hashing is None:
        raise UnreadableError(f"SignatureVersion is {message.version[:20]!r}; 1 and 2 are known")
    try:
        found = x509.load_pem_x509_certificate(certificate)
        key = found.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise UnreadableError("the certificate of SNS could not be read: it is no X.509 certificate as PEM") from None
    if not isinstance(key, RSAPublicKey):
        raise UnreadableError("the certificate of SNS has no RSA key")
    sent = time_of(message.timestamp, "Timestamp")
    begin, end = (ticks.from_datetime(at) for at in (found.not_valid_before_utc, found.not_valid_after_utc))
    if not begin <= sent <= end:
        raise UnreadableError("the certificate of SNS was not valid when the message was sent")
    try:
        signature = b64decode(message.signature[:_LONGEST_SIGNATURE], validate=True)
        key.verify(signature, _signed(message), PKCS1v15(), hashing())
    except (InvalidSignature, binascii.Error):
        raise UnreadableError("the message's signature is not that of SNS") from None


def _signed(message: Message) -> bytes:
    """Returns what SNS signs: names and values of some fields, each on a line of its own."""
    values = {
        "Message": message.message,
        "MessageId": message.message_id,
        "Subject": message.subject,
        "SubscribeURL": message.subscribe_url,
        "Timestamp": message.timestamp,
        "Token": message.token,
        "TopicArn": message.topic,
        "Type": message.type,
    }
    lines = [(name, values[name]) for name in _SIGNED[message.type]]
    return "".join(f"{name}\n{value}\n" for name, value in lines if value is not None).encode()
