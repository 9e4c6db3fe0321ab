"""Reads messages of Amazon SNS: checks who sent them, and confirms a subscription to a topic that the operator names.

Nothing is asked of Amazon for a topic that `[sns]` in `jobreport.toml` does not name; and then only SNS's own addresses
in that topic's region, which `message_of` has checked.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from jobreport.inbox.report import Reading, UnreadableError
from jobreport.inbox.webhooks.aws_backup import read_event, read_notification
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import time_of
from jobreport.inbox.webhooks.sns_message import CONFIRMATION, GOODBYE, Message, message_of, verify
from jobreport.runner.text import json_object

_MOST_KEPT: Final = 16
"""Certificates. There is one for each region, and it changes about once a year."""


class SnsSettings(msgspec.Struct, frozen=True):
    """The table `[sns]`: the topics whose messages are read, by their ARNs."""

    topics: tuple[str, ...] = ()


class SnsReader:
    """Reads the messages of some topics. `get` returns what is at an address of SNS; it raises UnreadableError."""

    def __init__(self, topics: tuple[str, ...], get: Callable[[str], bytes]) -> None:
        self._topics = frozenset(topics)
        self._get = get
        self._certificates: dict[str, bytes] = {}

    def read(self, delivery: Delivery) -> Reading:
        """Returns what a message says; the first one of a topic is confirmed. Raises UnreadableError."""
        message = message_of(delivery)
        if message.topic not in self._topics:
            raise UnreadableError(
                f"the topic {message.topic} is not among the topics of [sns] in jobreport.toml; name it there, and "
                "have this message read again"
            )
        self._verify(message)
        if message.type == CONFIRMATION:
            assert message.subscribe_url is not None
            self._get(message.subscribe_url)
            return Reading(ignored=f"the subscription to {message.topic} is confirmed")
        if message.type == GOODBYE:
            return Reading(ignored=f"the subscription to {message.topic} has ended")
        if json_object(message.message) is not None:
            reading = read_event(message.message)
            return Reading(
                jobs=tuple(msgspec.structs.replace(job, raw=message.message) for job in reading.jobs),
                ignored=reading.ignored,
            )
        attributes = {name: attribute.value for name, attribute in message.attributes.items()}
        return read_notification(message.message, attributes, time_of(message.timestamp, "Timestamp"))

    def _verify(self, message: Message) -> None:
        url = message.certificate_url
        kept = self._certificates.get(url)
        certificate = self._get(url) if kept is None else kept
        verify(message, certificate)
        if len(self._certificates) >= _MOST_KEPT:
            self._certificates.clear()
        self._certificates[url] = certificate
