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

    `alone`: only this message or this receiver is at fault; otherwise the whole channel takes nothing now. `for_good`:
    it is of no use to try again. `after`: the receiver asks not to try again for so many seconds.
    """

    def __init__(self, why: str, *, alone: bool = False, for_good: bool = False, after: float = 0) -> None:
        self.why, self.alone, self.for_good, self.after = why, alone, for_good, after
        super().__init__(why)


class Channel(Protocol):
    """A channel that was opened with its settings. Only one thread at a time uses it."""

    def receivers(self) -> Sequence[str]:
        """Returns a name for each receiver, which contains no secret: at least one, and the same names each time.

        Raises UndeliveredError if the settings cannot be used now, for example if a password file is missing.
        """

    def send(self, message: Message, receiver: str) -> None:
        """Sends a message to one of them. When it returns, the receiver has it. Raises UndeliveredError."""


@runtime_checkable
class Renewing(Channel, Protocol):
    """A channel whose receiver ends an alert that is not sent again."""

    def renew(self, messages: Sequence[Message], ended: Sequence[Message] = ()) -> None:
        """Sends these messages again, whose incidents go on, and ends the alerts of the `ended` ones.

        Raises UndeliveredError.
        """


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of channel, as `[[channel]]` names it.

    `settings` is the type of its table without `kind` and `name`; `keys` describes each key for people. `open` makes
    the channel. `digests`: it can also send digests. `extra` is the extra of this package that it needs.
    """

    name: str
    about: str
    settings: type[msgspec.Struct]
    keys: Mapping[str, str]
    open: Callable[[Any], Channel]
    digests: bool = True
    extra: str = ""
