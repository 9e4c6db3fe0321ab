"""Tells sessions that are jobs from sessions that only group others, such as that of an agent policy or a copy job.

A part names its parent. A parent does not say that it is one, and it is listed before its parts. So a session that has
ended waits until the whole list has been read: a part of it may still come. Some parents run for ever, so it is
remembered from look to look which sessions are parents.

Not every session with children is a mere group: the child of a backup may be the backup of its database's logs, and the
backup stays a job.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from jobreport.connectors.kinds.veeam.records import Session
from jobreport.origins.veeam import holds, is_work

_MOST: Final = 10_000
"""So many parents are noted; of more, those that had a part last."""


class Waiting(msgspec.Struct, frozen=True):
    """A session that may turn out to be a parent: until the list has come to this time (ticks), its record, itself."""

    until: int
    raw: bytes
    session: Session


class Families:
    """The sessions of one look. `noted` is what the last look gave as `notes`."""

    def __init__(self, noted: Any) -> None:
        parents = noted.get("parents") if isinstance(noted, dict) else None
        self._parts: dict[str, set[str]] = {}
        for parent, kinds in (parents if isinstance(parents, dict) else {}).items():
            self._parts[str(parent)] = set(map(str, kinds))
        self._ended: dict[str, int] = {}
        self._waiting: dict[str, Waiting] = {}

    def take(self, raw: bytes, session: Session, until: int) -> None:
        """Takes a session, which is a parent if a part of it comes before the list has come to `until` (ticks)."""
        if (parent := (session.parent_session_id or "").casefold()) and is_work(session.session_type):
            kinds = self._parts.pop(parent, set())
            self._parts[parent] = kinds | {session.session_type}  # now it is the one that had a part last
        self._waiting[session.id.casefold()] = Waiting(until, raw, session)
        if session.ended:
            self._ended[session.id.casefold()] = until

    def is_parent(self, session: Session) -> bool:
        """Whether parts of this session are known, so that they are the jobs."""
        kinds = self._parts.get(session.id.casefold(), ())
        return any(holds(session.session_type, kind) for kind in kinds)

    def ready(self, position: int) -> Iterator[Waiting]:
        """Gives the sessions that are no parents, now that the list has come to `position` (ticks)."""
        due = [one for one, waiting in self._waiting.items() if waiting.until <= position]
        for waiting in map(self._waiting.pop, due):
            if not self.is_parent(waiting.session):
                yield waiting

    def notes(self, since: int) -> dict[str, dict[str, list[str]]]:
        """Returns what the next look must know: the parents but for those that ended before `since` (ticks), which no
        look brings any more.
        """
        left = [one for one in self._parts if self._ended.get(one, since) >= since]
        return {"parents": {one: sorted(self._parts[one]) for one in left[-_MOST:]}}
