"""The interface of a channel: it sends a message to one receiver at a time, and knows nothing of the store.

A kind declares its settings. Opened with them, it gives a channel, which lists its receivers and sends a message to one
of them. When a message is tried again, and when that is given up, is the same for all kinds (`watch.delivery`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from jobreport.model.message import Message


class UndeliveredError(Exception):
    """Raised if a message was not taken. The message says why, for people, and has no secret.

    `alone`: only this message, or only this receiver, is the trouble; otherwise the channel takes nothing now.
    `for_good`: it is of no use to try again. `after`: the receiver wants no other try for so many seconds.
    """

    def __init__(self, why: str, *, alone: bool = False, for_good: bool = False, after: float = 0) -> None:
        self.why, self.alone, self.for_good, self.after = why, alone, for_good, after
        super().__init__(why)


class Channel(Protocol):
    """A channel that was opened with its settings. Only one thread at a time uses it."""

    def receivers(self) -> Sequence[str]:
        """Returns to whom each message goes, as words that have no secret: at least one, and the same each time. Raises
        UndeliveredError if its settings cannot be used now, such as a file with a password that is not there.
        """

    def send(self, message: Message, receiver: str) -> None:
        """Sends a message to one of them. When it returns, the receiver has it. Raises UndeliveredError."""


@runtime_checkable
class Renewing(Channel, Protocol):
    """A channel whose receiver takes what it is not told again for over."""

    def renew(self, messages: Sequence[Message], ended: Sequence[Message] = ()) -> None:
        """Tells that the incidents of these messages go on, and those of the `ended` ones do not. Raises
        UndeliveredError.
        """


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of channel, as `[[channel]]` names it.

    `settings` is what its table holds beside `kind` and `name`, and `keys` describes these for people. `open` gives the
    channel. `digests`: it may also tell how all stands. `extra` is the extra of this package that it needs.
    """

    name: str
    about: str
    settings: type[msgspec.Struct]
    keys: Mapping[str, str]
    open: Callable[[Any], Channel]
    digests: bool = True
    extra: str = ""
