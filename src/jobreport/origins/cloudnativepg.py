"""What the phases of CloudNativePG's backups mean here."""

from typing import Final

from jobreport.model.catalog import JobState

PHASES: Final = {
    "": JobState.NotStarted,
    "pending": JobState.Waiting,
    "started": JobState.InProgress,
    "running": JobState.InProgress,
    "finalizing": JobState.InProgress,
    "walArchivingFailing": JobState.InProgress,  # its operator tries again
    "completed": JobState.Successful,
    "failed": JobState.Failed,
    "invalid backup definition": JobState.Failed,
}
SCHEDULE: Final = "cnpg.io/scheduled-backup"
"""The label that names the ScheduledBackup which made a backup."""
