"""Reads an inventory of what exists, such as the snapshots of a repository: what is new, and once a day all of it.

Such a list is not in the order of arrival: a snapshot that was copied from elsewhere, or that took very long, appears
with a time that lies far back. Only the daily look at the whole list finds it.

A list that had entries and is now empty counts as an error: most often the disk is not mounted or a permission is gone,
and the tool ends with exit code 0 all the same.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from jobreport.connectors.base import CannotReadError, Look, Page, UnreadableRecordError
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.job import Job

OVERLAP: Final = 2 * ticks.PER_DAY
"""How far before the last look a look begins, in ticks. What took longer is found by the daily look at everything."""
PAGE: Final = 500
"""So many records are handed on together."""
_EMPTY: Final = (
    "the list is empty, and was not before: is its storage there? Where all was deleted, "
    "jobreport connectors forget NAME STREAM ends this"
)

Item = tuple[Any, str]
"""A record, and its text as it came."""


class InventoryLook:
    """A look at an inventory. `since`: from when on entries are read (ticks; 0: all of them)."""

    def __init__(self, look: Look) -> None:
        before = look.state if isinstance(look.state, dict) else {}
        # A clock that was ahead for a while must not put off the next look at all.
        is_far = not 0 <= look.now - int(before.get("all", 0)) < ticks.PER_DAY
        self.since = 0 if is_far else look.since
        self._had = bool(before.get("had"))
        self._all = look.now if is_far else int(before["all"])

    def pages(
        self, items: Iterable[Item], when: Callable[[Any], int], made: Callable[[Any, str], Job | None]
    ) -> Iterator[Page]:
        """Gives the jobs that `made` makes of the items; `when` tells the time of one (ticks).

        Either raises UnreadableRecordError for an item that is not as it should be. Raises CannotReadError if there is
        no item, and was one before.
        """

        def job(item: Item) -> Job | None:
            record, text = item
            if not isinstance(record, dict):
                raise UnreadableRecordError("an item of the list is no record")
            return made(record, text) if not self.since or when(record) >= self.since else None

        has = False
        for batch in _batches(items):
            has = True
            jobs, refused = readable(batch, job)
            yield Page(jobs=jobs, refused=refused)
        if self._had and not has:
            raise CannotReadError(_EMPTY)
        yield Page(state={"all": self._all, "had": has})


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Gives the items, many at once. What came before it fails is given, too: kept in a variable, the error would hold
    what reads the list, and so the program that prints it.
    """
    batch: list[Item] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == PAGE:
                yield batch
                batch = []
    except CannotReadError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
