"""What the phases of CloudNativePG's backups mean here."""

from typing import Final

from jobreport.model.catalog import JobState

PHASES: Final = {
    "": JobState.NotStarted,
    "pending": JobState.Waiting,
    "started": JobState.InProgress,
    "running": JobState.InProgress,
    "finalizing": JobState.InProgress,
    "walArchivingFailing": JobState.InProgress,  # while it has no end, its operator tries again
    "completed": JobState.Successful,
    "failed": JobState.Failed,
    "invalid backup definition": JobState.Failed,
}
SCHEDULE: Final = "cnpg.io/scheduled-backup"
"""The label that names the ScheduledBackup which made a backup."""
WITHOUT_LOGS: Final = "walArchivingFailing"
"""The phase of a backup whose logs are not archived: with an end, it cannot be relied upon."""
