"""Which backup job of a cluster a run of vzdump belongs to: its task does not say, but tells its options. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from jobreport.origins.vzdump import options_of, plan_of

_TELLS: Final = ("all", "exclude", "pool", "storage", "dumpdir", "mode", "node")
"""The options that tell one backup job from another, beside its guests."""
_LISTS: Final = ("exclude",)


class BackupJob(msgspec.Struct, frozen=True):
    """A backup job of the cluster: its ID, and what it is told to do."""

    id: str
    told: tuple[object, ...]


def backup_jobs(records: Iterable[dict[str, Any]]) -> list[BackupJob]:
    """Returns the backup jobs of a cluster's list of them."""
    return [BackupJob(str(one["id"]), _told(_list(one.get("vmid")), one)) for one in records if one.get("id")]


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


def _list(value: object) -> frozenset[str]:
    return frozenset(str(value or "").replace(",", " ").replace(";", " ").split())


def _word(value: object) -> str:
    """Returns an option as a command line has it. One that is off is as one that is not there."""
    return "" if value in (None, False, 0, "0") else "1" if value is True else str(value)
