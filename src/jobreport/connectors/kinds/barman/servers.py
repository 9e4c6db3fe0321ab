"""Reads barman's servers, a stream each: lists their backups, and asks for the details of new and changed ones.

Barman lists the backups in its own folder, even if PostgreSQL cannot be reached. Two things are not visible there. A
backup whose process was killed stays STARTED for ever; it is recognised because barman has no process for it, or
because a later backup of the server has begun. And if the folder is gone, for example because a disk is not mounted,
the list is simply empty.
"""

from collections.abc import Iterator, Mapping
from socket import gethostname
from typing import Any, Final

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream, UnreadableRecordError
from jobreport.connectors.kinds.barman.asking import asked
from jobreport.connectors.kinds.barman.records import Listed, Observed, Shown, began, job_of, understood, was_twice
from jobreport.connectors.kinds.barman.settings import Settings
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.origins.barman import STATUSES, WORKERS

RIGHT: Final = Right(name="to run as barman's user", without="all backups")
_PAGE: Final = 20


class Noted(msgspec.Struct, frozen=True, array_like=True):
    """What a look notes of a backup: its status, the system under which it was told (empty: it was not yet), and when
    it was first seen ended where barman does not tell that (ticks).
    """

    status: str
    system: str = ""
    ended: int = 0


class Servers:
    """The servers that one configuration of barman names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def streams(self) -> Iterator[Stream]:
        """Gives a stream for each server."""
        for name in self._settings.servers or self._names():
            yield Stream(name=name, sees=Sees.OBJECTS, whole=True, notes=True)

    def rights(self) -> Iterator[Right]:
        """Says that barman answers: it does to its own user only."""
        self._names()
        yield Right(name=RIGHT.name, without=RIGHT.without, held=True)

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the backups that are new, not done, or ended since."""
        server = stream.name
        before = _noted(look.state)
        records = asked(self._settings, "list-backups", server).get(server)
        if not isinstance(records, list):
            raise CannotReadError(f"barman list-backups does not list the server {server}")
        if before and not records:
            raise CannotReadError(
                f"barman lists no backup of {server}, and had {len(before):,}: is its disk there? Where all were "
                f"deleted, jobreport connectors forget NAME {server} ends this"
            )
        yield from _Server(self._settings, server, look, before).pages(records)

    def _names(self) -> list[str]:
        return [name for name in asked(self._settings, "list-servers") if not name.startswith("_")]


class _Server:
    """One look at one server."""

    def __init__(self, settings: Settings, name: str, look: Look, before: Mapping[str, Noted]) -> None:
        self._settings, self._name, self._look, self._before = settings, name, look, before
        self._first = look.state is None
        self._zone = settings.zone

    def pages(self, records: list[Any]) -> Iterator[Page]:
        """Gives the pages. The notes are of what was told so far; of a list that breaks off the rest is new again."""
        rows, refused = self._rows(records)
        self._begun = [backup_id for backup_id, row in rows.items() if row.status != "EMPTY"]
        self._running = self._processes(rows)
        notes = {one: self._before[one] for one in rows if one in self._before}
        newest = max(rows, default="")
        jobs: list[Job] = []
        for backup_id, row in rows.items():
            if not self._is_wanted(row, newest):
                notes[backup_id] = notes.get(backup_id, Noted(row.status))
                continue
            try:
                job, notes[backup_id] = self._told(row)
            except UnreadableRecordError as error:
                refused.append(str(error))
                continue
            jobs.append(job)
            if len(jobs) == _PAGE:
                yield Page(jobs=jobs, state=notes)
                jobs = []
        yield Page(jobs=jobs, refused=refused, state=notes)

    def _rows(self, records: list[Any]) -> tuple[dict[str, Listed], list[str]]:
        """Returns the backups by their IDs, and why others cannot be read."""
        rows, refused = {}, []
        for record in records:
            try:
                row = understood(record, Listed, self._name)
                began(row.backup_id, self._zone, self._name)
            except UnreadableRecordError as error:
                refused.append(str(error))
            else:
                rows[row.backup_id] = row
        return rows, refused

    def _is_wanted(self, row: Listed, newest: str) -> bool:
        noted = self._before.get(row.backup_id, Noted(""))
        ended = row.ended or noted.ended
        if not ended and not _has_ended(row.status):
            return True
        if row.status != noted.status and not self._first:
            return True
        at = ended or began(row.backup_id, self._zone, self._name)
        return at >= self._look.since or (self._first and row.backup_id == newest)

    def _told(self, row: Listed) -> tuple[Job, Noted]:
        """Returns the job of a backup, and what to note of it."""
        record = asked(self._settings, "show-backup", self._name, row.backup_id).get(self._name) or {}
        shown = understood(record, Shown, self._name)
        noted = self._before.get(row.backup_id, Noted(row.status))
        # Older versions do not show the system. Two machines may have a server of one name, and back up by one clock.
        system = noted.system or str(shown.system_id or gethostname())
        gone = shown.status == row.status and self._is_gone(row)
        first_seen = noted.ended or self._look.now
        observed = Observed(server=self._name, system=system, first_seen=first_seen, gone=gone)
        job = job_of(shown, observed, self._zone, record)
        return job, Noted(shown.status, system, first_seen if _lacks_end(shown, job) else 0)

    def _is_gone(self, row: Listed) -> bool:
        """Whether the process that made a backup is gone, so that the backup never ends. Its status was shown again
        since its processes were asked for.
        """
        worker = WORKERS.get(row.status)
        if worker == "backup" and any(self._came_later(one, row.backup_id) for one in self._begun):
            return True  # of one server there is one backup at a time
        return worker is not None and self._running is not None and worker not in self._running

    def _came_later(self, one: str, other: str) -> bool:
        return one > other and not (was_twice(one, self._zone) and was_twice(other, self._zone))

    def _processes(self, rows: Mapping[str, Listed]) -> set[str] | None:
        """Returns what barman's processes of the server do; None if nobody asks, or this version does not tell it."""
        if not any(row.status in WORKERS for row in rows.values()):
            return None
        try:
            found = asked(self._settings, "list-processes", self._name).get(self._name)
        except CannotReadError:
            return None
        return {str(one.get("name")) for one in found if isinstance(one, dict)} if isinstance(found, list) else None


def _has_ended(status: str) -> bool:
    state = STATUSES.get(status)
    return state is None or state.finished


def _lacks_end(shown: Shown, job: Job) -> bool:
    base = shown.base_backup_information
    return job.state.finished and not (base and base.end_time_timestamp)


def _noted(state: Any) -> dict[str, Noted]:
    try:
        return msgspec.convert(state or {}, dict[str, Noted])
    except msgspec.ValidationError:
        return {}
