"""What the log of a task says of damage in a datastore, which its result does not say. Pure.

A garbage collection that found bad chunks is OK, and a verification that found damaged snapshots only says that there
are some.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from jobreport.connectors.kinds.proxmox.records import Task

_VERIFIED: Final = ("verificationjob", "verify", "verify_group", "verify_snapshot")
_DAMAGED: Final = "verification failed - please check"
_LIST: Final = "Failed to verify the following"
_COLLECTS: Final = "garbage_collection"
_CHUNKS: Final = ("Removed bad chunks: ", "Leftover bad chunks: ")
_SHOWN: Final = 20
_LONGEST: Final = 2_000


class Damage(msgspec.Struct):
    """How many snapshots and groups were found damaged, and what is told of them and of chunks."""

    number: int = 0
    told: list[str] = []


def is_told_by_its_log(task: Task) -> bool:
    """Whether the log of a task says more of damage than its result."""
    if task.result is None:
        return False
    return task.kind == _COLLECTS or (task.kind in _VERIFIED and task.result.startswith(_DAMAGED))


def damage_in(lines: Iterable[str]) -> Damage:
    """Returns what a log tells of damage. Each of its lines begins with its time."""
    found, is_list = Damage(), False
    for line in lines:
        _, _, text = line[:_LONGEST].partition(": ")
        if is_list and text.startswith("\t"):
            found.number += 1
            found.told += [text.strip()] if found.number <= _SHOWN else []
            continue
        is_list = text.startswith(_LIST)
        if text.startswith(_CHUNKS):
            found.told.append(text)
    return found
