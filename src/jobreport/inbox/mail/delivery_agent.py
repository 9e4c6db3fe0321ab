"""What the SMTP server asks the rest of the program: whose address this is, whether it is full, and to store a mail.

About an address that does not exist, a sender learns only that it is unknown.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
import structlog

from jobreport.identity import inboxes
from jobreport.identity.addresses import Addresses
from jobreport.identity.oauth.sign_ins import SignIns
from jobreport.inbox.mail import address, taking
from jobreport.inbox.mail.message import MailError
from jobreport.inbox.mail.networks import Network
from jobreport.inbox.mail.recipients import Recipient, by_secret
from jobreport.inbox.naming import APP, app_of
from jobreport.store import Store, StoreError, UnreadFullError
from jobreport.store.registry.inboxes import Inbox

_log = structlog.get_logger()


class Limits(Protocol):
    """The limits on incoming mail. The methods run in the event loop, so they must not wait."""

    def wait(self, address: str, key: str) -> int:
        """Counts a mail to an address, whether the address exists or not, and to its ping key if it has one. Returns 0
        if the mail may come now, else after how many seconds it may.
        """
        ...

    def not_taken(self) -> None:
        """Notes that a mail that was counted was not taken."""
        ...

    def hold(self, mail: dict[str, object], size: int, inbox: Inbox) -> bool:
        """Reserves memory until the mail has `size` bytes in all. Returns False if there is no room."""
        ...

    def release(self, mail: dict[str, object]) -> None:
        """Gives the memory of a mail back."""
        ...


class Reply(msgspec.Struct, frozen=True):
    """An answer of SMTP: its code, and its words behind the enhanced code (RFC 3463)."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


TAKEN = Reply(250, "2.0.0 stored")
UNKNOWN = Reply(550, "5.1.1 no such address")
LATER = Reply(451, "4.3.0 the mail cannot be stored now; send it again later")
FULL = Reply(452, "4.2.2 too many mails to this address are unread; send it again later")


class DeliveryAgent:
    """Finds inboxes, and stores mails. Its methods may wait for the store."""

    def __init__(self, store: Store, addresses: Addresses, sign_ins: SignIns, rules: taking.Rules) -> None:
        self._store, self._addresses, self._sign_ins, self._rules = store, addresses, sign_ins, rules

    def counted_as(self, written: str) -> tuple[str, str]:
        """Returns under which names mails to an address, and to all below its ping key, are counted: those of pings."""
        secret, slug = address.target(written) or ("", written.lower())
        return inboxes.digest(f"{secret}/{slug}").hex(), inboxes.digest(secret).hex() if secret and slug else ""

    def find(self, written: str, network: Network | None, peer: str) -> Recipient | None:
        """Returns the inbox with this address; None if there is none. `network` is the one in which the peer lies, if
        its networks are named.
        """
        if address.target(written) is not None:
            found = by_secret(self._addresses, written)
        else:
            found = self._by_slug(written, network.tenant) if network else None
        if found is None:
            self._sign_ins.refused(APP, peer, self._store.clock())
        return found

    def _by_slug(self, written: str, tenant: str) -> Recipient | None:
        slug = address.slug(written)
        inbox = inboxes.find_by_slug(self._store, slug, tenant=tenant) if tenant and slug else None
        return Recipient(inbox) if inbox is not None else None

    def take(self, recipient: Recipient, content: bytes, peer: str, written: Sequence[str]) -> Reply:
        """Stores a mail for an inbox, and returns the answer: it is 250 only if the mail is on disk. `written` are the
        addresses of all its inboxes: none of them is to read the secret of another.
        """
        at, app = self._store.clock(), app_of(recipient.inbox)
        clean = address.without_secrets(content, written)
        arrival = taking.Arrival(content=clean, at=at, through=recipient.through)
        try:
            known = taking.take(self._store, self._rules, recipient.inbox, arrival).known
        except MailError as error:
            self._sign_ins.refused(app, peer, at)
            return Reply(554, f"5.6.0 {error}")
        except UnreadFullError:
            return FULL
        except StoreError as error:
            _log.warning("mail not stored", reason=str(error))
            return LATER
        if not known:  # another address was given to it meanwhile
            return UNKNOWN
        self._sign_ins.granted(app, peer, at)
        return TAKEN
