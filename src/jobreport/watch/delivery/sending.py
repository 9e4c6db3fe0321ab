"""Sends the messages that are due on a channel one by one, and stores the result of each at once.

Each receiver of a channel gets a message separately: if one fails, those that have it do not get it again. If the
channel takes nothing at all, only one message is tried, and the others wait.
"""

import secrets
from collections.abc import Generator, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
import structlog

from jobreport.model import ticks
from jobreport.model.message import Message
from jobreport.store import Store
from jobreport.store.watch import delivered, deliveries
from jobreport.store.watch.deliveries import Key, Taken
from jobreport.watch.channels.base import Channel, UndeliveredError
from jobreport.watch.delivery.backoff import next_try
from jobreport.watch.delivery.deadline import TooLongError, within

SEND_SECONDS: Final = 60
"""How long a channel may take for one receiver of a message."""
HOLD_SECONDS: Final = 180
"""Whose process was killed while it sent a message keeps others from sending it for so long."""
MOST_AT_ONCE: Final = 200
"""So many messages are looked for at a time."""
KEPT_DAYS: Final = 30
"""How long is known what was delivered, so that it is not delivered again."""
UNKNOWN: Final = "jobreport.toml has no channel of this name"

_log = structlog.get_logger()


def tell(channel: Channel, message: Message, receiver: str) -> None:
    """Sends a message to one receiver of a channel, within the time limit. Whatever goes wrong, it raises
    UndeliveredError.
    """
    try:
        within(SEND_SECONDS, lambda: channel.send(message, receiver))
    except TooLongError:
        raise UndeliveredError(f"it takes longer than {SEND_SECONDS} s") from None
    except UndeliveredError:
        raise
    except Exception as error:  # noqa: BLE001 - a library may raise anything, and its words may have a secret
        _log.error("channel failed", receiver=receiver, error=type(error).__name__)
        raise UndeliveredError(f"it failed with {type(error).__name__}", alone=True) from None


class _Result(msgspec.Struct):
    """The result of sending a message: which receivers have it, and the last fault of the others. `down`: the channel
    takes nothing.
    """

    reached: list[str]
    fault: UndeliveredError | None = None
    down: bool = False


class Sender:
    """Sends messages through these channels. Several senders may use the same channels, here and in other processes."""

    def __init__(self, store: Store, channels: Mapping[str, Channel]) -> None:
        self.store, self.channels = store, channels
        self._faults: dict[str, str] = {}
        self._holder = secrets.token_hex(8)

    def send_due(self, name: str) -> Generator[None, None, None]:
        """Sends all that is due on a channel, a message a step. Raises StoreError."""
        while keys := self._due(name):
            for key in keys:
                taken = self._take(key)
                if taken is not None and not self._sent(key, taken):
                    return
                yield

    def fail_unknown(self) -> None:
        """Notes a fault for messages that are due on channels which `jobreport.toml` does not have."""
        with self.store.reading() as transaction:
            unknown = {*deliveries.backlog(transaction)} - {*self.channels}
        for name in sorted(unknown):
            self._fail_others(name, UndeliveredError(UNKNOWN))

    def forget_delivered(self) -> None:
        """Deletes what was delivered long ago."""
        before = self.store.clock() - KEPT_DAYS * ticks.PER_DAY
        with self.store.writing() as transaction:
            delivered.delete_old(transaction, before)

    def _due(self, name: str) -> list[Key]:
        with self.store.reading() as transaction:
            return deliveries.due(transaction, name, self.store.clock(), MOST_AT_ONCE)

    def _take(self, key: Key) -> Taken | None:
        now = self.store.clock()
        with self.store.writing() as transaction:
            return deliveries.take(transaction, key, self._holder, now, _until(now))

    def _sent(self, key: Key, taken: Taken) -> bool:
        """Sends a message, and notes what became of it. Returns False if the channel takes nothing now."""
        result = self._tell(key, taken)
        now, fault = self.store.clock(), result.fault
        if fault is None:
            if self._faults.pop(key.channel, ""):
                _log.info("channel takes messages again", channel=key.channel)
            with self.store.writing() as transaction:
                deliveries.delivered(transaction, key, self._holder, now)
            return True
        at = None if fault.for_good else next_try(taken.tries, taken.tried, now, fault.after)
        with self.store.writing() as transaction:
            if at is None:
                deliveries.give_up(transaction, key, self._holder, now, fault.why)
            else:
                deliveries.postpone(transaction, key, self._holder, at, fault.why)
        if at is not None and self._faults.get(key.channel) != fault.why:
            # Once, not at each try.
            _log.warning("message not delivered yet", channel=key.channel, message=key.message, reason=fault.why)
            self._faults[key.channel] = fault.why
        if at is None:
            _log.error("message not delivered", channel=key.channel, message=key.message, reason=fault.why)
        if result.down:
            self._fail_others(key.channel, fault)
        return not result.down

    def _tell(self, key: Key, taken: Taken) -> _Result:
        """Tells each receiver that has it not yet."""
        channel, result = self.channels[key.channel], _Result([*taken.reached])
        try:
            receivers = _receivers(channel)
        except UndeliveredError as error:
            return _Result(result.reached, error, down=True)
        left = [one for one in receivers if one not in taken.reached]
        for number, receiver in enumerate(left, 1):
            try:
                tell(channel, taken.message, receiver)
            except UndeliveredError as error:
                # What can be tried again counts before what cannot: another try reaches whoever is left.
                if result.fault is None or result.fault.for_good:
                    result.fault = error
                if not error.alone:
                    result.down = True
                    break
            else:
                result.reached.append(receiver)
                if number < len(left) or result.fault:
                    self._note(key, result.reached)
        return result

    def _note(self, key: Key, reached: Iterable[str]) -> None:
        with self.store.writing() as transaction:
            deliveries.note_reached(transaction, key, self._holder, reached, _until(self.store.clock()))

    def _fail_others(self, name: str, fault: UndeliveredError) -> None:
        now = self.store.clock()
        with self.store.reading() as transaction:
            tenants = deliveries.tenants_due(transaction, name, now)
        for tenant in tenants:
            plan = partial(next_try, now=now, after=fault.after)
            with self.store.writing() as transaction:
                failed = deliveries.fail_others(transaction, tenant, name, now, fault.why, plan)
            if failed:
                _log.error("messages not delivered", channel=name, messages=failed, reason=fault.why)


def _receivers(channel: Channel) -> Sequence[str]:
    """Returns the receivers of a channel. Whatever goes wrong, it raises UndeliveredError."""
    try:
        return channel.receivers()
    except UndeliveredError:
        raise
    except Exception as error:  # noqa: BLE001 - as of sending
        _log.error("channel failed", error=type(error).__name__)
        raise UndeliveredError(f"it failed with {type(error).__name__}") from None


def _until(now: int) -> int:
    return now + HOLD_SECONDS * ticks.PER_SECOND
