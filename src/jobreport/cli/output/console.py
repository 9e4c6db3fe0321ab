"""Standard output for people: colours only on a terminal, and one style for each state of a job."""

from typing import Final

from rich.console import Console

from jobreport.model.catalog import JobState

STYLES: Final = {
    JobState.NotStarted: "dim",
    JobState.InProgress: "cyan",
    JobState.Successful: "green",
    JobState.Skipped: "dim",
    JobState.Exception: "yellow",
    JobState.Failed: "bold red",
    JobState.Waiting: "blue",
    JobState.Stopped: "magenta",
}


def console() -> Console:
    """Returns standard output, as wide as the terminal, or 200 characters wide if it is no terminal."""
    found = Console(highlight=False, soft_wrap=False)
    return found if found.is_terminal else Console(highlight=False, width=200)
