"""What the states of Longhorn's backups and system backups mean here."""

from typing import Final

from jobreport.model.catalog import JobState

BACKUPS: Final = {
    "": JobState.NotStarted,
    "Pending": JobState.Waiting,
    "InProgress": JobState.InProgress,
    "Completed": JobState.Successful,
    "Error": JobState.Failed,
    "Unknown": JobState.Exception,
}
SYSTEM_BACKUPS: Final = {
    "": JobState.NotStarted,
    "CreatingVolumeBackups": JobState.InProgress,
    "CreatingBackingImageBackups": JobState.InProgress,
    "Generating": JobState.InProgress,
    "Uploading": JobState.InProgress,
    "Syncing": JobState.InProgress,
    "Ready": JobState.Successful,
    "Error": JobState.Failed,
}
DELETING: Final = "Deleting"
"""The state that says nothing of how a backup ended, since it took the place of the one that did."""
RECURRING: Final = "RecurringJob"
"""The label that names the recurring job which made a backup."""
TARGET: Final = "backup-target"
"""The label that names the backup target in which a backup is."""
DEFAULT_TARGET: Final = "default"
"""The name of the target that each installation has."""


def place_of(url: str) -> str:
    """Returns the name of a backup target that is the same in all clusters that share it: its URL without options."""
    return url.partition("?")[0].rstrip("/")
