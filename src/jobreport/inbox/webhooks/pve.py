"""Reads the notifications of Proxmox VE: one of a backup (vzdump) is one job, whose objects are the guests.

The message is the text of Proxmox VE's own template: a table of the guests with columns four blanks apart, and the log.
"""

import re
from typing import Final, NamedTuple

from jobreport.inbox.report import Reading, ReportedJob
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import before
from jobreport.inbox.webhooks.proxmox import Notification, read_notification, shown, unknown
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.origins import vzdump
from jobreport.origins.proxmox import state_of
from jobreport.runner.text import seconds_of, size_of
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

_HOST: Final = re.compile(r"vzdump backup status \(([^()\s]{1,255})\)")
_WHY: Final = re.compile(r"backup failed: (.+)")
_COLUMNS: Final = re.compile(r"\s{2,}")
_TIME: Final = "Total running time: "
_SIZE: Final = "Total size: "
_TOLD: Final = re.compile(r"(?:WARN|WARNING|ERROR): ")
_LONGEST: Final = 2_000


class _Guest(NamedTuple):
    number: str
    name: str
    good: bool


def read(delivery: Delivery) -> Reading:
    """Returns what a notification says. Raises UnreadableError."""
    notification, at = read_notification(delivery)
    if notification.is_test:
        return Reading(ignored="a test of the notification target")
    if notification.kind == "replication":
        return Reading(jobs=(_replication(notification, at),))
    if notification.kind != "vzdump" and not (not notification.kind and _HOST.match(notification.title)):
        return Reading(ignored=f"Proxmox VE tells of {notification.kind[:100] or notification.title[:100]}: no job")
    return Reading(jobs=(_vzdump(notification, at),))


def _vzdump(notification: Notification, at: int) -> ReportedJob:
    lines = notification.lines
    guests = _guests(lines)
    told = [line for line in lines if _TOLD.search(line, 0, _LONGEST)]
    state, note = _state(notification, guests, bool(told))
    named = _HOST.match(notification.title)
    host = notification.fields.get("hostname") or (named[1] if named else "")
    plan = notification.fields.get("job-id", "")
    one = guests[0] if guests and len(guests) == 1 and not plan else None
    lost = [f"{guest.number} ({guest.name}) was not backed up" for guest in guests or () if not guest.good]
    return ReportedJob(
        state=state,
        key=f"pve/{host}/{plan or _whom(notification, guests)}/{notification.timestamp}" if at and host else "",
        reference=vzdump.reference_in(host, lines),
        start=before(at, int(seconds_of(_behind(lines, _TIME)) * ticks.PER_SECOND)),
        finish=at,
        observed=at,
        service=ServiceType.VM,
        type=JobType.Backup,
        plan=plan,
        resource=f"{one.number} ({one.name})" if one else host,
        description=f"vzdump on {host}" if host else "",
        comments="" if state is JobState.Successful else shown([*filter(None, [note]), *lost, *told]),
        counts=_counts(state, guests, size_of(_behind(lines, _SIZE))),
    )


def _whom(notification: Notification, guests: list[_Guest] | None) -> str:
    """Returns what tells a run without a job from another that ended in the same second."""
    return ",".join(guest.number for guest in guests or ()) or notification.title


def _state(notification: Notification, guests: list[_Guest] | None, told: bool) -> tuple[JobState, str]:
    good = notification.good
    why = _WHY.search(notification.title, 0, _LONGEST)
    if why and state_of(why[1].strip()) is JobState.Stopped:
        return JobState.Stopped, why[1]
    if good is None:
        return unknown(notification)
    saved = sum(guest.good for guest in guests or ())
    if good:
        if guests is not None and not guests:
            return JobState.Skipped, "no guest was to be backed up"
        if told or (guests is not None and saved < len(guests)):
            return JobState.Exception, "Proxmox VE calls it successful, and its log tells of more"
        return JobState.Successful, ""
    note = why[1] if why else ""
    if guests is None:
        return JobState.Exception, note or "the message has no table of the guests"
    return (JobState.Exception if saved else JobState.Failed), note


def _counts(state: JobState, guests: list[_Guest] | None, size: int) -> Counts:
    if not guests:
        return one_object(state)
    saved = sum(guest.good for guest in guests)
    return bounded(failed=len(guests) - saved, successful=saved, size=size)


def _guests(lines: list[str]) -> list[_Guest] | None:
    """Returns the rows of the table; None if there is none, as in a template of the operator's own."""
    first = next((number for number, line in enumerate(lines) if line.startswith("VMID ")), None)
    if first is None:
        return None
    found: list[_Guest] = []
    for line in lines[first + 1 :]:
        cells = _COLUMNS.split(line[:_LONGEST].strip(), maxsplit=5)
        if len(cells) < 3 or not cells[0].isdecimal():
            break
        found.append(_Guest(cells[0], cells[1], cells[2] == "ok"))
    return found


def _behind(lines: list[str], name: str) -> str:
    return next((line[len(name) :] for line in lines if line.startswith(name)), "")


def _replication(notification: Notification, at: int) -> ReportedJob:
    """Returns the job of a replication, of which only failures are told."""
    host = notification.fields.get("hostname", "")
    plan = notification.fields.get("job-id", "")
    state, note = (JobState.Failed, "") if notification.good is False else unknown(notification)
    error = next((number for number, line in enumerate(notification.lines) if line == "Error:"), -1)
    return ReportedJob(
        state=state,
        key=f"pve/{host}/replication/{plan}/{notification.timestamp}" if at and host else "",
        finish=at,
        observed=at,
        service=ServiceType.VM,
        type=JobType.Backup,
        plan=plan,
        resource=host,
        description="replication",
        comments=shown([*filter(None, [note]), *notification.lines[error + 1 :]]),
    )
