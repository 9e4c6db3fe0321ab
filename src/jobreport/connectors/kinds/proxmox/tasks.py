"""Reads the tasks of a node: its list to the end, and one task by its UPID.

Both Proxmox VE and Proxmox Backup Server page by offsets, newest first, so that what begins meanwhile only repeats
what was told. A list finds tasks by their start alone: the overlap of a stream is as long as the longest tasks take.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

import msgspec

from jobreport.connectors.base import Page, UnreadableRecordError
from jobreport.connectors.http_client import AnsweredError
from jobreport.connectors.kinds.proxmox.api import Api, NotUnderstoodError, understood
from jobreport.connectors.paging import Answer, walk
from jobreport.connectors.refusals import again
from jobreport.model import ticks
from jobreport.model.job import Job

PAGE: Final = 500
"""So many tasks are asked for at once: without it there come 50, and for 0 one of the two gives none."""
OVERLAP: Final = 2 * ticks.PER_DAY
_UPID: Final = re.compile(r"UPID:([\w.-]+):(?:[0-9A-Fa-f]+:){2,3}([0-9A-Fa-f]{8,9}):([^:]+):([^:]*):([^:]*):", re.ASCII)
_NO_TASK: Final = frozenset({400, 404})


class Named(msgspec.Struct):
    """What is needed of a record, to ask for its task again."""

    upid: str


class Upid(msgspec.Struct, frozen=True):
    """What the ID of a task says: its node, its kind, and when it began (seconds since 1970)."""

    text: str
    node: str
    kind: str
    start: int


def upid(text: str) -> Upid:
    """Returns what a UPID says. Raises UnreadableRecordError if it is none."""
    if (found := _UPID.fullmatch(text)) is None:
        raise UnreadableRecordError(f"{text[:80]!r} is no UPID of a task")
    return Upid(text, found[1], found[3], int(found[2], 16))


def upid_of(job: Job) -> Upid:
    """Returns the UPID of a job that had not ended: that is its ID, unless another told of it first.

    Raises UnreadableRecordError if nothing names it.
    """
    if _UPID.fullmatch(job.job_id):
        return upid(job.job_id)
    try:
        return upid(msgspec.json.decode(job.raw, type=Named).upid)
    except (msgspec.MsgspecError, UnreadableRecordError):
        raise UnreadableRecordError(f"the job {job.job_id} cannot be asked for again: nothing tells its task") from None


class Tasks:
    """The tasks of one node. `always` is asked with each list. `clock` is the server's time at the last answer."""

    def __init__(self, api: Api, node: str, *, counts: bool, **always: Any) -> None:
        self._api, self._node, self._counts, self._always = api, node, counts, always
        self._path = f"nodes/{quote(node, safe='')}/tasks"
        self.what = f"the tasks of {node}"
        self.clock = 0

    def pages(self, **asked: Any) -> Iterator[Sequence[msgspec.Raw]]:
        """Gives the records of a list. Where the server `counts` them, that it ends too early is noticed."""

        def ask(page: Hashable | None) -> Answer[msgspec.Raw]:
            start = int(str(page or 0))
            parameters = {**self._always, **asked, "start": start, "limit": PAGE}
            items, told = self._api.items(self._path, self.what, **parameters)
            self.clock = told.clock
            following = start + len(items) if len(items) >= PAGE else None
            return Answer(items, following, told.total if self._counts else None)

        return walk(ask, self.what)

    def again(self, job: Job, made: Callable[[msgspec.Raw], Job | None]) -> Page:
        """Returns what is told of a job that had not ended. `made` makes a job of its record."""
        try:
            return again(job, self._now(upid_of(job)), made)
        except (NotUnderstoodError, UnreadableRecordError) as error:  # what is wrong with one hides none of the others
            return Page(refused=[str(error)])

    def _now(self, one: Upid) -> msgspec.Raw | None:
        """Returns the record of a task as it is now; None if it is not there any more.

        The list tells its end, and the status does not: that is asked for what the list has not.
        """
        for items in self.pages(since=one.start, until=one.start, typefilter=one.kind):
            for item in items:
                with suppress(NotUnderstoodError):
                    if understood(item, Named, self.what).upid == one.text:
                        return item
        try:
            return self._api.get(f"{self._path}/{_quoted(one.text)}/status", f"the task {one.text}").data
        except AnsweredError as error:
            if error.status in _NO_TASK:
                return None
            raise

    def log(self, one: Upid, lines: int) -> Iterator[str]:
        """Gives the lines of a task's log, of which so many are asked for at once.

        Raises UnreadableRecordError if it is no log: that hides no other task.
        """
        what = f"the log of {one.text}"

        def ask(page: Hashable | None) -> Answer[msgspec.Raw]:
            start = int(str(page or 0))
            items, told = self._api.items(f"{self._path}/{_quoted(one.text)}/log", what, start=start, limit=lines)
            following = start + len(items) if len(items) >= lines else None
            return Answer(items, following, told.total)

        try:
            for items in walk(ask, what):
                for item in items:
                    yield understood(item, _Line, what).t or ""
        except NotUnderstoodError as error:
            raise UnreadableRecordError(str(error)) from None


class _Line(msgspec.Struct):
    t: str | None = ""


def _quoted(text: str) -> str:
    return quote(text, safe=":@!")
