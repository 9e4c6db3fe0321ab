"""Who signs in and from where in; whether he may try, and what was refused counted for all workers, out.

Of one client at one address, so many failures a minute are answered; then nothing is tried until the minute is over,
not even the right secret. The client at another address never notices. Of one address as a whole more failures are
borne, and beyond them the right secret is still let in: others may share the address.
"""

import hashlib
import ipaddress
import threading
from typing import Final

import msgspec
import structlog

from jobreport.model import ticks
from jobreport.store import Store, StoreError
from jobreport.store.registry import failed_sign_ins

MAX_FAILURES: Final = 30
"""A minute, of a client at an address."""
MAX_ADDRESS_FAILURES: Final = 300
"""A minute, of an address, whatever clients it names."""
MAX_COUNTED: Final = 5_000
"""Pairs of client and address that a worker counts in a minute: who has more addresses than that fills no disk."""
_SHOWN: Final = 64
_IPV6_SITE: Final = 64
"""Bits of an IPv6 address that a customer is given: behind them he has as many addresses as he likes."""

_log = structlog.get_logger()


class TooManyAttemptsError(Exception):
    """There were too many failures; `seconds` from now another attempt is judged again."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many failed attempts; {seconds} seconds are to be waited")


class Attempt(msgspec.Struct, frozen=True):
    """A sign-in: the client that it names and the address that it comes from, in the form in which they are counted."""

    client: str
    address: str


class Attempts:
    """Sign-ins of one store. Safe between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._minute = 0
        # What is known of this minute, so that who goes on is refused without asking the store.
        self._over: set[Attempt] = set()
        self._loud: set[str] = set()
        self._counted: set[Attempt] = set()

    def admit(self, attempt: Attempt) -> None:
        """Returns where the attempt may be judged; TooManyAttemptsError otherwise."""
        minute = self._turn()
        if attempt not in self._over:
            with self._store.reading() as connection:
                failures, _ = failed_sign_ins.failures(connection, attempt.client, attempt.address, minute)
            if failures < MAX_FAILURES:
                return
            self._over.add(attempt)
        raise TooManyAttemptsError(self._left())

    def failed(self, attempt: Attempt) -> None:
        """Counts a failure; TooManyAttemptsError where its address has had too many. It never fails for the store."""
        minute = self._turn()
        if attempt.address in self._loud:
            raise TooManyAttemptsError(self._left())
        with self._lock:
            if attempt not in self._counted:
                if len(self._counted) >= MAX_COUNTED:
                    return
                self._counted.add(attempt)
                if len(self._counted) == MAX_COUNTED:
                    _log.warning("too many failed sign-ins to be counted", pairs=MAX_COUNTED)
        try:
            with self._store.writing() as connection:
                failures, of_address = failed_sign_ins.add_failure(connection, attempt.client, attempt.address, minute)
        except StoreError as error:
            _log.warning("failed sign-in not counted", reason=str(error))
            return
        if failures >= MAX_FAILURES:
            self._over.add(attempt)
        if of_address >= MAX_ADDRESS_FAILURES:
            self._loud.add(attempt.address)

    def _turn(self) -> int:
        """The minute; with a new one, what was known is of no use."""
        minute = failed_sign_ins.minute_of(self._store.clock())
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._over, self._loud, self._counted = set(), set(), set()
        return minute

    def _left(self) -> int:
        """Seconds until the minute is over, 1 to 60."""
        left = failed_sign_ins.PER_MINUTE - self._store.clock() % failed_sign_ins.PER_MINUTE
        return -(-left // ticks.PER_SECOND)


def attempt(client: str, address: str | None) -> Attempt:
    """The sign-in of whom a token request names, from the address of who sent it."""
    return Attempt(_short(client), _place(address or ""))


def _short(client: str) -> str:
    """The client's ID where it is one that there might be; what else was sent by its hash, which takes no room."""
    if 0 < len(client) <= _SHOWN and client.isascii() and client.isprintable():
        return client
    return f"sha256:{hashlib.sha256(client.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _place(address: str) -> str:
    """The address; of IPv6 the network of one customer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _short(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), _IPV6_SITE), strict=False))
    return str(parsed)
