"""The base of all tools' readings: splits lines, keeps the last lines for the comments, applies the rules of a job.

An exit code of 0 proves nothing: behind a pipe it is that of another program. So if a reading saw its tool give up
(`gave_up`) or fail at an object, the job is never Successful.
"""

from collections.abc import Sequence
from typing import Final

from jobreport.model.catalog import NOT_GOOD, JobState
from jobreport.model.job import INT32_MAX, INT64_MAX, TEXT_LIMITS
from jobreport.runner.command_lines.wrapper_words import is_aside, is_their_word
from jobreport.runner.command_lines.wrappers import SHELLS, wrappers
from jobreport.runner.redact import redact
from jobreport.runner.text import MAX_COMMENTS, Tail, clean, json_value, shorten
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject

_INTERRUPTED: Final = frozenset({128 + 1, 128 + 2, 128 + 15})  # SIGHUP, SIGINT, SIGTERM, as a shell tells them
NO_MESSAGE: Final = ", and no message"
"""How the last words end of a tool that said nothing."""
_TIMED_OUT: Final = 124
"""The exit code of `timeout`, if the time is over."""
_MAX_PLAIN: Final = 4_500
"""Characters of a plain line that are looked at: a path's longest and a sentence, so that patterns stay quick."""


class LineReader:
    """Splits text that was overwritten on a terminal into separate lines, and keeps the last lines of both streams.

    A tool's reader overrides `read` and `counts`, and makes its `outcome` with `conclude`.
    """

    keeps_json = False
    """Whether a line of JSON is kept as last words too; a reader that understands it tells it in words."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.errors = Tail()
        self.gave_up = False
        """Whether the tool said that it failed as a whole, whatever exit code comes through."""
        self._wrappers = wrappers(argv)
        self._heard = self._theirs = False
        self.masked = not SHELLS.isdisjoint(self._wrappers)
        """Whether the exit code may be another program's, as behind a pipe."""
        self._spoken = {"stdout": Tail(), "stderr": Tail()}

    def line(self, stream: Stream, text: str) -> None:
        """Takes one line of output, without its line end."""
        for part in text.split("\r") if "\r" in text else (text,):
            if part and not part.isspace():
                if len(part) > _MAX_PLAIN and json_value(part) is None:
                    part = part[:_MAX_PLAIN]
                self._part(stream, part)

    def _part(self, stream: Stream, text: str) -> None:
        if self._wrappers:
            if is_aside(text, self._wrappers):
                return
            self._theirs = is_their_word(text, self._wrappers)
            self._heard |= not self._theirs
        if self.keeps_json or not text.lstrip().startswith(("{", "[{")):
            self._spoken[stream].add(text)
        if not self._theirs:
            self.read(stream, text)

    def is_a_wrappers(self, exit_code: int) -> bool:
        """Returns whether an exit code comes from a wrapper and not from the tool: `timeout` ends with 124, `nice` and
        a shell with 127 if there is no such program, `sudo` with 1. A tool that printed nothing never ran.
        """
        if not self._wrappers:
            return False
        return 124 <= exit_code <= 127 or (exit_code == 1 and (self._theirs or not self._heard))

    def read(self, stream: Stream, text: str) -> None:
        """Takes one line that is not blank."""

    def last_words(self, exit_code: int) -> str:
        """Returns the last error lines. If the tool marked none, its last lines; if it printed
        nothing, its exit code.
        """
        texts = (self.errors, self._spoken["stderr"], self._spoken["stdout"])
        return next(filter(None, (tail.text() for tail in texts)), f"exit code {exit_code}{NO_MESSAGE}")

    def last_line(self) -> str:
        """Returns the last line on stdout, cut to the length of a summary."""
        return shorten(self._spoken["stdout"].text().rpartition("\n")[2], 200)

    def conclude(
        self, exit_code: int, state: JobState, counts: Counts | None, summary: str = "", *, cause: str = ""
    ) -> Outcome:
        """Returns the outcome for `state`. `counts` is None if the tool printed none; then the command is the one
        object. `cause` is what the tool's exit code says of a job that is not good.

        Keeps the rules: a job is Successful only if no object failed and the tool did not give up, and Failed only if
        no object succeeded.
        """
        never_ran = self.masked and self._theirs and not self._heard
        if state is JobState.Successful and (self.gave_up or never_ran):
            state = JobState.Exception if counts is not None and counts.successful else JobState.Failed
        counts = one_object(state) if counts is None else counts
        if state is JobState.Successful and counts.failed:
            state = JobState.Exception
        if state is JobState.Failed:
            counts = bounded(failed=max(1, counts.failed), skipped=counts.skipped, total=counts.total, size=counts.size)
        elif state is JobState.Skipped and not (counts.successful or counts.skipped or counts.failed):
            counts = bounded(skipped=1, size=counts.size)
        if state in {JobState.Successful, JobState.Skipped}:
            comments = shorten(redact(clean(summary)), MAX_COMMENTS)
        else:
            comments = self.last_words(exit_code)
        if self.is_a_wrappers(exit_code):
            cause = "timed-out" if exit_code == _TIMED_OUT and "timeout" in self._wrappers else ""
        return Outcome(state=state, counts=counts, comments=comments, cause=cause if state in NOT_GOOD else "")


def partly(counts: Counts | None) -> JobState:
    """Returns Exception, or Failed if it is known that no object succeeded and some failed."""
    nothing = counts is not None and not counts.successful and counts.failed > 0
    return JobState.Failed if nothing else JobState.Exception


def by_signal(exit_code: int) -> JobState:
    """Returns the state for an exit code that is 128 plus the number of a signal."""
    return JobState.Stopped if exit_code in _INTERRUPTED else JobState.Failed


def bounded(*, failed: int = 0, successful: int = 0, skipped: int = 0, total: int = 0, size: int = 0) -> Counts:
    """Returns counts limited to the contract's integers; `total` is at least the sum of the others."""
    failed = min(max(failed, 0), INT32_MAX)
    skipped = min(max(skipped, 0), INT32_MAX - failed)
    successful = min(max(successful, 0), INT32_MAX - failed - skipped)
    return Counts(
        failed=failed,
        successful=successful,
        skipped=skipped,
        total=min(max(total, failed + successful + skipped), INT32_MAX),
        size=min(max(size, 0), INT64_MAX),
    )


def subject(subject: Subject) -> Subject:
    """Returns `subject` with its texts cleaned, redacted once more as a whole, and cut to the lengths that a job
    allows.
    """
    return Subject(
        service=subject.service,
        type=subject.type,
        description=shorten(redact(clean(subject.description)), TEXT_LIMITS["description"]),
        resource=shorten(redact(clean(subject.resource)), TEXT_LIMITS["resource"]),
    )


def one_object(state: JobState, size: int = 0) -> Counts:
    """Returns the counts of one object of so many bytes, whose result is the job's state."""
    return bounded(
        failed=int(state in {JobState.Failed, JobState.Exception}),
        successful=int(state is JobState.Successful),
        skipped=int(state is JobState.Skipped),
        total=1,
        size=size,
    )
