"""The fields that the tasks of Proxmox VE and of Proxmox Backup Server have in common. Pure.

In a list, a task has its end, and its result stands in `status`. Asked for alone, it has no end; `status` is `running`
or `stopped`, and the result stands beside it in `exitstatus`.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.proxmox.tasks import Upid, upid
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import TEXT_LIMITS
from jobreport.origins.proxmox import state_of
from jobreport.runner.text import clean, shorten

_RUNS: Final = "running"
_MOST: Final = (ticks.YEAR_2200 - ticks.UNIX_EPOCH) // ticks.PER_SECOND
_NO_END: Final = "Proxmox does not tell how it ended"
_NO_TIME: Final = "Proxmox does not tell when it ended"


class _Record(msgspec.Struct):
    upid: str
    starttime: int | None = None
    endtime: int | None = None
    status: str | None = None
    exitstatus: str | None = None
    type: str | None = None
    worker_type: str | None = None
    id: str | None = None
    worker_id: str | None = None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task: what it does (`kind`), with what (`about`), and how it ended (None: it runs). Times are ticks, 0 means
    that the end is not told.
    """

    id: Upid
    kind: str
    about: str
    start: int
    finish: int
    result: str | None

    @property
    def state(self) -> JobState:
        """Its state by its result alone."""
        return JobState.InProgress if self.result is None else state_of(self.result)

    def ended(self, now: int) -> int:
        """Returns when it ended (ticks); 0: it has not. One that does not tell it was first seen so at `now`."""
        return 0 if self.result is None else max(self.finish or now, self.start)

    @property
    def doubts(self) -> list[str]:
        """What is to be said of an end of which not all is told."""
        if self.result is None:
            return []
        lacks = [] if self.finish else [_NO_TIME]
        return [*lacks, *([f"{_NO_END} ({self.result or 'it says nothing'})"] if _says_nothing(self.result) else [])]


def task_of(raw: msgspec.Raw | bytes) -> Task:
    """Returns the task of a record. Raises UnreadableRecordError."""
    try:
        record = msgspec.json.decode(raw, type=_Record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableRecordError(f"the record of a task is not as Proxmox describes it: {error}") from None
    one = upid(record.upid)
    runs = (record.status or "").casefold() == _RUNS or (record.status is None and record.endtime is None)
    result = None if runs and record.exitstatus is None else record.exitstatus or _listed(record)
    return Task(
        id=one,
        kind=record.worker_type or record.type or one.kind,
        about=record.worker_id or record.id or "",
        start=_time(one.start if record.starttime is None else record.starttime, "starttime"),
        finish=0 if result is None or not record.endtime else _time(record.endtime, "endtime"),
        result=result,
    )


def comments_of(lines: Iterable[str]) -> str:
    """Returns the comments of a job: each thing that is said, once."""
    said = dict.fromkeys(line.strip() for line in lines if line and line.strip())
    return shorten(clean("\n".join(said)), TEXT_LIMITS["comments"])


def text_of(field: str, text: str) -> str:
    """Returns a text that a job may have in this field."""
    return shorten(clean(text), TEXT_LIMITS[field])


def _listed(record: _Record) -> str:
    """Returns the result that a list tells; empty if it tells none."""
    return "" if record.endtime is None or record.status is None else record.status


def _says_nothing(result: str) -> bool:
    return state_of(result) is JobState.Exception and not result.startswith("WARNINGS")


def _time(seconds: int, name: str) -> int:
    if not 0 <= seconds < _MOST or (at := ticks.UNIX_EPOCH + seconds * ticks.PER_SECOND) < ticks.YEAR_2000:
        raise UnreadableRecordError(f"{name} of a task is {seconds}, which is no time of a backup")
    return at
