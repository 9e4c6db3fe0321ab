"""Reads the tasks of a Proxmox Backup Server: those that run, and those that began since the last look.

It does not say how many tasks a list has: its `total` only says that there are more.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

import msgspec
from msgspec.structs import replace

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.http_client import AnsweredError, DeniedError
from jobreport.connectors.kinds.pbs.damage import damage_in, is_told_by_its_log
from jobreport.connectors.kinds.pbs.records import job_of, work_of
from jobreport.connectors.kinds.pbs.settings import PbsSettings
from jobreport.connectors.kinds.proxmox.api import Api
from jobreport.connectors.kinds.proxmox.records import Task, task_of
from jobreport.connectors.kinds.proxmox.reported_tasks import LINES, ReportedTasks
from jobreport.connectors.kinds.proxmox.tasks import OVERLAP, Tasks
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.job import Job

_PATH: Final = "/system/tasks"
_AUDIT: Final = "Sys.Audit"
RIGHT: Final = Right(name=f"{_AUDIT} at {_PATH}", without="all tasks but the token's own")
_ITSELF: Final = "localhost"
_STREAM: Final = "tasks"


class Server:
    """One Proxmox Backup Server."""

    def __init__(self, api: Api, settings: PbsSettings) -> None:
        self._api, self._settings = api, settings

    def streams(self) -> list[Stream]:
        """Returns its only list."""
        return [Stream(name=_STREAM, overlap=OVERLAP, remembers=self._settings.remembers * ticks.PER_SECOND)]

    def rights(self) -> list[Right]:
        """Asks for the only right."""
        return [replace(RIGHT, held=self._may())]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives what began since, what runs, and each task that had not ended."""
        if not self._may():
            raise CannotReadError(f"access denied for {_AUDIT} at {_PATH}: only tasks of the token itself are seen")
        tasks = Tasks(self._api, _ITSELF, counts=False)
        reported = ReportedTasks(look)
        waiting = {job.job_id for job in look.unfinished}
        since = (look.since - ticks.UNIX_EPOCH) // ticks.PER_SECOND

        def made(raw: msgspec.Raw) -> Job | None:
            task = task_of(raw)
            return None if task.id in reported else self._job(task, raw, look.now, tasks, reported)

        def wanted(raw: msgspec.Raw, *, before: bool) -> Job | None:
            task = task_of(raw)
            is_wanted = (task.id.start < since) is before and work_of(task) in self._settings.wanted
            return made(raw) if is_wanted else None

        for before, asked in ((False, {"since": since}), (True, {"running": 1})):
            for records in tasks.pages(**asked):
                jobs, refused = readable(records, partial(wanted, before=before))
                waiting.difference_update(job.job_id for job in jobs)
                yield Page(jobs=jobs, refused=refused, clock=tasks.clock)
        for job in look.unfinished:
            if job.job_id in waiting:
                yield tasks.again(job, made)
        yield Page(state=reported.state)

    def _job(self, task: Task, raw: msgspec.Raw, now: int, tasks: Tasks, reported: ReportedTasks) -> Job | None:
        if not is_told_by_its_log(task):
            return job_of(task, raw, now)
        try:
            damage = damage_in(tasks.log(task.id, LINES))
        except DeniedError:
            raise
        except AnsweredError:  # as where the log is not there any more
            return job_of(task, raw, now)
        reported.add(task.id)
        return job_of(task, raw, now, damage)

    def _may(self) -> bool:
        return self._api.holds(_AUDIT, _PATH)
