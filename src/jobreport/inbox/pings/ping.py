"""A ping after reading, whatever form it came in; and the reasons why a ping is refused."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from jobreport.model.ping import Signal
from jobreport.runner.tools.base import Counts


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """What a ping says, without its body. `exit_status` is None if it names none.

    `run` names the run that it is about; empty: the newest that has no name. `length` is how long the work took, in
    ticks, by the sender's own word; None: it does not say. `message` is a text beside the body. `counts` are the
    objects that it counts itself. `about` is what else it said, for the raw record.
    """

    signal: Signal
    exit_status: int | None = None
    run: str = ""
    length: int | None = None
    message: str = ""
    counts: Counts | None = None
    about: Mapping[str, str] = {}


class Refused(Exception):  # noqa: N818 - it is an answer
    """Raised for a ping that its protocol refuses: the HTTP status, and the words of the answer."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words
        super().__init__(f"{status} {words}")


class Target(NamedTuple):
    """Whom a ping is for: an address; or, with a slug, a ping key and the inbox below it."""

    secret: str
    slug: str = ""
