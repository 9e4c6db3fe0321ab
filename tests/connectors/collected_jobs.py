"""What a test's store has."""

from typing import Protocol

from jobreport.model.job import Job


class Jobs(Protocol):
    """Returns the jobs that are stored, the oldest first."""

    def __call__(self) -> list[Job]: ...
