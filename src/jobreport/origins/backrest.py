"""What Backrest's words for its work mean here."""

from typing import Final

from jobreport.model.catalog import JobState, JobType

_STATES: Final = {
    "START": JobState.InProgress,
    "SUCCESS": JobState.Successful,
    "WARNING": JobState.Exception,
    "ERROR": JobState.Failed,
    "SKIPPED": JobState.Skipped,
}
_WORK: Final = {
    "SNAPSHOT": JobType.Backup,
    "PRUNE": JobType.Retention,
    "FORGET": JobType.Retention,
    "CHECK": JobType.Report,
}


def work_of(word: str) -> JobType | None:
    """Returns the type of a job by the work's name in an event, such as SNAPSHOT; None: it is no job of ours."""
    return _WORK.get(word)


def state_of(word: str) -> JobState | None:
    """Returns what the last word of an event means, such as SUCCESS; None if it is not known."""
    return _STATES.get(word)
