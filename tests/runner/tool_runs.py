"""What a tool's reader makes of a run that was captured, or that is made now."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from jobreport.model.catalog import JobState
from jobreport.runner.text import MAX_COMMENTS
from jobreport.runner.tools.base import Counts, Outcome, Reader, StdoutUse
from jobreport.runner.tools.known import recognise
from jobreport.runner.tools.stdout import stdout_use
from serving import PATIENCE

INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1

Case = tuple[str, int, str, str, str, tuple[int, int, int, int], int, str]
"""A run and what it is: command, exit code, stdout, stderr; state, (failed, successful, skipped, total), bytes, and
words of the comments."""


def feed(reader: Reader, stdout: str, stderr: str) -> Reader:
    """`reader` after both streams; its counts are looked at after each line, as the runner does while it runs."""
    for stream, text in (("stdout", stdout), ("stderr", stderr)):
        for line in text.split("\n"):
            reader.line(stream, line)
            assert_valid(reader.counts())
    return reader


def read(argv: Sequence[str], exit_code: int, stdout: str = "", stderr: str = "") -> Outcome:
    """The outcome of a run that printed this, by the tool that its command is recognised as."""
    tool = recognise(argv)
    messages = "" if stdout_use(tool, argv) is StdoutUse.DATA else stdout
    outcome = feed(tool.reader(argv), messages, stderr).outcome(exit_code)
    assert_lawful(outcome)
    return outcome


def assert_read_as(case: Case) -> None:
    """The run of `case` is read as the case says."""
    command, exit_code, stdout, stderr, state, numbers, size, words = case
    outcome = read(command.split(), exit_code, stdout, stderr)
    counts = outcome.counts
    assert outcome.state is JobState[state]
    assert (counts.failed, counts.successful, counts.skipped, counts.total) == numbers
    assert counts.size == size
    assert words in outcome.comments


def run(argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Outcome:
    """The outcome of really running `argv` in `folder`."""
    done = subprocess.run(
        argv,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C", **(env or {})},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE,
        check=False,
    )
    return read(argv, done.returncode, done.stdout, done.stderr)


def assert_valid(counts: Counts) -> None:
    """The integers of the contract, and a total that holds all the others."""
    for number in (counts.failed, counts.successful, counts.skipped, counts.total):
        assert 0 <= number <= INT32_MAX
    assert counts.total >= counts.failed + counts.successful + counts.skipped
    assert 0 <= counts.size <= INT64_MAX


def assert_lawful(outcome: Outcome) -> None:
    """What the server refuses otherwise, and what a state means."""
    assert outcome.state.finished
    assert_valid(outcome.counts)
    assert len(outcome.comments) <= MAX_COMMENTS
    outcome.comments.encode()  # half of a surrogate pair could not be
    assert "\0" not in outcome.comments
    if outcome.state is JobState.Successful:
        assert outcome.counts.failed == 0
    if outcome.state is JobState.Failed:
        assert outcome.counts.successful == 0
        assert outcome.counts.failed > 0
    if outcome.state in {JobState.Failed, JobState.Exception}:
        assert outcome.comments
