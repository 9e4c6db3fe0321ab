"""Counts the task sessions of a session: one for each machine, share or database that the job backs up. Pure."""

from collections.abc import Iterable
from typing import Final

import msgspec

from jobreport.connectors.base import UnreadableRecordError

_SAVED: Final = frozenset({"success", "warning"})
_SCAN: Final = "antivirus"
"""Task sessions of this type look at what was backed up."""
_MOST_SAID: Final = 20
"""So many tasks that were no success are told by name."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The results of the tasks of a session: how many succeeded, had a warning or failed, their bytes, and the messages
    of those that did not succeed.
    """

    good: int = 0
    lost: int = 0
    size: int = 0
    said: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many there are."""
        return self.good + self.lost


class _Result(msgspec.Struct):
    result: str = ""
    message: str | None = None


class _Progress(msgspec.Struct, rename="camel"):
    processed_size: int | None = None


class _Task(msgspec.Struct, rename="camel"):
    id: str
    type: str = ""
    name: str = ""
    result: _Result | None = None
    progress: _Progress | None = None


def tally_of(records: Iterable[msgspec.Raw]) -> Tally:
    """Returns the counts of these task sessions. Raises UnreadableRecordError."""
    good = lost = size = 0
    said: list[str] = []
    seen: set[str] = set()  # a list that is read again gives a task once more
    for record in records:
        task = _task(record)
        if task.type.casefold() == _SCAN or task.id in seen:
            continue
        seen.add(task.id)
        result = task.result or _Result()
        word = result.result.casefold()
        good += word in _SAVED
        lost += word not in _SAVED
        size += (task.progress and task.progress.processed_size) or 0
        if word != "success" and len(said) < _MOST_SAID:
            said.append(f"{task.name}: {result.result or 'no result'} {result.message or ''}".strip())
    return Tally(good=good, lost=lost, size=size, said=tuple(said))


def _task(record: msgspec.Raw) -> _Task:
    try:
        return msgspec.json.decode(record, type=_Task)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableRecordError(f"a task session is not as Veeam describes it: {error}") from None
