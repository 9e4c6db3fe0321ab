"""Listens for mails by SMTP in this process, and counts who is connected. The conversation itself is in `session`."""

import asyncio
import socket
import ssl
from collections import Counter
from typing import Final

import msgspec

from jobreport.inbox.mail.delivery_agent import DeliveryAgent, Limits, Reply
from jobreport.inbox.mail.networks import Network, network_of
from jobreport.inbox.mail.session import Session

MOST_CONNECTIONS: Final = 50
"""The most connections of a process, and below, of one peer."""
MOST_OF_A_PEER: Final = 10


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """From where mails are taken. Without `networks`, from everywhere; without `senders`, by everybody.

    `must_encrypt` says whether a connection must be encrypted by STARTTLS before a mail.
    """

    hostname: str = "localhost"
    networks: tuple[Network, ...] = ()
    senders: tuple[str, ...] = ()
    must_encrypt: bool = False


class MailServer:
    """Takes mails in this process. To be used in the event loop only."""

    def __init__(
        self, agent: DeliveryAgent, limits: Limits, settings: Settings, tls: ssl.SSLContext | None = None
    ) -> None:
        self.agent, self.limits, self.tls = agent, limits, tls
        self.hostname, self.networks, self.senders = settings.hostname, settings.networks, settings.senders
        self.must_encrypt = settings.must_encrypt
        self.storing: set[asyncio.Task[Reply]] = set()
        self._open: Counter[str] = Counter()
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Begins to listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self, loop), sock=listener)

    async def stop(self, seconds: float) -> None:
        """Stops to listen. Mails that have arrived are stored first, for so many seconds at most."""
        if self._server is not None:
            self._server.close()
        if self.storing:
            await asyncio.wait(self.storing, timeout=seconds)

    def enter(self, peer: str) -> Reply | None:
        """Counts a connection. Returns why it is refused; None if it is not."""
        if self.networks and network_of(peer, self.networks) is None:
            return Reply(554, "5.7.1 no mails are taken from this network")
        if self._open.total() >= MOST_CONNECTIONS or self._open[peer] >= MOST_OF_A_PEER:
            return Reply(421, "4.7.0 too many connections; again later")
        self._open[peer] += 1
        return None

    def leave(self, peer: str) -> None:
        """Counts the end of a connection that was not refused."""
        self._open[peer] -= 1
        if not self._open[peer]:
            del self._open[peer]
