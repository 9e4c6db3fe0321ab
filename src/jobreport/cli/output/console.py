"""Standard output for people: colours only on a terminal, and one style for each state of a job."""

from typing import Final

from rich.console import Console

from jobreport import settings
from jobreport.model.catalog import JobState

STYLES: Final = {
    JobState.NotStarted: "grey50",
    JobState.InProgress: "dodger_blue2",
    JobState.Successful: "green4",
    JobState.Skipped: "grey50",
    JobState.Exception: "dark_orange3",
    JobState.Failed: "bold red3",
    JobState.Waiting: "slate_blue3",
    JobState.Stopped: "magenta3",
}
"""Colours that can be read on a dark terminal and on a light one. The state is always written out besides."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raises the error of any other output whose reader is gone. The library would end the program with 1."""
        raise BrokenPipeError


def console() -> Console:
    """Returns standard output, as wide as the terminal. If it is no terminal, 200 characters wide, or as COLUMNS says:
    a mail is read in a narrow window.
    """
    found = _Console(highlight=False, markup=False)
    return found if found.is_terminal else _Console(highlight=False, markup=False, width=settings.columns() or 200)
