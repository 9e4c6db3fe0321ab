"""Says how a run ended: by the ping itself, and by the tool's output in its body, read as the runner reads it.

A success that the output contradicts is none; and a body can never make a success of a failure.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.inbox.pings.body import Body
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.tool import FAILED
from jobreport.inbox.pings.tool_runs import ToolRun
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal
from jobreport.runner.tools.base import Counts, Outcome, Reader
from jobreport.runner.tools.reading import LineReader, bounded, one_object

_GOOD: Final = frozenset({JobState.Successful, JobState.Skipped})
_CUT: Final = "the output could not be read to its end"
_SENT: Final = frozenset({"POST", "PUT"})


def outcome_of(ping: Ping, body: Body, method: str) -> Outcome:
    """Returns how the run ended that this ping ends."""
    failed = ping.signal is Signal.FAIL
    if not body.runs or (not body.last and method not in _SENT):
        found = _plain(ping, body, failed)
        return _doubtful(found, _CUT, body) if body.cut and found.state in _GOOD else found
    alone = len(body.runs) == 1
    # Of several runs nobody knows which one the exit status is of.
    proven = alone and ping.exit_status is not None
    try:
        outcomes = [run.reader.outcome(_status(ping, run, failed) if alone else 0) for run in body.runs]
    except Exception as error:  # noqa: BLE001 - a reading that fails must not lose the report
        return _plain(ping, body, failed, f"its output could not be read: {type(error).__name__}")
    found = outcomes[0] if alone else _together(body.runs, outcomes)
    if found.state not in _GOOD:
        return _with_message(found, ping)
    if failed and not (proven and body.runs[0].named):
        # What an exit status means to a tool counts only if it is known that the tool ended with it.
        words = f"the sender reported a failure, though {body.tools} tells of none"
    elif doubt := "" if failed else next(filter(None, (_doubt(run, proven=proven) for run in body.runs)), ""):
        words = doubt
    elif not proven and (told := _telling(body.runs)):
        words = f"{told} tells of errors, and counts none"
    elif not failed and ping.counts is not None and ping.counts.failed:
        words = f"the sender counts {ping.counts.failed:,} that failed"
    elif not failed and body.killed:
        words = f"a program in it ended with the signal {body.killed}"
    elif body.cut:
        words = _CUT
    else:
        return _with_message(found, ping)
    return _doubtful(found, words, body)


def _status(ping: Ping, run: ToolRun, failed: bool) -> int:
    if ping.exit_status is not None:
        return ping.exit_status
    return FAILED.get(run.tool.name, 1) if failed else 0


def _doubt(run: ToolRun, *, proven: bool) -> str:
    """Returns why nothing proves the success of a run; empty if something does. `proven`: its exit status is known."""
    name = run.tool.name
    if run.counts and not _shows_work(run.reader):
        return f"the body shows no work of {name}: nothing proves that it did any"
    if run.unended and (run.always or not proven):
        return f"the output of {name} ends before its summary: nothing proves that it was finished"
    return ""


def _together(runs: Sequence[ToolRun], outcomes: Sequence[Outcome]) -> Outcome:
    """Returns the outcome of several runs in one body: the worst, with what all of them count. Exception, where some
    saved something and others did not.
    """
    states = {one.state for one in outcomes}
    sums = {name: sum(getattr(one.counts, name) for one in outcomes) for name in Counts.__struct_fields__}
    counts = bounded(**sums)
    if states <= _GOOD:
        state = JobState.Successful if JobState.Successful in states else JobState.Skipped
    elif len(states) == 1:
        (state,) = states
    else:
        state = JobState.Exception if counts.successful or not counts.failed else JobState.Failed
    told = [
        (one.state in _GOOD, f"{run.tool.name}: {one.comments}")
        for run, one in zip(runs, outcomes, strict=True)
        if one.comments
    ]
    return Outcome(
        state=state,
        counts=counts,
        comments="\n".join(words for _, words in sorted(told, key=lambda pair: pair[0])),
        cause=next((one.cause for one in outcomes if one.cause), ""),
    )


def _shows_work(reader: Reader) -> bool:
    counts = reader.counts()
    return any((counts.failed, counts.successful, counts.skipped, counts.size))


def _telling(runs: Sequence[ToolRun]) -> str:
    """Returns the tool that told of errors, and counted none that failed. A pipe loses its exit status."""
    for run in runs:
        reader = run.reader
        if isinstance(reader, LineReader) and reader.errors.text() and not reader.counts().failed:
            return run.tool.name
    return ""


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
