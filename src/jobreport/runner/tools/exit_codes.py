"""Lets the user say what a command's exit codes mean, if its tool's reading, or no tool, knows them."""

from collections.abc import Sequence, Set

from jobreport.model.catalog import JobState
from jobreport.runner.tools.base import Counts, Outcome, Reader, Stream, Subject, Tool
from jobreport.runner.tools.reading import one_object


class WithExitCodes:
    """`tool` with other exit codes: `success` codes mean a success, as 0 does, and `warning` codes an end with errors.

    The tool's output still counts: if it reported a failed object, a success code does not mean a success.
    """

    def __init__(self, tool: Tool, success: Set[int], warning: Set[int]) -> None:
        self.name, self.brings = tool.name, tool.brings
        self._tool = tool
        self._success, self._warning = success, warning

    def subject(self, argv: Sequence[str]) -> Subject:
        """Returns the tool's subject."""
        return self._tool.subject(argv)

    def reader(self, argv: Sequence[str]) -> "ReaderWithExitCodes":
        """Returns a fresh reader for one run of the command."""
        return ReaderWithExitCodes(self._tool.reader(argv), self._success, self._warning)


class ReaderWithExitCodes:
    """A tool's reader in which exit codes mean what the user said."""

    def __init__(self, reader: Reader, success: Set[int], warning: Set[int]) -> None:
        self._reader = reader
        self._success, self._warning = success, warning

    def line(self, stream: Stream, text: str) -> None:
        """Takes one line of output, without its line end."""
        self._reader.line(stream, text)

    def counts(self) -> Counts:
        """Returns the counts so far."""
        return self._reader.counts()

    def outcome(self, exit_code: int) -> Outcome:
        """Returns the outcome by output and exit code."""
        if exit_code in self._success:
            return self._reader.outcome(0)
        outcome = self._reader.outcome(exit_code)
        if exit_code not in self._warning or outcome.state is JobState.Exception:
            return outcome
        counts = self._reader.counts()
        told = counts.failed or counts.successful or counts.skipped
        # A success has no words of its own on what went wrong.
        comments = outcome.comments if outcome.state is not JobState.Successful else f"exit code {exit_code}"
        return Outcome(
            state=JobState.Exception, counts=counts if told else one_object(JobState.Exception), comments=comments
        )
