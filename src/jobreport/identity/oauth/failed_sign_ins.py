"""Limits failed sign-ins, so that nobody can guess a client secret. All workers count together, in the store.

After `MAX_FAILURES` in a minute for one client at one address, every further attempt of that client from that address
is refused until the minute is over, even with the right secret. Other addresses are not affected. After
`MAX_ADDRESS_FAILURES` from one address, for whatever clients, further failures are answered with 429, but the right
secret still signs in: many clients may share the address.
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
"""Failures a minute, of one client at one address."""
MAX_ADDRESS_FAILURES: Final = 300
"""Failures a minute, of one address, for whatever clients."""
MAX_COUNTED: Final = 5_000
"""The most pairs of client and address that a worker counts in a minute, so that an attacker cannot fill the disk."""
_SHOWN: Final = 64
_IPV6_SITE: Final = 64
"""Bits of the IPv6 network that a customer is usually given; within it a customer can use any address."""

_log = structlog.get_logger()


class TooManyAttemptsError(Exception):
    """There were too many failures; the client may try again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many failed attempts; {seconds} seconds are to be waited")


class SignInAttempt(msgspec.Struct, frozen=True):
    """The client that a sign-in names and the address that it comes from, in the form in which failures are counted."""

    client: str
    address: str


class FailedSignInLimits:
    """The limits for one store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._minute = 0
        # What this worker knows of the current minute: who is blocked is then refused without a look into the store.
        self._blocked: set[SignInAttempt] = set()
        self._blocked_addresses: set[str] = set()
        self._counted: set[SignInAttempt] = set()

    def check(self, attempt: SignInAttempt) -> None:
        """Raises TooManyAttemptsError where the attempt must not be tried at all."""
        minute = self._current_minute()
        if attempt not in self._blocked:
            with self._store.reading() as connection:
                failures, _ = failed_sign_ins.failures(connection, attempt.client, attempt.address, minute)
            if failures < MAX_FAILURES:
                return
            self._blocked.add(attempt)
        raise TooManyAttemptsError(self._seconds_left())

    def count(self, attempt: SignInAttempt) -> None:
        """Counts a failure; TooManyAttemptsError where its address has too many. A store's error is only logged."""
        minute = self._current_minute()
        if attempt.address in self._blocked_addresses:
            raise TooManyAttemptsError(self._seconds_left())
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
            self._blocked.add(attempt)
        if of_address >= MAX_ADDRESS_FAILURES:
            self._blocked_addresses.add(attempt.address)

    def _current_minute(self) -> int:
        """The number of the current minute. When a new one begins, what was known of the last one is dropped."""
        minute = failed_sign_ins.minute_of(self._store.clock())
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._blocked, self._blocked_addresses, self._counted = set(), set(), set()
        return minute

    def _seconds_left(self) -> int:
        """Seconds until the minute is over, 1 to 60."""
        left = failed_sign_ins.PER_MINUTE - self._store.clock() % failed_sign_ins.PER_MINUTE
        return -(-left // ticks.PER_SECOND)


def attempt_of(client: str, address: str | None) -> SignInAttempt:
    """The attempt of the client that a token request names, from the address that sent it."""
    return SignInAttempt(_client_key(client), _address_key(address or ""))


def _client_key(client: str) -> str:
    """The client ID; a short hash of it where it is too long or not printable ASCII, and so is no real one."""
    if 0 < len(client) <= _SHOWN and client.isascii() and client.isprintable():
        return client
    return f"sha256:{hashlib.sha256(client.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _address_key(address: str) -> str:
    """The address; for IPv6 the network of one customer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _client_key(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), _IPV6_SITE), strict=False))
    return str(parsed)
