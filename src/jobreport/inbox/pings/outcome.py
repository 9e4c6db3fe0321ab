"""Says how a run ended: by the ping itself, and by the tool's output in its body, read as the runner reads it.

A success that the output contradicts is none; and a body can never make a success of a failure.
"""

from typing import Final

import msgspec

from jobreport.inbox.pings.body import Body
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.tool import FAILED
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal
from jobreport.runner.tools.base import Counts, Outcome, Reader
from jobreport.runner.tools.reading import LineReader, one_object

_GOOD: Final = frozenset({JobState.Successful, JobState.Skipped})
_SENT: Final = frozenset({"POST", "PUT"})


def outcome_of(ping: Ping, body: Body, method: str) -> Outcome:
    """Returns how the run ended that this ping ends."""
    failed = ping.signal is Signal.FAIL
    if body.tool is None or body.reader is None or (not body.last and method not in _SENT):
        return _plain(ping, body, failed)
    status = ping.exit_status
    if status is None:
        status = FAILED.get(body.tool.name, 1) if failed else 0
    try:
        found = body.reader.outcome(status)
    except Exception as error:  # noqa: BLE001 - a reading that fails must not lose the report
        return _plain(ping, body, failed, f"its output could not be read: {type(error).__name__}")
    if found.state not in _GOOD:
        return _with_message(found, ping)
    if failed and (ping.exit_status is None or not body.named):
        # What an exit status means to a tool counts only if it is known that the tool ended with it.
        words = f"the sender reported a failure, though {body.tool.name} tells of none"
    elif not failed and body.counts and not _shows_work(body.reader):
        words = f"the body shows no work of {body.tool.name}: nothing proves that it did any"
    elif not failed and not body.ended:
        words = f"the output of {body.tool.name} ends before its summary: nothing proves that it was finished"
    elif ping.exit_status is None and _uncounted_errors(body.reader):
        words = f"{body.tool.name} tells of errors, and counts none"
    elif not failed and ping.counts is not None and ping.counts.failed:
        words = f"the sender counts {ping.counts.failed:,} that failed"
    elif body.cut:
        words = "the output was too long to be read to its end"
    else:
        return _with_message(found, ping)
    return _doubtful(found, words, body)


def _shows_work(reader: Reader) -> bool:
    counts = reader.counts()
    return any((counts.failed, counts.successful, counts.skipped, counts.size))


def _uncounted_errors(reader: Reader) -> bool:
    """Returns whether a tool told of errors, and counted none that failed. A pipe loses its exit status."""
    return isinstance(reader, LineReader) and bool(reader.errors.text()) and not reader.counts().failed


def _doubtful(found: Outcome, words: str, body: Body) -> Outcome:
    comments = "\n".join(filter(None, (words, body.last)))
    return Outcome(state=JobState.Exception, counts=found.counts, comments=comments)


def _plain(ping: Ping, body: Body, failed: bool, note: str = "") -> Outcome:
    """Returns the outcome that the ping alone tells, with what it counts itself."""
    state = JobState.Failed if failed else JobState.Successful
    counts = ping.counts or one_object(state)
    if counts.failed and not failed:
        state = JobState.Exception
    if failed:
        counts = Counts(failed=max(1, counts.failed), total=max(1, counts.total, counts.failed))
        status = f"exit status {ping.exit_status}" if ping.exit_status else ""
        note = "\n".join(filter(None, (note, status)))
        if not (note or ping.message or body.last):
            note = "the sender reported a failure"
    return Outcome(state=state, counts=counts, comments="\n".join(filter(None, (note, ping.message, body.last))))


def _with_message(found: Outcome, ping: Ping) -> Outcome:
    if not ping.message:
        return found
    return msgspec.structs.replace(found, comments="\n".join(filter(None, (ping.message, found.comments))))
