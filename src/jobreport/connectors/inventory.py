"""Looks through an inventory of what exists, such as the snapshots of a repository: at what is new, and daily at all.

Such a list has no order of arrival. A copy, or what took longer than the overlap, comes with a time that lies far back,
so that only a look at all of it finds that.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from jobreport.connectors.base import Look, Page, UnreadableRecordError
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.job import Job

OVERLAP: Final = 2 * ticks.PER_DAY
"""How far before the last look it is looked at, in ticks: what took longer is found within a day."""
PAGE: Final = 500
"""So many records are handed on together."""

Item = tuple[Any, str]
"""A record, and its text as it came."""


class Through:
    """A look at an inventory: from when on it looks (`since`, ticks; 0: at all), and its `state` afterwards."""

    def __init__(self, look: Look) -> None:
        before = look.state if isinstance(look.state, dict) else {}
        is_far = look.now - int(before.get("all", 0)) >= ticks.PER_DAY
        self.since = 0 if is_far else look.since
        self.state = {"all": look.now} if is_far else before

    def pages(
        self, items: Iterable[Item], when: Callable[[Any], int], made: Callable[[Any, str], Job | None]
    ) -> Iterator[Page]:
        """Gives the jobs that `made` makes of the items; `when` tells the time of one (ticks).

        Either raises UnreadableRecordError for an item that is not as it should be.
        """

        def job(item: Item) -> Job | None:
            record, text = item
            if not isinstance(record, dict):
                raise UnreadableRecordError("an item of the list is no record")
            return made(record, text) if not self.since or when(record) >= self.since else None

        every = iter(items)
        while batch := list(islice(every, PAGE)):
            jobs, refused = readable(batch, job)
            yield Page(jobs=jobs, refused=refused)
        yield Page(state=self.state)
