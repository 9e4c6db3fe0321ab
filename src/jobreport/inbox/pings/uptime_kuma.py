"""Reads pings in the words of Uptime Kuma's push monitors: `/api/push/<address>?status=up&msg=OK&ping=`.

It knows no start. But borgmatic says `status=up&msg=start` when it starts: that is no success, and is read as a start.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.inbox.pings.healthchecks import UUID, last_of
from jobreport.inbox.pings.ping import Ping, Refused, Target
from jobreport.model import ticks
from jobreport.model.ping import Signal

NOT_FOUND: Final = "Monitor not found or not active."
MOST_MILLISECONDS: Final = 86_400_000
_NUMBER: Final = re.compile(r"(\d{1,12})(?:\.\d{1,9})?", re.ASCII)
_STARTS: Final = "start"


def target_of(address: str) -> Target:
    """Returns whom the path is for. Raises Refused if nobody can have such an address."""
    if not UUID.fullmatch(address):
        raise Refused(404, NOT_FOUND)
    return Target(address)


def read(query: Sequence[tuple[str, str]]) -> Ping:
    """Returns the ping of a query string. Any `status` but `up` is a failure."""
    status, message = last_of(query, "status") or "up", last_of(query, "msg") or ""
    length, given = None, last_of(query, "ping")
    number = _NUMBER.fullmatch(given or "")
    if given and number and int(number[1]) <= MOST_MILLISECONDS:  # what is no length loses no report
        length = int(float(given) * ticks.PER_SECOND / 1000)
    if status == "up" and message == _STARTS:
        return Ping(signal=Signal.START)
    signal = Signal.SUCCESS if status == "up" else Signal.FAIL
    return Ping(signal=signal, length=length, message="" if message == "OK" else message)
