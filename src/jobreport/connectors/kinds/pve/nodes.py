"""Reads the nodes of a Proxmox VE cluster: a stream each, since a node that is down lists nothing."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.http_client import AnsweredError, DeniedError
from jobreport.connectors.kinds.proxmox.api import Api, understood
from jobreport.connectors.kinds.proxmox.records import Task, task_of
from jobreport.connectors.kinds.proxmox.reported_tasks import LINES, ReportedTasks
from jobreport.connectors.kinds.proxmox.tasks import OVERLAP, Tasks
from jobreport.connectors.kinds.pve.plans import BackupJob, backup_jobs, next_runs
from jobreport.connectors.kinds.pve.records import KINDS, VZDUMP, job_of
from jobreport.connectors.kinds.pve.settings import PveSettings
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.origins.vzdump import TaskLog

AUDIT: Final = "Sys.Audit"
RIGHTS: Final = (
    Right(name=f"{AUDIT} at /nodes/NODE", without="all tasks of the node but the token's own"),
    Right(
        name=f"{AUDIT} at /",
        without="which backup job a run belongs to, so that its plan is where it saves to, and when each runs next",
    ),
)
NEXT_RUNS: Final = "next runs"
_JOBS: Final = "the backup jobs of the cluster"
_FIRST: Final = 50
"""Among so many lines the command stands, and that the first guest's backup began."""


class Nodes:
    """The nodes of one cluster, as any of them tells of it."""

    def __init__(self, api: Api, settings: PveSettings) -> None:
        self._api, self._settings = api, settings

    def streams(self) -> list[Stream]:
        """Returns a stream for each node of the cluster, or for each that is named, also where there is none; and that
        of next runs, if these can be seen.
        """
        there = self._names()
        remembers = self._settings.remembers * ticks.PER_SECOND
        nodes = [
            Stream(name=name, overlap=OVERLAP, remembers=remembers, about=name in there)
            for name in self._settings.nodes or there
        ]
        plans = [Stream(name=NEXT_RUNS, announces=True)] if self._api.holds(AUDIT, "/") else []
        return nodes + plans

    def rights(self) -> list[Right]:
        """Asks for the rights at each node, and at the root."""
        at_node, at_root = RIGHTS
        found = [
            replace(at_node, name=f"{AUDIT} at {_path(one.name)}", stream=one.name, held=self._may(one.name))
            for one in self.streams()
            if not one.announces
        ]
        return [*found, replace(at_root, held=self._api.holds(AUDIT, "/"))]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the tasks that began since, but no finished one twice, and each that had not ended; or next runs."""
        if stream.announces:
            yield Page(next_runs=next_runs(self._backup_jobs()))
            return
        node = stream.name
        if not stream.about:
            raise CannotReadError(f"the cluster has no node {node}")
        if not self._may(node):
            raise CannotReadError(
                f"access denied for {AUDIT} at {_path(node)}: only tasks of the token itself are seen"
            )
        tasks = Tasks(self._api, node, counts=True, source="all")
        try:
            plans = self._backup_jobs()
        except DeniedError:
            plans = []
        looked = _Looked(tasks, look, plans)
        for kind in KINDS:
            for records in tasks.pages(typefilter=kind, since=_seconds(look.since)):
                jobs, refused = readable(records, looked.job)
                yield Page(jobs=jobs, refused=refused, clock=tasks.clock, state=looked.reported.state)
        for job in look.unfinished:
            if job.job_id in looked.waiting:
                yield tasks.again(job, looked.job)
        yield Page(state=looked.reported.state)

    def _names(self) -> list[str]:
        what = "the nodes of the cluster"
        nodes = understood(self._api.get("nodes", what).data, list[_Node], what)
        if not nodes:
            raise CannotReadError(f"{what}: there is none in the list, and one at least must be there")
        return sorted(one.node for one in nodes)

    def _may(self, node: str) -> bool:
        return self._api.holds(AUDIT, _path(node))

    def _backup_jobs(self) -> list[BackupJob]:
        records = understood(self._api.get("cluster/backup", _JOBS).data, list[dict[str, Any]], _JOBS)
        return backup_jobs(records, one_node=len(self._names()) == 1)


class _Looked:
    """What a look at a node has told."""

    def __init__(self, tasks: Tasks, look: Look, jobs: Sequence[BackupJob]) -> None:
        self._tasks, self._now, self._jobs = tasks, look.now, jobs
        self.reported = ReportedTasks(look)
        self.waiting = {job.job_id for job in look.unfinished}

    def job(self, raw: msgspec.Raw) -> Job | None:
        """Returns the job of a record; None if it was told, or is none of ours. Raises UnreadableRecordError."""
        task = task_of(raw)
        if task.id in self.reported:
            return None
        log, is_whole = self._log(task)
        job = job_of(task, raw, self._now, log, self._jobs)
        if job is not None:
            self.waiting.discard(job.job_id)
            if job.state.finished and is_whole:
                self.reported.add(task.id)
        return job

    def _log(self, task: Task) -> tuple[TaskLog | None, bool]:
        """Returns the log of a run, and whether it need not be asked for again. Of one that runs, its beginning tells
        what it is.
        """
        if task.kind != VZDUMP:
            return None, True
        log = TaskLog()
        lines, most = (LINES, None) if task.result is not None else (_FIRST, _FIRST)
        try:
            for line in islice(self._tasks.log(task.id, lines), most):
                log.line(line)
        except DeniedError:
            raise
        except AnsweredError:
            return None, False
        return log, True


class _Node(msgspec.Struct):
    node: str


def _path(node: str) -> str:
    return f"/nodes/{node}"


def _seconds(time: int) -> int:
    return (time - ticks.UNIX_EPOCH) // ticks.PER_SECOND
