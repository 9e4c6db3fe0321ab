"""Reads notifications of Proxmox about jobs: the parts that Proxmox VE and Proxmox Backup Server share.

A webhook target posts what its template says; ours, in the documentation, contains the whole notification. A Gotify
target posts only title and message.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import json_of, unix_time_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.runner.text import Tail

_WHAT: Final = "a notification of Proxmox"
_FENCE: Final = "```"
_RESULT: Final = re.compile(r"\b(successful|failed)\b")
_TEST: Final = "Test notification"


class Notification(msgspec.Struct):
    """What a target posts. `timestamp` is in seconds since 1970; 0: it is not told."""

    title: str
    message: str
    severity: str = ""
    timestamp: int = 0
    fields: dict[str, str] = {}

    @property
    def kind(self) -> str:
        """What it tells of, such as vzdump or gc; empty if it is not told."""
        return self.fields.get("type", "")

    @property
    def is_test(self) -> bool:
        """Whether somebody tries the target."""
        return self.title == _TEST

    @property
    def good(self) -> bool | None:
        """Whether it tells of a success; None if it does not say."""
        found = _RESULT.search(self.title)
        if self.severity == "error" or (found is not None and found[1] == "failed"):
            return False
        if self.severity not in {"", "info"} or (found is None and not self.severity):
            return None
        return True

    @property
    def lines(self) -> list[str]:
        """The lines of the message, without the marks that Gotify's target puts around it."""
        return [line for line in self.message.splitlines() if line != _FENCE]


def read_notification(delivery: Delivery) -> tuple[Notification, int]:
    """Returns a notification and its time in ticks. Raises UnreadableError."""
    notification = json_of(delivery, Notification, _WHAT)
    return notification, unix_time_of(notification.timestamp, ticks.PER_SECOND, "timestamp")


def unknown(notification: Notification) -> tuple[JobState, str]:
    """Returns the state and the words for a result that is not known."""
    return JobState.Exception, f"unknown state: severity {notification.severity[:50]!r}, {notification.title[:200]}"


def shown(lines: Iterable[str]) -> str:
    """Returns the last of some lines, as comments."""
    tail = Tail()
    for line in lines:
        tail.add(line)
    return tail.text()
