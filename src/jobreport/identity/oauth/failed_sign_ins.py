"""Limits failed sign-ins, so that nobody can guess a client secret. The counts are in the store, for all workers.

There are two limits. After `MAX_FAILURES` in a minute, of one client at one address, every further attempt of this
client from this address is refused until the minute is over, even with the right secret. After `MAX_ADDRESS_FAILURES`
in a minute, of all clients at one address, further failures are answered with 429; but the right secret still works,
since many clients may share the address.
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
"""The most failures in a minute, of one client at one address."""
MAX_ADDRESS_FAILURES: Final = 300
"""The most failures in a minute, of all clients at one address."""
MAX_COUNTED: Final = 5_000
"""The most pairs of client and address that a worker counts in a minute, so that an attacker cannot fill the disk."""
_SHOWN: Final = 64
_IPV6_SITE: Final = 64
"""The prefix length of the IPv6 network that a customer usually gets. Within it a customer can use any address."""

_log = structlog.get_logger()


class TooManyAttemptsError(Exception):
    """Raised if there were too many failures. The client may try again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many failed attempts; {seconds} seconds are to be waited")


class SignInAttempt(msgspec.Struct, frozen=True):
    """The client and the address of an attempt to sign in, in the form in which failures are counted."""

    client: str
    address: str


class FailedSignInLimits:
    """The limits of failed sign-ins for one store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._minute = 0
        # What this worker knows about the current minute: blocked clients are refused without reading the store.
        self._blocked: set[SignInAttempt] = set()
        self._blocked_addresses: set[str] = set()
        self._counted: set[SignInAttempt] = set()

    def check(self, attempt: SignInAttempt) -> None:
        """Raises TooManyAttemptsError if the client at this address has failed too often. Call it before a sign-in."""
        minute = self._current_minute()
        if attempt not in self._blocked:
            with self._store.reading() as connection:
                failures, _ = failed_sign_ins.failures(connection, attempt.client, attempt.address, minute)
            if failures < MAX_FAILURES:
                return
            self._blocked.add(attempt)
        raise TooManyAttemptsError(self._seconds_left())

    def count(self, attempt: SignInAttempt) -> None:
        """Counts a failure. Raises TooManyAttemptsError if its address has too many. Errors of the store are logged."""
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
        """Returns the number of the current minute. When a new minute begins, it forgets everything about the last."""
        minute = failed_sign_ins.minute_of(self._store.clock())
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._blocked, self._blocked_addresses, self._counted = set(), set(), set()
        return minute

    def _seconds_left(self) -> int:
        """Returns the seconds until the minute is over, 1 to 60."""
        left = failed_sign_ins.PER_MINUTE - self._store.clock() % failed_sign_ins.PER_MINUTE
        return -(-left // ticks.PER_SECOND)


def attempt_of(client: str, address: str | None) -> SignInAttempt:
    """Returns the attempt for the client that a token request names, and the address that sent the request."""
    return SignInAttempt(_client_key(client), _address_key(address or ""))


def _client_key(client: str) -> str:
    """Returns the client ID; a hash of it if it is too long or not printable ASCII, and so cannot be a real ID."""
    if 0 < len(client) <= _SHOWN and client.isascii() and client.isprintable():
        return client
    return f"sha256:{hashlib.sha256(client.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _address_key(address: str) -> str:
    """Returns the address; for IPv6, the network of one customer: `2001:db8:1:2::/64` for `2001:db8:1:2::7`."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _client_key(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), _IPV6_SITE), strict=False))
    return str(parsed)
