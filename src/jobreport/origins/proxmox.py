"""What the results and kinds of Proxmox tasks mean here: of Proxmox VE and of Proxmox Backup Server."""

import re
from typing import Final

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType

_STOPPED: Final = frozenset({"task aborted", "interrupted by signal"})
_UNITS: Final = {
    "y": 365.25 * 86_400,
    "w": 7 * 86_400,
    "d": 86_400,
    "h": 3_600,
    "m": 60,
    "min": 60,
    "s": 1,
    "ms": 0.001,
}
_SPAN: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(y|w|d|h|min|ms|m|s)\b", re.ASCII)
_KINDS: Final = {
    "vzdump": JobType.Backup,
    "backup": JobType.Backup,
    "sync": JobType.Backup,
    "syncjob": JobType.Backup,
    "tape-backup": JobType.Backup,
    "tape-backup-job": JobType.Backup,
    "qmrestore": JobType.Restore,
    "vzrestore": JobType.Restore,
    "reader": JobType.Restore,
    "tape-restore": JobType.Restore,
    "verify": JobType.Report,
    "verify_group": JobType.Report,
    "verify_snapshot": JobType.Report,
    "verificationjob": JobType.Report,
    "prune": JobType.Retention,
    "prunejob": JobType.Retention,
    "gc": JobType.Retention,
    "garbage_collection": JobType.Retention,
}


def state_of(result: str) -> JobState:
    """Returns what a finished task's status means.

    Whatever is neither `OK` nor a warning is the text of an error, and often bears no word of one.
    """
    if result == "OK":
        return JobState.Successful
    if result in _STOPPED:
        return JobState.Stopped
    if result.startswith("WARNINGS: ") or result in {"", "unknown", "unexpected status"}:
        return JobState.Exception
    return JobState.Failed


def type_of(kind: str) -> JobType | None:
    """Returns the type of the work that a worker or a notification of this kind does; None: it is no job of ours."""
    return _KINDS.get(kind)


def span_of(text: str) -> int:
    """Returns the ticks of a length of time such as `1h 2m 3.5s` or `2min 3s`; 0 if it is none."""
    return int(sum(float(number) * _UNITS[unit] for number, unit in _SPAN.findall(text[:100])) * ticks.PER_SECOND)
