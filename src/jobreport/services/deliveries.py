"""Sends messages by the channels of `jobreport.toml`, each in a thread of its own, so that none holds up another.

Each server process does so. Of several, each message is sent by the one that takes it first.
"""

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Final

from anyio import CapacityLimiter

from jobreport.services.periodic import Periodic
from jobreport.threads import READS
from jobreport.watch.channels.base import Renewing
from jobreport.watch.delivery.renewing import renew as renew_by
from jobreport.watch.delivery.sending import Sender

LOOK_SECONDS: Final = 2
"""How often a channel looks for messages."""
COUNT_SECONDS: Final = 5
"""How often each process reads what could not be delivered."""
TIDY_SECONDS: Final = 300
"""How often is looked for messages to channels that there are not, and for those of long ago."""
RENEW_SECONDS: Final = 300
"""How often is sent again what goes on, where a receiver would else take it for over."""


def deliveries(sender: Sender, renew: Callable[[], None]) -> Iterator[Periodic]:
    """Gives the services; `renew` reads for the pages how much could not be delivered."""
    for name in sender.channels:
        yield Periodic(
            f"messages of channel {name} not sent",
            LOOK_SECONDS,
            partial(sender.send_due, name),
            threads=CapacityLimiter(1),
        )

    for name, channel in sender.channels.items():
        if isinstance(channel, Renewing):
            yield Periodic(
                f"messages of channel {name} not renewed",
                RENEW_SECONDS,
                partial(renew_by, sender.store, name, channel),
                threads=CapacityLimiter(1),
            )

    def tidy() -> Generator[None, None, None]:
        sender.fail_unknown()
        yield
        sender.forget_delivered()

    yield Periodic("messages not looked after", TIDY_SECONDS, tidy)
    yield Periodic("messages not counted", COUNT_SECONDS, renew, threads=READS)
