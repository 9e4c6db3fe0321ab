"""A mailbox that is read for mails to inboxes: what `[[mailbox]]` in `jobreport.toml` says of it.

A mail is for the inbox whose address it has; or, if the mailbox names a tenant, for that tenant's inbox whose slug
stands behind a + in the address; or else for the inbox that the mailbox names.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from jobreport.configuration.check import Span
from jobreport.configuration.file import Configuration
from jobreport.hosts import is_loopback
from jobreport.inbox.mail.networks import parse_sender

KIND: Final = "mailbox"
LEAST_EVERY: Final = 10
MOST_EVERY: Final = 24 * 3600

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Folder = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=255,
        pattern=r'^[^\x00-\x1f\x7f-\U0010ffff"\\*%]+$',
        description="the name of a folder in ASCII, as the server itself writes it",
    ),
]


class MailboxError(Exception):
    """Raised if a mailbox cannot be read. The message says why, and never has a password in it."""


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox, by IMAP. What was read goes from `folder` to `done`; what nobody takes, to `refused`.

    `port` is None for the usual one. `ca` is a file with the authority of the server's certificate; empty: those that
    this machine trusts. `every` is in seconds. `senders` are addresses, or domains behind an @; without any, everybody.
    """

    name: str
    host: Line
    user: Line
    password_file: Line
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    ca: str = ""
    folder: Folder = "INBOX"
    done: Folder = "Jobreport"
    refused: Folder = "Jobreport refused"
    tenant: str = ""
    inbox: str = ""
    senders: list[str] = []
    every: Span = 60

    def __post_init__(self) -> None:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError('security = "none" is for a server on this machine only, such as 127.0.0.1')
        if self.inbox and not self.tenant:
            raise ValueError("tenant is missing: it says whose the inbox is")
        if len({self.folder, self.done, self.refused}) < 3:
            raise ValueError("folder, done and refused must be three folders")
        if not LEAST_EVERY <= self.every <= MOST_EVERY:
            raise ValueError("every must be from 10s to 24h")
        for sender in self.senders:
            parse_sender(sender)

    def password(self) -> str:
        """Returns the password from its file. Raises MailboxError."""
        try:
            password = Path(self.password_file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise MailboxError(f"password_file: cannot read {self.password_file}: {reason}") from None
        if not password or not password.isprintable():
            raise MailboxError(f"password_file: {self.password_file} must have one line with the password")
        return password


def mailboxes(configuration: Configuration) -> tuple[Mailbox, ...]:
    """Returns the mailboxes of the file. Raises ConfigurationError."""
    return tuple(table.read(Mailbox) for table in configuration.tables(KIND))


def lowered(senders: Sequence[str]) -> tuple[str, ...]:
    """Returns senders as mails are compared with them."""
    return tuple(parse_sender(one) for one in senders)
