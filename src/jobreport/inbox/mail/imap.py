"""Speaks IMAP with the server of a mailbox: signs in, lists mails, reads them, and moves them. It never deletes one.

It uses `imaplib` of the standard library, since few commands are needed. A mail is fetched without being marked as
seen.
"""

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple

from jobreport.inbox.mail.mailbox import Mailbox, MailboxError
from jobreport.model import ticks

SECONDS: Final = 30
"""The longest time that the server may take for an answer."""
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_PORTS: Final = {"tls": 993, "starttls": 143, "none": 143}
_SHOWN: Final = 200


class FolderMail(NamedTuple):
    """A mail in the folder: its number there, its size in bytes, and when the server received it (ticks)."""

    uid: int
    size: int
    received: int


class Connection:
    """A connection in which the mailbox's folder is open."""

    def __init__(self, imap: imaplib.IMAP4, capabilities: frozenset[str]) -> None:
        self._imap, self._capabilities = imap, capabilities

    def uids(self) -> list[int]:
        """Returns the numbers of the mails in the folder, the oldest first, whether anybody has seen them or not."""
        answer = self._ask("list the mails", "SEARCH", "UNDELETED")
        return sorted(int(one) for one in b" ".join(part for part in answer if isinstance(part, bytes)).split())

    def look(self, uid: int) -> FolderMail | None:
        """Returns the size and time of a mail without reading it; None if it is not there any more."""
        answer = self._ask("look at a mail", "FETCH", str(uid), "(RFC822.SIZE INTERNALDATE)")
        for line in answer:
            if isinstance(line, bytes) and (size := _SIZE.search(line)):
                at = imaplib.Internaldate2tuple(line)
                return FolderMail(
                    uid, int(size[1]), ticks.UNIX_EPOCH + int(time.mktime(at)) * ticks.PER_SECOND if at else 0
                )
        return None

    def read(self, uid: int) -> bytes | None:
        """Returns a mail; None if it is not there any more."""
        answer = self._ask("read a mail", "FETCH", str(uid), "(BODY.PEEK[])")
        return next((part[1] for part in answer if isinstance(part, tuple)), None)

    def make(self, folder: str) -> None:
        """Makes a folder, unless it is there."""
        status, found = self._command("look for a folder", self._imap.list, '""', _quoted(folder))
        if status == "OK" and found and found[0] is not None:
            return
        status, answer = self._command("make a folder", self._imap.create, _quoted(folder))
        if status != "OK":
            raise MailboxError(f"the folder {folder!r} cannot be made: {_said(answer)}")
        self._command("subscribe to a folder", self._imap.subscribe, _quoted(folder))

    def move(self, uid: int, folder: str) -> None:
        """Moves a mail into another folder."""
        if "MOVE" in self._capabilities:
            self._ask("move a mail", "MOVE", str(uid), _quoted(folder))
        elif "UIDPLUS" in self._capabilities:
            self._ask("copy a mail", "COPY", str(uid), _quoted(folder))
            self._ask("take a mail away that was copied", "STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
            self._ask("take a mail away that was copied", "EXPUNGE", str(uid))
        else:
            raise MailboxError("the server cannot move a mail (RFC 6851), nor take one away alone (RFC 4315)")

    def _ask(self, what: str, command: str, *words: str) -> list[Any]:
        status, answer = self._command(what, self._imap.uid, command, *words)
        if status != "OK":
            raise MailboxError(f"cannot {what}: {_said(answer)}")
        return list(answer)

    def _command(self, what: str, command: Any, *words: str) -> tuple[str, list[Any]]:
        try:
            status, answer = command(*words)
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            raise MailboxError(f"cannot {what}: {_reason(error)}") from None
        return status, answer


@contextmanager
def connected(mailbox: Mailbox, *, writing: bool) -> Iterator[Connection]:
    """Signs in, and opens the folder; only to look at it unless `writing`. Raises MailboxError."""
    password = mailbox.password()
    port = mailbox.port or _PORTS[mailbox.security]
    where = f"{mailbox.host}:{port}"
    try:
        imap = _opened(mailbox, port)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxError(f"{where} cannot be reached: {_reason(error)}") from None
    try:
        try:
            capabilities = _signed_in(imap, mailbox, password)
        except (OSError, imaplib.IMAP4.error) as error:
            reason = _reason(error).replace(password, "***")
            raise MailboxError(f"{where} does not let {mailbox.user} in: {reason}") from None
        try:
            status, answer = imap.select(_quoted(mailbox.folder), readonly=not writing)
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailboxError(f"the folder {mailbox.folder!r} cannot be opened: {_reason(error)}") from None
        if status != "OK":
            raise MailboxError(f"the folder {mailbox.folder!r} cannot be opened: {_said(answer)}")
        yield Connection(imap, capabilities)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            imap.logout()


def _opened(mailbox: Mailbox, port: int) -> imaplib.IMAP4:
    if mailbox.security == "none":
        return imaplib.IMAP4(mailbox.host, port, timeout=SECONDS)
    context = ssl.create_default_context(cafile=mailbox.ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if mailbox.security == "tls":
        return imaplib.IMAP4_SSL(mailbox.host, port, ssl_context=context, timeout=SECONDS)
    imap = imaplib.IMAP4(mailbox.host, port, timeout=SECONDS)
    try:
        imap.starttls(context)
    except BaseException:
        imap.shutdown()
        raise
    return imap


def _signed_in(imap: imaplib.IMAP4, mailbox: Mailbox, password: str) -> frozenset[str]:
    """Signs in, and returns what the server can do then."""
    if "AUTH=PLAIN" in imap.capabilities:
        said = f"\0{mailbox.user}\0{password}".encode()
        imap.authenticate("PLAIN", lambda _: said)
    elif (mailbox.user + password).isascii():
        imap.login(_quoted(mailbox.user), password)
    else:
        raise imaplib.IMAP4.error("the server takes names and passwords in ASCII only")
    _, answer = imap.capability()
    return frozenset(b" ".join(part for part in answer if isinstance(part, bytes)).decode("ascii", "replace").split())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _said(answer: list[Any]) -> str:
    return "; ".join(part.decode("utf-8", "replace") for part in answer if isinstance(part, bytes))[:_SHOWN]


def _reason(error: Exception) -> str:
    if isinstance(error, socket.gaierror | TimeoutError):
        return error.strerror or "it does not answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return said.removeprefix("b'").removesuffix("'")[:_SHOWN]
