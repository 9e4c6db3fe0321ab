"""Makes jobs of the tasks of Proxmox VE. A run of vzdump is one job for all its guests, which its log counts. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.connectors.kinds.proxmox.records import Task, comments_of, text_of
from jobreport.connectors.kinds.pve.plans import BackupJob, plan_among
from jobreport.connectors.names import job_id, raw_json
from jobreport.model.catalog import JobState, ServiceType
from jobreport.model.job import Job
from jobreport.origins.proxmox import type_of
from jobreport.origins.vzdump import TaskLog
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

VZDUMP: Final = "vzdump"
KINDS: Final = (VZDUMP, "qmrestore", "vzrestore")
"""The kinds of tasks that are read."""
LOST: Final = "job errors"
"""How a run ends that could not save one guest at least."""
_NO_GUEST: Final = "no guest was to be backed up on this node"
_NO_LOG: Final = "its log is not there any more, so nobody knows whether guests were saved"


def job_of(
    task: Task, raw: msgspec.Raw | bytes, now: int, log: TaskLog | None = None, jobs: Sequence[BackupJob] = ()
) -> Job | None:
    """Returns the job of a task that was looked at at `now` (ticks); None if it is no backup and no restore. `log` is
    that of a run of vzdump, or its beginning, `jobs` are the backup jobs of the cluster.
    """
    kind = type_of(task.kind)
    if task.kind not in KINDS or kind is None:
        return None
    known = log if log is not None and log.is_there else None
    state, note = _state(task, known)
    plan, is_planned = plan_among(jobs, known.command) if known and known.command else ("", False)
    counts = _counts(state, known)
    return Job(
        job_id=job_id(task.id.text),
        reference=known.reference(task.id.node) if known else "",
        service=ServiceType.VM,
        type=kind,
        state=state,
        start=task.start,
        finish=task.ended(now) if state.finished else 0,
        failed=counts.failed,
        successful=counts.successful,
        skipped=counts.skipped,
        total=counts.total,
        size=counts.size,
        comments="" if state in _GOOD else comments_of([note, *task.doubts, *_why(task), *_said(known)]),
        description=text_of("description", f"{task.kind} on {task.id.node}"),
        plan=text_of("plan", plan),
        resource=text_of("resource", _resource(task, known, is_planned=is_planned)),
        raw=raw_json(bytes(raw)),
    )


_GOOD: Final = frozenset({JobState.Successful, JobState.InProgress})


def _state(task: Task, log: TaskLog | None) -> tuple[JobState, str]:
    """Returns the state, and what to say of it. The result alone says only whether all guests were saved."""
    state = task.state
    if task.kind != VZDUMP:
        return state, ""
    if log is None:
        lost_some = state is JobState.Failed and task.result == LOST and not task.about
        return (JobState.Exception, _NO_LOG) if lost_some else (state, "")
    if state is JobState.Successful:
        if log.lost:
            return JobState.Exception, "Proxmox VE calls it OK, and its log tells of more"
        return (state, "") if log.guests else (JobState.Skipped, _NO_GUEST)
    if state is JobState.Failed and log.saved:
        return JobState.Exception, ""
    return state, ""


def _counts(state: JobState, log: TaskLog | None) -> Counts:
    if not state.finished:
        return Counts()
    if log is None or not log.guests:
        return one_object(state)
    return bounded(failed=log.lost, successful=log.saved, size=log.size)


def _why(task: Task) -> list[str]:
    return [task.result] if task.result and task.result != LOST else []


def _said(log: TaskLog | None) -> list[str]:
    return [*log.why, *log.said] if log else []


def _resource(task: Task, log: TaskLog | None, *, is_planned: bool) -> str:
    """Returns the node, or the one guest of a run that belongs to no backup job, and of a restore."""
    if task.kind != VZDUMP:
        return task.about or task.id.node
    is_alone = task.about or task.result is not None  # of one that runs the task itself knows that it is
    return (log.only if log is not None and is_alone and not is_planned else "") or task.id.node
