"""Which backup job of a cluster a run of vzdump belongs to, and when each of these jobs runs next. Pure.

A task does not say which job it was, but tells its options.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from jobreport.connectors.base import NextRun
from jobreport.model import ticks
from jobreport.origins.vzdump import options_of, plan_of

_TELLS: Final = ("all", "exclude", "pool", "storage", "dumpdir", "mode", "node")
"""The options that tell one backup job from another, beside its guests."""
_LISTS: Final = ("exclude",)


class BackupJob(msgspec.Struct, frozen=True):
    """A backup job of the cluster: its ID, and what it is told to do. `next` is when it begins next on each node that
    it is for, whatever guests are there (ticks); 0: it does not, or that is not known.
    """

    id: str
    told: tuple[object, ...]
    next: int = 0


def backup_jobs(records: Iterable[dict[str, Any]], *, one_node: bool) -> list[BackupJob]:
    """Returns the backup jobs of a cluster's list of them. `one_node`: it has no other to which guests could move."""
    return [
        BackupJob(str(one["id"]), _told(_list(one.get("vmid")), one), _next(one, one_node=one_node))
        for one in records
        if one.get("id")
    ]


def next_runs(jobs: Sequence[BackupJob]) -> list[NextRun]:
    """Returns when these run next, as far as their runs are known as theirs."""
    alike = Counter(job.told for job in jobs)
    return [NextRun(job.id, job.next) for job in jobs if job.next and alike[job.told] == 1]


def plan_among(jobs: Sequence[BackupJob], command: str) -> tuple[str, bool]:
    """Returns what a run is called that had this command, and whether that is a backup job: the only one that is told
    just this. Otherwise it is called by where it saves to.
    """
    guests, options = options_of(command)
    told = _told(guests, options)
    found = [job.id for job in jobs if job.told == told]
    return (found[0], True) if len(found) == 1 else (plan_of(command), False)


def _told(guests: frozenset[str], options: dict[str, Any]) -> tuple[object, ...]:
    return guests, *(_list(options.get(one)) if one in _LISTS else _word(options.get(one)) for one in _TELLS)


def _next(job: dict[str, Any], *, one_node: bool) -> int:
    """Returns when a job runs next. One for guests by name runs only where these are, which may be elsewhere."""
    seconds = job.get("next-run")
    is_on = _word(job.get("enabled", 1)) and (_word(job.get("all")) or one_node)
    return ticks.UNIX_EPOCH + seconds * ticks.PER_SECOND if is_on and isinstance(seconds, int) else 0


def _list(value: object) -> frozenset[str]:
    return frozenset(str(value or "").replace(",", " ").replace(";", " ").split())


def _word(value: object) -> str:
    """Returns an option as a command line has it. One that is off is as one that is not there."""
    return "" if value in (None, False, 0, "0") else "1" if value is True else str(value)
