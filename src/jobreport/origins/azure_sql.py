"""What the operations of Azure SQL mean here, and which of them restore."""

import re
from collections.abc import Iterable
from typing import Final

from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType

STATES: Final = {
    "pending": JobState.Waiting,
    "inprogress": JobState.InProgress,
    "cancelinprogress": JobState.InProgress,
    "succeeded": JobState.Successful,
    "failed": JobState.Failed,
    "cancelled": JobState.Stopped,
}
"""By a state in lower case."""
BRINGS: Final[Brings] = brings(
    (ServiceType.AzureSQL, JobType.SQLBackup),
    (ServiceType.AzureSQL, JobType.SQLRestore),
)
_MODES: Final = {"pointintimerestore", "restore", "restorelongtermretentionbackup", "recovery"}
_NAMED: Final = re.compile(r"\b(?:restor|recover)", re.IGNORECASE)


def restores(mode: str, names: Iterable[str]) -> bool:
    """Whether an operation on a database restores it: by the mode in which it is made, or, where that is not told, by
    the operation's names. To create, scale or move a database is no job.
    """
    if mode:
        return mode.casefold() in _MODES
    return any(_NAMED.search(name) for name in names)
