"""What the statuses of barman's backups mean here."""

from typing import Final

from jobreport.model.catalog import JobState

STATUSES: Final = {
    "EMPTY": JobState.NotStarted,
    "STARTED": JobState.InProgress,
    "SYNCING": JobState.InProgress,
    "WAITING_FOR_WALS": JobState.InProgress,  # copied, but not all is there yet with which it can be restored
    "DONE": JobState.Successful,
    "FAILED": JobState.Failed,
}
WORKERS: Final = {"STARTED": "backup", "SYNCING": "sync-backup"}
"""The process of barman's that a backup in this status must have: killed, it leaves the status as it is."""
