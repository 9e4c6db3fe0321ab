"""Decides what a ping does to the jobs of its inbox: which run it begins, continues or ends.

Each run is a job. If pings name their run (`rid`), the job's ID is made from that name, so a repeated ping finds its
run again. Otherwise runs follow one another, and an end belongs to the newest run that has begun.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from jobreport.inbox.naming import ORIGIN, app_of, job_id
from jobreport.inbox.pings.body import LIMIT, Body
from jobreport.inbox.pings.outcome import outcome_of
from jobreport.inbox.pings.ping import Ping
from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, JobState
from jobreport.model.job import COUNTS, MAX_RAW, SILENT_INTERVALS, TEXT_LIMITS, Job, shorten
from jobreport.model.ping import Settled, Signal
from jobreport.model.stored_job import StoredJob, presume_failed, presume_started_again
from jobreport.runner.redact import redact_long
from jobreport.runner.text import child, clean, json_object, string
from jobreport.runner.tools.base import Outcome
from jobreport.store.registry.inboxes import Inbox

_LATE: Final = 60 * ticks.PER_SECOND
"""So much later an end may come than the longest time says (ticks): a sender tries again, and clocks differ."""
SAME_WITHIN: Final = 60 * ticks.PER_SECOND
"""An end without a run's name that says the same as the one before, within this time (ticks), was delivered twice."""
LONGEST: Final = 72 * 3600 * ticks.PER_SECOND
"""How long a run took at most (ticks), by the sender's own word."""
_EARLIER: Final = ("start", "log")
"""Texts in the record of a run that came before its end."""
_MOST_ABOUT: Final = 200


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A ping with its body, at `at` (ticks), without the secrets that are recognised in its texts. `fresh` makes the ID
    of a run that it begins.
    """

    ping: Ping
    body: Body
    method: str
    at: int
    fresh: Callable[[], str]


def arrival_of(ping: Ping, body: Body, *, method: str, at: int, fresh: Callable[[], str]) -> Arrival:
    """Returns the arrival of a ping and its body."""
    if ping.message or ping.about:
        about = {name: redact_long(clean(value))[:_MOST_ABOUT] for name, value in ping.about.items()}
        ping = msgspec.structs.replace(ping, message=redact_long(clean(ping.message)), about=about)
    return Arrival(ping=ping, body=body, method=method, at=at, fresh=fresh)


def job_id_of(inbox: Inbox, run: str) -> str:
    """Returns the ID of the job of a run that its pings name; empty if they name none."""
    return job_id("ping", inbox, run) if run else ""


def settle(inbox: Inbox, arrival: Arrival, stored: StoredJob | None, now: int) -> Settled:
    """Returns what a ping does. `stored` is the job of its run, or of the newest run if it names none; None if there is
    none. `now` is the time of receipt, in ticks.
    """
    match arrival.ping.signal:
        case Signal.START:
            return _start(inbox, arrival, stored, now)
        case Signal.LOG:
            return _log(arrival, stored, now)
    return _end(inbox, arrival, stored, now)


def _start(inbox: Inbox, arrival: Arrival, stored: StoredJob | None, now: int) -> Settled:
    run = arrival.ping.run
    if run and stored:
        return Settled(started=True)  # delivered twice, or late: it began before
    job = _new(inbox, arrival, arrival.at).evolve(
        state=JobState.InProgress,
        comments=_comments(arrival.ping.message, arrival.body.last),
        heartbeat=-(-inbox.longest // SILENT_INTERVALS),
        raw=_raw(arrival, {}),
    )
    began = StoredJob(job=job, received=now, heard=now, app=app_of(inbox))
    if run:
        return Settled((began,), started=True)
    left = (presume_started_again(stored),) if stored and not stored.job.state.finished else ()
    return Settled((*left, began), run=job.job_id, started=True)


def _end(inbox: Inbox, arrival: Arrival, stored: StoredJob | None, now: int) -> Settled:
    run = arrival.ping.run
    outcome = outcome_of(arrival.ping, arrival.body, arrival.method)
    before = json_object(stored.job.raw) if stored else None
    if stored and (run or _is_open(inbox, stored, arrival.at)):
        # The correction of an end that its ping names, or the end of what began.
        finish = max(arrival.at, stored.job.start)
        ended = _ended(stored.job, outcome, finish, _raw(arrival, before or {}))
        if stored.job.state.finished and ended.evolve(finish=stored.job.finish, observed=0) == stored.job.evolve(
            observed=0
        ):
            return Settled()  # delivered twice
        return Settled((_heard(stored, ended, now),))
    raw = _raw(arrival, {})
    if (
        stored
        and arrival.body.text
        and _said(stored.job.raw) == _said(raw)
        and abs(arrival.at - stored.job.finish) <= SAME_WITHIN
    ):
        return Settled()  # delivered twice
    start = arrival.at - min(arrival.ping.length or 0, LONGEST)
    job = _ended(_new(inbox, arrival, start), outcome, arrival.at, raw)
    new = StoredJob(job=job, received=now, heard=now, app=app_of(inbox))
    left = (presume_failed(stored),) if stored and not stored.job.state.finished else ()
    return Settled((*left, new), run="" if run else job.job_id, unstarted=True)


def _said(raw: str) -> object:
    """Returns what an end said, however it was sent and whatever else its run was told: a retry may differ in these."""
    record = dict(json_object(raw) or {})
    for name in _EARLIER:
        record.pop(name, None)
    record["ping"] = {name: value for name, value in child(record, "ping").items() if name != "method"}
    return record


def _log(arrival: Arrival, stored: StoredJob | None, now: int) -> Settled:
    text = _comments(arrival.ping.message, arrival.body.last)
    if stored is None or stored.job.state.finished:
        return Settled(log=text)
    before = json_object(stored.job.raw) or {}
    said = "\n".join(filter(None, (string(before.get("log")), arrival.ping.message, arrival.body.text)))
    raw = _fitting({**before, "log": said[-LIMIT:]}, "log")
    comments = text or stored.job.comments
    return Settled((_heard(stored, stored.job.evolve(comments=comments, raw=raw, observed=arrival.at), now),))


def _is_open(inbox: Inbox, stored: StoredJob, at: int) -> bool:
    """Returns whether a run has not told its end, and may yet: not after the longest time that it may be silent. An end
    that comes later is another run's, whose start was lost; or else a night in which the work died would be good.
    """
    untold = not stored.job.state.finished or stored.presumed
    return untold and at - max(stored.job.start, stored.heard) <= inbox.longest * ticks.PER_SECOND + _LATE


def _heard(stored: StoredJob, job: Job, now: int) -> StoredJob:
    observed = max(job.observed, stored.job.observed)
    return msgspec.structs.replace(stored, job=job.evolve(observed=observed), heard=now, presumed=False)


def _new(inbox: Inbox, arrival: Arrival, start: int) -> Job:
    return Job(
        job_id=job_id_of(inbox, arrival.ping.run) or arrival.fresh(),
        service=inbox.service,
        type=inbox.type,
        state=JobState.InProgress,
        start=start,
        plan=inbox.plan,
        description=inbox.name,
        resource=inbox.resource,
        origin=f"{ORIGIN}{inbox.name}",
        observed=arrival.at,
    )


def _ended(job: Job, outcome: Outcome, finish: int, raw: str) -> Job:
    counts: Mapping[str, int] = {name: getattr(outcome.counts, name) for name in COUNTS}
    return job.evolve(
        **counts,
        size=outcome.counts.size,
        state=outcome.state,
        finish=finish,
        comments=shorten(outcome.comments, TEXT_LIMITS["comments"]),
        cause=outcome.cause if outcome.state in NOT_GOOD else "",
        heartbeat=0,
        observed=finish,
        raw=raw,
    )


def _comments(message: str, last: str) -> str:
    return shorten("\n".join(filter(None, (message, last))), TEXT_LIMITS["comments"])


def _raw(arrival: Arrival, before: Mapping[str, Any]) -> str:
    """Returns the record of a ping, as JSON; with the texts that came `before` it while its run was open."""
    ping = arrival.ping
    said: dict[str, Any] = {"signal": ping.signal.value, "method": arrival.method, **ping.about}
    if ping.exit_status is not None:
        said["exitStatus"] = ping.exit_status
    if ping.message:
        said["message"] = ping.message[:LIMIT]
    record: dict[str, Any] = {"ping": said}
    earlier = zip(_EARLIER, (_begun(before), string(before.get("log"))), strict=True)
    record |= {name: text for name, text in earlier if text and not arrival.body.text.startswith(text)}
    if arrival.body.runs:
        record["tool"] = arrival.body.tools
    if arrival.body.text:
        record["body"] = arrival.body.text
    return _fitting(record, *_EARLIER, "body", "message")


def _begun(before: Mapping[str, Any]) -> str:
    """Returns what was said when the run began."""
    said = child({**before}, "ping")
    if said.get("signal") != Signal.START.value:
        return string(before.get("start"))
    return "\n".join(filter(None, (string(said.get("message")), string(before.get("body")))))


def _fitting(record: dict[str, Any], *names: str) -> str:
    """Returns the record as JSON that a job may have: of texts that are too long for it, the end. Nothing, if it is too
    long without them: another writer may have put what it liked into the record of a run.
    """
    while len(encoded := msgspec.json.encode(record)) > MAX_RAW:
        holders = ((one, name) for one in (record, child(record, "ping")) for name in names)
        found = next(((one, name) for one, name in holders if len(string(one.get(name))) > 1), None)
        if found is None:
            return ""
        holder, name = found
        holder[name] = holder[name][len(holder[name]) // 4 + 1 :]
    return encoded.decode()
