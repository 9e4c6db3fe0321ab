"""Reads what our script posts at the end of a job of Veeam Backup & Replication; the documentation has the script."""

import msgspec

from jobreport.inbox.report import Reading, ReportedJob
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import json_of, time_of
from jobreport.model.catalog import JobState
from jobreport.origins.veeam import codes_of, copies, reference_of, state_of
from jobreport.runner.text import MAX_COMMENTS, shorten
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object


class _Object(msgspec.Struct, rename="camel"):
    name: str
    result: str
    reason: str | None = None


class _Session(msgspec.Struct, rename="camel"):
    session: str
    job: str
    state: str
    result: str
    server: str
    started: str
    ended: str | None = None
    kind: str = ""
    cancelled: bool = False
    message: str | None = None
    size: int = 0
    objects: list[_Object] = []


def read(delivery: Delivery) -> Reading:
    """Returns what a session says. Raises UnreadableError."""
    session = json_of(delivery, _Session, "what Jobreport's script for Veeam posts")
    start, end = time_of(session.started, "started"), time_of(session.ended, "ended")
    state, note = _state(session)
    service, kind = codes_of(session.kind)
    lost = [f"{one.name}: {one.result} {one.reason or ''}".rstrip() for one in session.objects if not _good(one)]
    told = [*filter(None, (note, session.message)), *lost]
    job = ReportedJob(
        state=state,
        key=f"veeam/{session.server}/{session.session}",
        reference=reference_of(session.session),
        start=start,
        finish=max(start, end) if state.finished else 0,
        observed=end if state.finished else 0,
        service=service,
        type=kind,
        plan=session.job,
        resource=session.objects[0].name if len(session.objects) == 1 else session.server,
        description=f"copy: {session.kind}" if copies(session.kind) else session.kind,
        comments="" if state is JobState.Successful else shorten("\n".join(told), MAX_COMMENTS),
        counts=_counts(state, session),
    )
    return Reading(jobs=(job,))


def _good(one: _Object) -> bool:
    return one.result.casefold() == "success"


def _warned(one: _Object) -> bool:
    return one.result.casefold() == "warning"


def _state(session: _Session) -> tuple[JobState, str]:
    state = state_of(session.state, session.result, cancelled=session.cancelled)
    if state is None:
        return JobState.Exception, f"unknown state {session.state[:100]!r}, result {session.result[:100]!r}"
    if state is JobState.Successful and not all(map(_good, session.objects)):
        return JobState.Exception, "a success with objects that were not one"
    if state is JobState.Failed and any(_good(one) or _warned(one) for one in session.objects):
        return JobState.Exception, ""
    return state, ""


def _counts(state: JobState, session: _Session) -> Counts | None:
    if not state.finished:
        return None
    if not session.objects:
        return one_object(state)
    saved = sum(_good(one) or _warned(one) for one in session.objects)
    failed = len(session.objects) - saved
    return bounded(failed=max(failed, int(state is JobState.Failed)), successful=saved, size=session.size)
