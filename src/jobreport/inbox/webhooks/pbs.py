"""Reads the notifications of Proxmox Backup Server: garbage collection, prune, sync, verification and tape backup.

It tells of no backup itself: that is a client's, or of Proxmox VE.
"""

import re
from typing import Final

from jobreport.inbox.report import Reading, ReportedJob
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.proxmox import Notification, read_notification, shown, unknown
from jobreport.model.catalog import JobState
from jobreport.origins.proxmox import made_by, reference_of, state_of, type_of
from jobreport.runner.text import whole
from jobreport.runner.tools.reading import bounded, one_object

_NAMES: Final = {
    "gc": "garbage collection",
    "prune": "prune",
    "sync": "sync",
    "verify": "verification",
    "tape-backup": "tape backup",
}
_TITLES: Final = {
    "Garbage Collect Datastore": "gc",
    "Pruning datastore": "prune",
    "Sync ": "sync",
    "Verify Datastore": "verify",
    "Tape Backup": "tape-backup",
}
_PAIR: Final = re.compile(r"([A-Z][\w -]{1,30}):\s+(\S.*)")
_BAD: Final = ("Removed bad chunks", "Leftover bad chunks")
_FAILED: Final = " failed: "
_LIST: Final = "Verification failed on these"


def read(delivery: Delivery) -> Reading:
    """Returns what a notification says. Raises UnreadableError."""
    notification, at = read_notification(delivery)
    if notification.is_test:
        return Reading(ignored="a test of the notification target")
    kind = notification.kind or next(
        (kind for words, kind in _TITLES.items() if notification.title.startswith(words)), ""
    )
    if kind not in _NAMES:
        return Reading(ignored=f"Proxmox Backup Server tells of {kind[:100] or notification.title[:100]}: no job")
    return Reading(jobs=(_job(notification, kind, at),))


def _job(notification: Notification, kind: str, at: int) -> ReportedJob:
    lines = notification.lines
    pairs = {pair[1]: pair[2].strip() for line in lines if (pair := _PAIR.fullmatch(line[:1_000]))}
    host = notification.fields.get("hostname", "")
    store = notification.fields.get("datastore") or pairs.get("Datastore", "")
    plan = notification.fields.get("job-id") or pairs.get("Job ID", "")
    errors = _errors(lines)
    state, note = _state(notification, pairs, errors)
    lost = _lost(lines)
    return ReportedJob(
        state=state,
        key=f"pbs/{host}/{kind}/{store}/{plan}/{notification.timestamp}" if at and host else "",
        reference=reference_of(task) if (task := pairs.get("Task ID", "")).startswith("UPID:") else "",
        made=made_by(host, kind, store, plan),
        finish=at,
        observed=at,
        type=type_of(kind),
        plan=plan,
        resource=f"{host}:{store}" if host and store else store,
        description=_description(kind, pairs),
        comments="" if state is JobState.Successful else shown([*filter(None, [note]), *lost, *errors]),
        counts=bounded(failed=len(lost)) if lost and state is JobState.Failed else one_object(state),
    )


def _state(notification: Notification, pairs: dict[str, str], errors: list[str]) -> tuple[JobState, str]:
    good = notification.good
    if good is None:
        return unknown(notification)
    if not good:
        stopped = any(state_of(line.partition(_FAILED)[2].strip()) is JobState.Stopped for line in errors)
        return (JobState.Stopped if stopped else JobState.Failed), ""
    bad = [f"{name}: {pairs[name]}" for name in _BAD if whole(pairs.get(name, "0"))]
    return (JobState.Exception, "; ".join(bad)) if bad else (JobState.Successful, "")


def _description(kind: str, pairs: dict[str, str]) -> str:
    if kind == "sync" and "Remote" in pairs:
        return f"sync from {pairs['Remote']}:{pairs.get('Remote Store', '')}"
    if kind == "sync" and "Local Source Store" in pairs:
        return f"sync from {pairs['Local Source Store']}"
    return f"tape backup to {pairs['Tape Pool']}" if kind == "tape-backup" and "Tape Pool" in pairs else _NAMES[kind]


def _lost(lines: list[str]) -> list[str]:
    """Returns the snapshots and groups that a verification found damaged."""
    first = next((number for number, line in enumerate(lines) if line.startswith(_LIST)), None)
    if first is None:
        return []
    return [line.strip() for line in lines[first + 1 :] if line.startswith("    ") and line.strip()]


def _errors(lines: list[str]) -> list[str]:
    return [line for line in lines if _FAILED in line[:1_000]]
