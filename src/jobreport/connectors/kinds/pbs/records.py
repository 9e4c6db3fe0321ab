"""Makes jobs of the tasks of Proxmox Backup Server. Pure.

What a task works on follows from its type: a datastore, a group of snapshots, or the parts of a job's ID. If it names a
single snapshot, the snapshot's time is left out, since each run would otherwise be a resource of its own.
"""

import re
from typing import Final, NamedTuple

import msgspec

from jobreport.connectors.kinds.pbs.damage import Damage
from jobreport.connectors.kinds.pbs.settings import Work
from jobreport.connectors.kinds.proxmox.records import Task, comments_of, text_of
from jobreport.connectors.names import job_id, raw_json, reference
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.origins.proxmox import made_by, reference_of, type_of
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

NONE: Final = Damage()
SHORT: Final = 5 * ticks.PER_SECOND
"""A reader that took less (ticks) looked at what a snapshot has, and restored nothing."""
_BACKUP: Final = "backup"
_READER: Final = "reader"
_WORK: Final[dict[str, Work]] = {
    _READER: "restore",
    "sync": "sync",
    "syncjob": "sync",
    "verify": "verify",
    "verify_group": "verify",
    "verify_snapshot": "verify",
    "verificationjob": "verify",
    "prune": "prune",
    "prunejob": "prune",
    "garbage_collection": "gc",
    "tape-backup": "tape",
    "tape-backup-job": "tape",
    "tape-restore": "tape",
}
_GROUP: Final = re.compile(
    r"(?P<store>[^:]+):(?P<space>(?:ns/[^/:]+/)*)/?(?P<group>(?P<type>vm|ct|host)/[^/]+)(?:/[0-9A-Fa-f]{8,16})?"
)
_GUESTS: Final = ("vm", "ct")
_TYPES: Final = {JobType.Backup: JobType.FileBackup, JobType.Restore: JobType.FileRestore}
_PARTS: Final = {"syncjob": 5, "verificationjob": 2, "tape-backup-job": 4}
"""The kinds of tasks that name the job of their schedule, as the last of so many parts."""

_TOLD: Final = {
    "syncjob": "sync",
    "verificationjob": "verify",
    "prunejob": "prune",
    "tape-backup-job": "tape-backup",
    "garbage_collection": "gc",
}
"""The kinds of tasks of which the server sends messages, and what it calls them there."""


class _Subject(NamedTuple):
    plan: str
    resource: str
    description: str
    group: str = ""


def work_of(task: Task) -> Work | None:
    """Returns what kind of work a task is; None if it is no job."""
    if task.kind == _BACKUP:
        return "guests" if _subject(task).group in _GUESTS else "hosts"
    return _WORK.get(task.kind)


def job_of(task: Task, raw: msgspec.Raw | bytes, now: int, damage: Damage = NONE) -> Job | None:
    """Returns the job of a task that was looked at at `now` (ticks), and whose log tells of this damage; None if it is
    none.
    """
    kind = type_of(task.kind)
    if kind is None or work_of(task) is None or _only_looked(task, now):
        return None
    state, subject = task.state, _subject(task)
    if state is JobState.Successful and damage.told:
        state = JobState.Exception
    counts = _counts(state, damage)
    service, kind = _codes(kind, subject)
    good = state in {JobState.Successful, JobState.InProgress}
    return Job(
        job_id=job_id(task.id.text),
        reference=reference(reference_of(task.id.text)) if state.finished else "",
        made=_made(task),
        service=service,
        type=kind,
        state=state,
        start=task.start,
        finish=task.ended(now) if state.finished else 0,
        failed=counts.failed,
        successful=counts.successful,
        total=counts.total,
        comments="" if good else comments_of([*task.doubts, *(damage.told or [task.result or ""])]),
        description=text_of("description", subject.description),
        plan=text_of("plan", subject.plan),
        resource=text_of("resource", subject.resource),
        raw=raw_json(bytes(raw)),
    )


def _counts(state: JobState, damage: Damage) -> Counts:
    if damage.number:
        return bounded(failed=damage.number)
    return one_object(state) if state.finished else Counts()


def _made(task: Task) -> str:
    """Returns by which name messages of the server tell of a task: only of those that its schedules begin."""
    kind, parts = _TOLD.get(task.kind, ""), task.about.split(":")
    if not kind or len(parts) < _PARTS.get(task.kind, 1):
        return ""
    store, plan = (
        (parts[2], parts[4]) if task.kind == "syncjob" else (parts[0], parts[-1] if task.kind in _PARTS else "")
    )
    return reference(made_by(task.id.node, kind, store, plan))


def _only_looked(task: Task, now: int) -> bool:
    return task.kind == _READER and (task.ended(now) or now) - task.start < SHORT


def _codes(kind: JobType, subject: _Subject) -> tuple[ServiceType, JobType]:
    if subject.group in _GUESTS and kind in _TYPES:
        return ServiceType.VM, kind
    if subject.group:
        return (ServiceType.FileShare, _TYPES[kind]) if kind in _TYPES else (ServiceType.Common, kind)
    return ServiceType.Common, kind


def _subject(task: Task) -> _Subject:
    """Returns to which plan a task belongs, and what it works on: as messages of the server about it have them."""
    about, node, name = task.about, task.id.node, task.kind.replace("_", " ")
    if group := _GROUP.fullmatch(about):
        where = f"{group['store']}:{group['space'].replace('ns/', '').rstrip('/')}".rstrip(":")
        return _Subject(where, group["group"], f"{name} of {group['group']} in {where}", group["type"])
    parts = about.split(":")
    if len(parts) == _PARTS.get(task.kind):
        if task.kind == "syncjob":
            source = ":".join(one for one in parts[:2] if one != "-")
            return _Subject(parts[4], f"{node}:{parts[2]}", f"sync from {source}")
        done = f"tape backup to {parts[1]}" if task.kind == "tape-backup-job" else "verification"
        return _Subject(parts[-1], f"{node}:{parts[0]}", done)
    return _Subject("", f"{node}:{about}" if about else node, name)
