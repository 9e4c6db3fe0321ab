"""A message to people or to programs that something needs somebody, or is well again; and to which channel it goes.

A message is whole: whoever sends it looks nothing up. Its ID is the same however often it is delivered, so a receiver
that knows IDs takes it once.
"""

from enum import StrEnum

import msgspec


class Step(StrEnum):
    """What of an incident is told."""

    OPENED = "opened"
    REPEATED = "repeated"
    """It goes on."""
    WORSE = "worse"
    """It concerns more, or another cause, than was told."""
    CLOSED = "closed"
    DIGEST = "digest"
    """How all stands; it is about no single incident."""
    TEST = "test"
    """Somebody tries a channel."""


class Severity(StrEnum):
    """How much it matters, in the words of PagerDuty's events."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class File(msgspec.Struct, frozen=True):
    """A file that goes with a message, where its channel takes files."""

    name: str
    media_type: str
    content: bytes


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is told. `id` is made of the incident and the step: another one for each message, the same for each delivery
    of it. `incident` is the ID of the incident; empty for a digest or a test.

    `tenant` is the number of the tenant, `tenant_name` its name. `subject` is a sentence, and so is each of `lines`;
    `more` is how many lines are left out. `link` is the address of a page about it, `ticket` what somebody noted;
    either may be empty. `files` go with it by mail. `at` is when it came to be (ticks).
    """

    id: str
    incident: str = ""
    step: Step
    tenant: int
    tenant_name: str
    subject: str
    lines: tuple[str, ...] = ()
    more: int = 0
    link: str = ""
    ticket: str = ""
    severity: Severity = Severity.ERROR
    files: tuple[File, ...] = ()
    at: int


class Delivery(msgspec.Struct, frozen=True):
    """A message, and the name of the channel to which it goes."""

    message: Message
    channel: str
