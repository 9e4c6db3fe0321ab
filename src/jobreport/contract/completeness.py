"""Until when nothing is missing in a report: the header `Jobreport-Complete-Until`, how it is written and read again.

It stands beside the body and never in it, so that a program which knows only the contract's fields is not disturbed.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from jobreport.model import ticks
from jobreport.model.streams import first_of

NAME: Final = "Jobreport-Complete-Until"
MEANING: Final = {
    NAME: "Until when all connectors of the tenant have been read without a hole; behind it, as `no-data`, those that "
    "have a stream without data. Left out if the tenant has no connector."
}
"""What the documentation says of the header."""
_NO_DATA: Final = re.compile(r'\s*no-data="([^"]*)"\s*')
_SET: Final = "_completeness"


class Completeness(msgspec.Struct, frozen=True):
    """Until when a report has all that the tenant's connectors can bring. `no_data` names the connectors that cannot
    be read now; of more than 20, the last one only says how many more there are.
    """

    until: datetime
    no_data: tuple[str, ...] = ()


class Reported(msgspec.Struct, frozen=True, dict=True):
    """An answer that a header may say more about."""

    @property
    def completeness(self) -> Completeness | None:
        """Until when nothing is missing in it, as its server said in a header; None: it said nothing, since no
        connector reads jobs there.
        """
        found: Completeness | None = self.__dict__.get(_SET)
        return found


T = TypeVar("T")


def iso_since_1970(time: int) -> str:
    """Returns a time cut to seconds; 1970 for never."""
    return ticks.to_iso(max(time, ticks.UNIX_EPOCH), digits=0)


def value(until: int, lacking: Sequence[str]) -> str:
    """Returns the value of the header for a tenant whose connectors have all been read `until` then (ticks), and of
    which those that are `lacking` have no data.
    """
    said = iso_since_1970(until)
    return f'{said}; no-data="{", ".join(first_of(lacking))}"' if lacking else said


def read(text: str | None) -> Completeness | None:
    """Returns what the header says; None if there is none, or it is not one of ours."""
    time, _, more = (text or "").partition(";")
    try:
        until = ticks.to_datetime(ticks.from_iso(time.strip()))
    except ValueError:
        return None
    named = _NO_DATA.fullmatch(more)
    return Completeness(until, tuple(named[1].split(", ")) if named and named[1] else ())


def with_completeness(answer: T, header: str | None) -> T:
    """Returns an answer that knows what its header says, if it is one that may."""
    if isinstance(answer, Reported) and (said := read(header)) is not None:
        msgspec.structs.force_setattr(answer, _SET, said)
    return answer
