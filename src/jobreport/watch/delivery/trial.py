"""Tests a channel: sends a test message to each of its receivers at once, before everything that waits."""

import secrets

import msgspec

from jobreport.model.message import Message, Severity, Step
from jobreport.watch.channels.base import UndeliveredError
from jobreport.watch.channels.configured import Configured
from jobreport.watch.delivery.sending import tell


class ReceiverTrial(msgspec.Struct, frozen=True):
    """What became of a test: its receiver, and why that has not taken it; empty: it has."""

    receiver: str
    error: str


def trial(channel: Configured, now: int) -> list[ReceiverTrial]:
    """Sends a test to each receiver. Raises UndeliveredError if the channel cannot even say who these are."""
    opened = channel.open()
    message = Message(
        id=f"test-{secrets.token_hex(8)}",
        step=Step.TEST,
        tenant=0,
        tenant_name="Jobreport",
        subject=f"This is a test of the channel {channel.name}",
        lines=("What needs somebody will arrive here.",),
        severity=Severity.INFO,
        at=now,
    )
    found = []
    for receiver in opened.receivers():
        try:
            tell(opened, message, receiver)
            found.append(ReceiverTrial(receiver, ""))
        except UndeliveredError as error:
            found.append(ReceiverTrial(receiver, error.why))
    return found
