"""Reads what Backrest's hooks post with our template, which the documentation gives.

The Slack action posts a template that is JSON as it is; the Discord and Gotify actions put it into a text of theirs.
"""

import re
from typing import Final

import msgspec

from jobreport.inbox.report import Reading, ReportedJob, UnreadableError, known
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import before, json_in, text_of, unix_time_of
from jobreport.model.catalog import JobState, JobType
from jobreport.origins.backrest import (
    NOTHING_CHANGED,
    RESTORE,
    SNAPSHOT,
    counts_of,
    made_of,
    reference_of,
    state_of,
    work_of,
)
from jobreport.runner.text import json_object, string
from jobreport.runner.tools.base import Counts

_WHAT: Final = "what a hook of Backrest posts with Jobreport's template"
_WRAPPED: Final = ("content", "message", "text")
_EVENT: Final = re.compile(r"CONDITION_(?:(SNAPSHOT|PRUNE|FORGET|CHECK)_([A-Z]+)|(ANY_ERROR))", re.ASCII)
_PARTIAL: Final = re.compile(r"partial backup, (\d{1,9}) files")
_TASKS: Final = {
    "backup ": SNAPSHOT,
    "prune ": "PRUNE",
    "check ": "CHECK",
    "forget ": "FORGET",
    "scheduled forget ": "FORGET",
    "restore ": RESTORE,
}
_END: Final = "END"
_MICROSECOND: Final = 10
_MILLISECOND: Final = 10_000


class _Stats(msgspec.Struct):
    total_files_processed: int = 0
    total_bytes_processed: int = 0


class _Hook(msgspec.Struct, rename="camel"):
    """`at` is when, and `took` how long, in microseconds."""

    backrest: str
    event: str
    task: str
    repo: str
    repo_guid: str
    plan: str
    at: int
    took: int
    snapshot: str = ""
    stats: _Stats | None = None
    error: str = ""


def read(delivery: Delivery) -> Reading:
    """Returns what a hook says. Raises UnreadableError."""
    hook = json_in(_inner(text_of(delivery)), _Hook, _WHAT)
    event = _EVENT.fullmatch(hook.event)
    if event is None:
        raise UnreadableError(f"event {hook.event[:100]!r} is none of Backrest's, such as CONDITION_SNAPSHOT_SUCCESS")
    name = event[1] or next((name for task, name in _TASKS.items() if hook.task.startswith(task)), "")
    if (work := work_of(name)) is None:
        return Reading(log=f"{hook.task}: {hook.error}")
    state, note = _state(hook, "ERROR" if event[3] else event[2])
    at = unix_time_of(hook.at, _MICROSECOND, "at")
    start = _start(hook, at)
    job = ReportedJob(
        state=state,
        key=f"backrest/{hook.repo_guid}/{hook.plan}/{name}/{start}" if start else "",
        reference=reference_of(hook.repo_guid, hook.plan, name, start),
        made=made_of(hook.repo_guid, hook.snapshot) if name == SNAPSHOT else "",
        start=start,
        finish=at if state.finished else 0,
        # An event that tells only that it ended is never newer than one that tells how.
        observed=(start or at) if event[2] == _END else at,
        type=None if work is JobType.Backup else work,
        plan=hook.plan,
        resource=hook.repo,
        description="" if work is JobType.Backup else name.lower(),
        comments="" if state is JobState.Successful else "\n".join(filter(None, (note, hook.error))),
        counts=_counts(hook, state),
    )
    return Reading(jobs=(job,))


def _state(hook: _Hook, word: str) -> tuple[JobState, str]:
    partial = _PARTIAL.match(hook.error) is not None
    if word == _END:  # it tells that a backup ended, not how
        if hook.error:
            return (JobState.Exception if partial else JobState.Failed), ""
        word = "SUCCESS"
    state, note = known(state_of(word), word)
    if state is JobState.Successful and hook.error:
        return JobState.Exception, "a success with an error"
    if state is JobState.Successful and hook.stats is not None and not hook.snapshot:
        return JobState.Skipped, NOTHING_CHANGED
    return state, note


def _start(hook: _Hook, at: int) -> int:
    """Returns when the operation began, the same in all its events.

    Backrest counts from whole milliseconds, and asks the clock twice for one event: what lies within one millisecond
    is one time.
    """
    start = before(at, hook.took * _MICROSECOND)
    return (start + _MICROSECOND) // _MILLISECOND * _MILLISECOND


def _counts(hook: _Hook, state: JobState) -> Counts | None:
    if not state.finished:
        return None
    partial = _PARTIAL.match(hook.error)
    stats = hook.stats or _Stats()
    return counts_of(state, stats.total_files_processed, stats.total_bytes_processed, int(partial[1]) if partial else 0)


def _inner(text: str) -> str:
    """Returns our document, out of the message of another service if it is in one."""
    outer = json_object(text)
    if outer is None or "backrest" in outer:
        return text
    inner = next((string(outer.get(name)) for name in _WRAPPED if string(outer.get(name))), "")
    if inner and "{" not in inner:
        raise UnreadableError(f"the message is Backrest's own summary, not {_WHAT}: paste the template into the hook")
    return inner[inner.find("{") :] if inner else text
