"""One conversation with a sender of mails: the protocol is aiosmtpd's, the limits are here.

aiosmtpd keeps each line of a mail as an object of its own, and all of a line that never ends. So the mail itself is
received here, in one piece of memory that is counted. A mail is answered with 250 when it is on disk.
"""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, Protocol, cast

import structlog
from aiosmtpd.smtp import SMTP, Envelope, TLSSetupException

from jobreport.inbox.mail.delivery_agent import FULL, LATER, UNKNOWN, DeliveryAgent, Limits, Reply
from jobreport.inbox.mail.message import MOST_BYTES
from jobreport.inbox.mail.networks import Network, may_send, network_of
from jobreport.inbox.mail.recipients import Recipient
from jobreport.threads import LONG, READS, WRITES, in_thread

MOST_RECIPIENTS: Final = 20
"""The most inboxes of one mail."""
MOST_UNKNOWN: Final = 5
"""After so many unknown addresses a connection is closed."""
MOST_REFUSED: Final = 64 * 2**20
"""So many bytes of a mail that is too long are received, so that its sender reads why; then no more."""
MOST_COMMANDS: Final = 100
"""The most commands of each kind in one connection."""
IDLE_SECONDS: Final = 60
"""How long a connection may say nothing, and below, how long a mail may take to arrive."""
MAIL_SECONDS: Final = 300

_PIECE: Final = 64 * 1024
"""So much of what is said waits to be read. A mail is read in pieces of this size."""
_SHORT: Final = 64 * 1024
"""A mail of at most so many bytes takes little memory to be read."""
_STEP: Final = 256 * 1024
"""Memory is reserved in steps of so many bytes."""
_REFUSED: Final = 400
_CLOSING: Final = 421
_LINE_END: Final = b"\r\n"
_DOT: Final = b".\r\n"
_END: Final = _LINE_END + _DOT
_STUFFED: Final = b"\r\n."
"""A line that begins with a dot was given another one before it."""
_NO_ROOM: Final = Reply(452, "4.3.1 the mails that are being received leave no room for this one")
_ENDLESS: Final = Reply(_CLOSING, "4.3.4 the mail does not end")
_TOO_LONG: Final = Reply(552, f"5.3.4 a mail may have {MOST_BYTES:,} bytes")
_log = structlog.get_logger()


class Host(Protocol):
    """The server of a session: what all its sessions share."""

    agent: DeliveryAgent
    limits: Limits
    networks: tuple[Network, ...]
    senders: tuple[str, ...]
    hostname: str
    tls: ssl.SSLContext | None
    must_encrypt: bool
    storing: set[asyncio.Task[Reply]]

    def enter(self, peer: str) -> Reply | None:
        """Counts a connection. Returns why it is refused; None if it is not."""
        ...

    def leave(self, peer: str) -> None:
        """Counts the end of a connection that was not refused."""
        ...


class _Envelope(Envelope):
    """A mail that is announced: for which inboxes it is."""

    def __init__(self) -> None:
        super().__init__()
        self.recipients: list[Recipient] = []


class Session(SMTP):
    """The conversation of one connection."""

    line_length_limit = _PIECE

    def __init__(self, host: Host, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            self,
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname=host.hostname,
            ident="Jobreport",
            tls_context=host.tls,
            require_starttls=host.must_encrypt,
            timeout=IDLE_SECONDS,
            command_call_limit=MOST_COMMANDS,
            loop=loop,
        )
        self._host = host
        self._peer = ""
        self._entered = False
        self._unknown = 0

    # The connection: one too many is told so, and never begins to talk.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._entered:  # encrypted from now on
            super().connection_made(transport)
            return
        name = transport.get_extra_info("peername")
        self._peer = str(name[0]) if name else ""
        refusal = self._host.enter(self._peer)
        if refusal is None:
            self._entered = True
            super().connection_made(transport)
        else:
            writing = cast(asyncio.WriteTransport, transport)  # those of uvloop are no subclass of it
            writing.write(f"{refusal}\r\n".encode())
            writing.close()

    def data_received(self, data: bytes) -> None:
        if self._entered:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._entered else False

    def connection_lost(self, error: Exception | None) -> None:
        if self._entered:
            self._entered = False
            self._host.leave(self._peer)
            super().connection_lost(error)

    def _create_envelope(self) -> Envelope:
        return _Envelope()

    async def handle_exception(self, error: Exception) -> str:
        """Answers what nobody foresaw, and tells the sender nothing of it."""
        if isinstance(error, TLSSetupException):  # anybody may speak no TLS, as often as they like
            _log.info("mail session not encrypted", reason=type(error.__cause__ or error).__name__)
        else:
            _log.error("mail session failed", exc_info=error)
        return str(LATER)

    # What aiosmtpd asks at each command.

    async def handle_EHLO(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, session: Any, _envelope: Envelope, hostname: str, replies: list[str]
    ) -> Sequence[str]:
        """Offers no signing in: there is none."""
        session.host_name = hostname
        return [reply for reply in replies if "AUTH" not in reply.upper()]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Any, envelope: Envelope, sender: str, options: Sequence[str]
    ) -> str:
        """Takes the sender's address, unless only others are allowed."""
        if not may_send(sender, self._host.senders):
            return "550 5.7.1 no mails are taken of this sender"
        envelope.mail_from = sender
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Any, envelope: Envelope, written: str, _options: Sequence[str]
    ) -> str:
        """Takes the address of an inbox."""
        assert isinstance(envelope, _Envelope)
        if len(envelope.recipients) >= MOST_RECIPIENTS:
            return f"452 4.5.3 a mail may have {MOST_RECIPIENTS} recipients"
        if wait := self._host.limits.wait(*self._host.agent.counted_as(written)):
            return f"450 4.7.1 too many mails to this address; again in {wait} seconds"
        network = network_of(self._peer, self._host.networks)
        found = await in_thread(READS, self._host.agent.find, written, network, self._peer)
        if found is None:
            self._host.limits.not_taken()
            self._unknown += 1
            if self._unknown >= MOST_UNKNOWN:
                await self._end(Reply(_CLOSING, "4.7.0 too many unknown addresses"))
            return str(UNKNOWN)
        envelope.recipients.append(found)
        envelope.rcpt_tos.append(written)
        return "250 2.1.5 OK"

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd calls it so
        """Receives a mail, stores it, and answers then."""
        envelope = self.envelope
        assert isinstance(envelope, _Envelope)
        if not envelope.recipients or arg:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._reset_timeout(MAIL_SECONDS)
        held: dict[str, object] = {}
        try:
            received = await self._received(held, envelope.recipients[0])
            reply = received if isinstance(received, Reply) else await self._stored(envelope, received)
        finally:
            self._host.limits.release(held)
        if reply.code >= _REFUSED:
            for _ in envelope.recipients:
                self._host.limits.not_taken()
        self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd tells no types of it
        if reply.code == _CLOSING:
            await self._end(reply)
        else:
            self._reset_timeout()
            await self.push(str(reply))

    async def _received(self, held: dict[str, object], first: Recipient) -> bytes | Reply:
        """Returns the mail; or why it is not taken, once all of it was received."""
        # The end is a dot on a line of its own, and that may be the first one. Not line by line: a mail may have many.
        self._reader._buffer[:0] = _LINE_END  # type: ignore[attr-defined]  # asyncio has no public name for it
        content, size, reserved, refusal = bytearray(), 0, 0, None
        while True:
            try:
                piece, ended = await self._reader.readuntil(_END), True
            except asyncio.LimitOverrunError as error:
                piece, ended = await self._reader.read(error.consumed), False
            size += len(piece)
            if refusal is None and size > reserved:
                reserved = size + _STEP
                if size > MOST_BYTES:
                    refusal = _TOO_LONG
                elif not self._host.limits.hold(held, reserved, first.inbox):
                    refusal = _NO_ROOM
            if refusal is None:
                content += piece
            elif size > MOST_REFUSED:
                return _ENDLESS
            if ended:
                return refusal or bytes(content[len(_LINE_END) : -len(_DOT)]).replace(_STUFFED, _LINE_END)

    async def _stored(self, envelope: _Envelope, content: bytes) -> Reply:
        """Stores a mail for each of its inboxes, even if the sender goes meanwhile. If one cannot, the sender comes
        again with all; those that have it know it then.
        """
        replies = []
        kind = WRITES if len(content) <= _SHORT else LONG
        for one in envelope.recipients:
            taken = in_thread(kind, self._host.agent.take, one, content, self._peer, envelope.rcpt_tos)
            task = asyncio.ensure_future(taken)
            self._host.storing.add(task)
            task.add_done_callback(self._host.storing.discard)
            replies.append(await asyncio.shield(task))
        return max(replies, key=lambda reply: (reply in (LATER, FULL), reply.code))

    async def _end(self, reply: Reply) -> None:
        """Says why, and closes the connection."""
        with suppress(ConnectionError):
            await self.push(str(reply))
        if self.transport is not None:
            self.transport.close()
