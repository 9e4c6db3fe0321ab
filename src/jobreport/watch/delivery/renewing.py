"""Sends alerts again while their incidents go on, through channels whose receivers would otherwise end them.

For each open incident it sends the last message that the channel has taken. Failures are not stored: the next round
sends the message again anyway.
"""

import structlog

from jobreport.model.message import Message
from jobreport.store import Store
from jobreport.store.watch import delivered
from jobreport.watch.channels.base import Renewing, UndeliveredError

_log = structlog.get_logger()


def renew(store: Store, name: str, channel: Renewing) -> None:
    """Sends again by a channel all that goes on. Raises StoreError."""
    going_on = _going_on(store, name)
    if not going_on:
        return
    try:
        channel.renew([*going_on.values()])
        # What has ended meanwhile may have been resolved before it was sent again.
        ended = going_on.keys() - _going_on(store, name).keys()
        if ended:
            channel.renew([], [going_on[one] for one in sorted(ended)])
    except UndeliveredError as error:
        _log.warning("messages not renewed", channel=name, messages=len(going_on), reason=error.why)


def _going_on(store: Store, name: str) -> dict[tuple[int, str], Message]:
    with store.reading() as transaction:
        return {(one.tenant, one.incident): one for one in delivered.going_on(transaction, name)}
