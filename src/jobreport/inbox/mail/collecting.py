"""Reads the mails in a mailbox: stores each one and then moves it away, so a process that is killed loses none.

A mail that was stored but not yet moved is read again. That changes nothing, since it is recognised by its own ID, date
and words.
"""

from collections.abc import Generator, Iterator, Sequence
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import Final

import msgspec
import structlog

from jobreport.identity import inboxes
from jobreport.identity.addresses import Addresses
from jobreport.identity.oauth.sign_ins import SignIns
from jobreport.inbox.mail import address, taking
from jobreport.inbox.mail.imap import Connection, FolderMail, connected
from jobreport.inbox.mail.mailbox import Mailbox, MailboxError, lowered
from jobreport.inbox.mail.message import MOST_BYTES, Mail, MailError, parse
from jobreport.inbox.mail.networks import may_send
from jobreport.inbox.mail.recipients import Recipient, by_secret
from jobreport.inbox.naming import APP, app_of
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.store import Store, StoreError, UnreadFullError
from jobreport.store.registry.inboxes import Inbox

MOST_AT_ONCE: Final = 200
"""The most mails that are moved before the mailbox is looked at again. Those that must stay keep no others waiting."""
_ADDRESSED: Final = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")
_MOST_ADDRESSES: Final = 100
_HEADERS: Final = 64 * 1024
"""So many bytes of a mail are looked at for its addresses."""


_log = structlog.get_logger()


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of a mail that lies in a mailbox. `received` is when its server received it, in ticks; 0 if that
    does not say. `inbox` is None if it is nobody's; `reading` is None if nobody can read it, and `why` says why then.
    """

    mail: Mail | None
    received: int
    inbox: Inbox | None = None
    reading: Reading | None = None
    why: str = ""


class Collector:
    """Reads mailboxes. Its methods wait for the server, and for the store."""

    def __init__(self, store: Store, addresses: Addresses, sign_ins: SignIns, rules: taking.Rules) -> None:
        self._store, self._addresses, self._sign_ins, self._rules = store, addresses, sign_ins, rules

    def collect(self, mailbox: Mailbox) -> Generator[None, None, None]:
        """Reads what lies in a mailbox, a mail a step. Raises MailboxError or StoreError; then it is read later."""
        with connected(mailbox, writing=True) as connection:
            uids = connection.uids()
            if uids:
                connection.make(mailbox.done)
                connection.make(mailbox.refused)
            moved = 0
            for uid in uids:
                if moved >= MOST_AT_ONCE:
                    return
                try:
                    if (found := connection.look(uid)) is not None:
                        moved += self._take(connection, mailbox, found)
                except (MailboxError, StoreError):
                    raise
                except Exception as error:  # noqa: BLE001 - it stays where it is, and must not keep the others unread
                    _log.error("mail not read", mailbox=mailbox.name, uid=uid, exc_info=error)
                yield

    def looks(self, mailbox: Mailbox, most: int) -> Iterator[Look]:
        """Gives what would come of the mails in a mailbox, of the newest so many, and changes nothing."""
        with connected(mailbox, writing=False) as connection:
            for uid in connection.uids()[-most:]:
                if (found := connection.look(uid)) is not None:
                    yield self._look(connection, mailbox, found)

    def _take(self, connection: Connection, mailbox: Mailbox, found: FolderMail) -> bool:
        """Stores a mail, and moves it. Returns whether it was moved."""
        content = connection.read(found.uid) if found.size <= MOST_BYTES else b""
        if content is None:
            return False
        at = min(found.received or self._store.clock(), self._store.clock())
        written = _written(content)
        by, recipient = f"mailbox {mailbox.name}", self._recipient(mailbox, written)
        app = app_of(recipient.inbox) if recipient else APP
        try:
            taken = recipient is not None and self._stored(
                mailbox, recipient, address.without_secrets(content, written), at
            )
        except UnreadFullError:
            return False  # it stays where it is until there is room
        if taken:
            self._sign_ins.granted(app, by, at)
        else:
            self._sign_ins.refused(app, by, at)
        connection.move(found.uid, mailbox.done if taken else mailbox.refused)
        return True

    def _stored(self, mailbox: Mailbox, recipient: Recipient, content: bytes, at: int) -> bool:
        """Stores a mail, which has no secret in it. Returns False if it is not taken."""
        try:
            if mailbox.senders and not may_send(parse(content).sender, lowered(mailbox.senders)):
                return False
            arrival = taking.Arrival(content=content, at=at, through=recipient.through)
            return taking.take(self._store, self._rules, recipient.inbox, arrival).known
        except MailError:
            return False

    def _look(self, connection: Connection, mailbox: Mailbox, found: FolderMail) -> Look:
        if found.size > MOST_BYTES:
            return Look(
                mail=None, received=found.received, why=f"it has {found.size:,} bytes, and may have {MOST_BYTES:,}"
            )
        content = connection.read(found.uid) or b""
        recipient = self._recipient(mailbox, _written(content))
        inbox = recipient.inbox if recipient else None
        try:
            mail = parse(content)
        except MailError as error:
            return Look(mail=None, received=found.received, inbox=inbox, why=str(error))
        if not may_send(mail.sender, lowered(mailbox.senders)):
            return Look(mail=mail, received=found.received, why=f"no mails are taken of {mail.sender}")
        try:
            return Look(mail=mail, received=found.received, inbox=inbox, reading=self._rules(mail))
        except UnreadableError as error:
            return Look(mail=mail, received=found.received, inbox=inbox, why=str(error))

    def _recipient(self, mailbox: Mailbox, written: Sequence[str]) -> Recipient | None:
        """Returns for whom a mail to these addresses is; None if it is nobody's."""
        for one in written:
            if found := by_secret(self._addresses, one):
                return found
        if not mailbox.tenant:
            return None
        slugs = [slug for one in written if "+" in one.partition("@")[0] and (slug := address.slug(one))]
        for slug in (*slugs, mailbox.inbox):
            inbox = inboxes.find_by_slug(self._store, slug, tenant=mailbox.tenant) if slug else None
            if inbox is not None:
                return Recipient(inbox)
        return None


def _written(content: bytes) -> list[str]:
    """Returns the addresses to which a mail was sent, as its headers tell them."""
    headers = BytesHeaderParser().parsebytes(content[:_HEADERS])
    said = [str(value)[:_HEADERS] for name, value in headers.raw_items() if name.lower() in _ADDRESSED]
    try:
        return [found for _, found in getaddresses(said[:_MOST_ADDRESSES]) if found][:_MOST_ADDRESSES]
    except (RecursionError, IndexError, ValueError):
        return []
