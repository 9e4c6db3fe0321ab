"""Writes the table of the senders whose mails are read, from their rules."""

from collections.abc import Callable
from typing import Final

from blocks.markdown import table
from jobreport.inbox.mail.rules import RULES


def senders() -> str:
    """Each sender, from where its wording is known, and whether its rule was tried."""
    return table(
        ("sender", "rule", "read in", "wording from", "tried by mails of its own"),
        ((one.sender, f"`{one.name}`", one.languages, one.wording, one.tried or "nobody could") for one in RULES),
    )


BLOCKS: Final[dict[str, Callable[[], str]]] = {"mail-senders": senders}
