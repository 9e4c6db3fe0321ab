"""Decides which stored job a report is about, and fills in what the report leaves empty. Pure.

A report that names its run or has its times is about the same job however often it comes. Two reports that do neither
and have the same words are told apart only by when they came.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec

from jobreport.inbox.masking import masked, record_of
from jobreport.inbox.naming import ORIGIN, app_of, job_id
from jobreport.inbox.report import Reading, ReportedJob
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import COUNTS, MAX_RAW, REFERENCE, SILENT_INTERVALS, TEXT_LIMITS, Job
from jobreport.model.job import shorten as end_of
from jobreport.model.sees import Sees
from jobreport.model.stored_job import StoredJob
from jobreport.runner.text import shorten
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object
from jobreport.store import Filed
from jobreport.store.registry.inboxes import Inbox

SAME_WITHIN: Final = 120 * ticks.PER_SECOND
"""A report that names no run and tells no time is delivered twice if it comes again within this time (ticks)."""
MOST_RAW: Final = 16 * MAX_RAW
"""The bytes of the records of several jobs in one delivery that are kept; those of later jobs are left out."""
_KIND: Final = "inbox"
_MOST_TEXT: Final = 4
"""So many times as long as a job's text may be is what is looked at of a text."""


class _Told(msgspec.Struct, frozen=True):
    """A job as it was told at `at` (ticks), and the ID that it gets. `same_within`: 0, or for how long the same words
    are the same job.
    """

    job: ReportedJob
    raw: str
    at: int
    job_id: str
    same_within: int = 0


def filed(inbox: Inbox, reading: Reading, content: bytes, at: int, beside: bytes = b"") -> tuple[Filed, ...]:
    """Returns the jobs that a report tells, which came at `at` (ticks). `content`, and what came `beside` it, are the
    same when the same report is delivered again.
    """
    whole = hashlib.sha256(content + beside).digest()
    whole_raw = record_of(content.decode("utf-8-sig", "replace")) if any(not job.raw for job in reading.jobs) else ""
    room = MOST_RAW
    times: Counter[bytes] = Counter()
    found = []
    for job in reading.jobs:
        digest = _digest(job, beside) if job.raw and (job.start or job.finish) else whole
        word = f"{digest.hex()[:32]}{f'.{times[digest]}' if times[digest] else ''}"
        times[digest] += 1
        room -= len(job.raw)
        raw = whole_raw if not job.raw else record_of(job.raw) if room > 0 or len(reading.jobs) == 1 else ""
        found.append(_filed(inbox, _masked(job), word, raw, at))
    return tuple(found)


def _masked(job: ReportedJob) -> ReportedJob:
    """Returns the job with texts as a job may have them. It takes long, so it is done before anybody waits for it."""
    names: dict[str, str] = {}
    for field in ("description", "plan", "resource"):
        limit = TEXT_LIMITS[field]
        text = masked(getattr(job, field)[: _MOST_TEXT * limit]).replace("\n", " ").strip()
        names[field] = shorten(text, limit)
    for field in ("reference", "made"):
        name = getattr(job, field)
        if len(name) > TEXT_LIMITS[field] or not re.fullmatch(REFERENCE, name):
            names[field] = ""  # it is nobody else's name
    comments = job.comments
    if len(comments) > _MOST_TEXT * TEXT_LIMITS["comments"]:
        # From a line's beginning, so that no half of a secret is left that would not be recognised.
        comments = comments[-_MOST_TEXT * TEXT_LIMITS["comments"] :].partition("\n")[2]
    return msgspec.structs.replace(job, **names, comments=masked(comments))


def _digest(job: ReportedJob, beside: bytes) -> bytes:
    """Returns by what a job without a name is known that tells when it ran: by its own record and by what it is about,
    so that it is the same beside others.

    One without a time may be another with the same words, such as that of another host: it is known by all that came.
    """
    about = "\0".join((job.plan, job.resource, job.description, job.raw)).encode("utf-8", "replace")
    return hashlib.sha256(about + beside).digest()


def _filed(inbox: Inbox, job: ReportedJob, word: str, raw: str, at: int) -> Filed:
    if job.key or job.start or job.finish:
        one = job_id(_KIND, inbox, job.key or word)
        told = _Told(job, raw, at, one)
        met = _job(inbox, told, None) if job.made and job.finish and not job.reference else None
        return Filed((one,), partial(_settle, inbox, told), job.reference, job.made, met)
    # Two times that are less than this apart lie in one stretch of time, or in two that follow each other.
    stretch = at // SAME_WITHIN
    ids = tuple(job_id(_KIND, inbox, f"{word}.{one}") for one in (stretch, stretch - 1))
    return Filed(ids, partial(_settle, inbox, _Told(job, raw, at, ids[0], SAME_WITHIN)))


def _settle(inbox: Inbox, told: _Told, found: Sequence[StoredJob], now: int) -> StoredJob | None:
    """Returns the job of a report as it must be stored now; None if the report changes nothing."""
    within = told.same_within
    stored = next((one for one in found if not within or abs(told.at - one.received) <= within), None)
    job = _job(inbox, told, stored.job if stored else None)
    if stored is None:
        return StoredJob(job=job, received=now, heard=now, app=app_of(inbox))
    if stored.job.state.finished and not stored.presumed and stored.job.sees is Sees.RUNS:
        # It began before, or an older end comes late.
        if not job.state.finished or job.observed < stored.job.observed:
            return None
        if job.same_but_for_time(stored.job):
            return None  # delivered twice
        if _doubted(told.job, job, stored, now):
            return None
    elif not stored.presumed and told.job.observed and not job.state.finished and job.observed < stored.job.observed:
        return None  # its sender saw something newer before
    job = job.evolve(observed=max(job.observed, stored.job.observed))
    return msgspec.structs.replace(stored, job=job, heard=now, presumed=False)


def _doubted(told: ReportedJob, job: Job, stored: StoredJob, now: int) -> bool:
    """Returns whether a success undoes what is none, and which came before, though its sender saw both at one time:
    then it is an older end that is delivered once more.
    """
    at_one_time = bool(told.observed or told.finish) and job.observed == stored.job.observed and stored.heard < now
    return at_one_time and job.state is JobState.Successful is not stored.job.state


def _job(inbox: Inbox, told: _Told, stored: Job | None) -> Job:
    """Returns the job that is told. What the report leaves empty is as it was `stored`, or as the inbox has it."""
    job = judged(told.job)
    state, counts = job.state, _counts(job, stored)
    start, finish = _times(job, state, told.at, stored)
    seen = job.observed if job.observed >= ticks.YEAR_2000 else 0
    return Job(
        job_id=stored.job_id if stored else told.job_id,
        service=job.service or (stored.service if stored else inbox.service),
        type=job.type or (stored.type if stored else inbox.type),
        state=state,
        start=start,
        finish=finish,
        **{name: getattr(counts, name) for name in COUNTS},
        size=counts.size,
        comments=end_of(job.comments, TEXT_LIMITS["comments"]),
        description=job.description or (stored.description if stored else inbox.name),
        plan=job.plan or (stored.plan if stored else inbox.plan),
        resource=job.resource or (stored.resource if stored else inbox.resource),
        origin=f"{ORIGIN}{inbox.name}",
        raw=told.raw,
        observed=min(seen or finish or told.at, told.at),
        heartbeat=0 if state.finished else -(-inbox.longest // SILENT_INTERVALS),
        reference=(stored.reference if stored else "") or job.reference,
        made=job.made or (stored.made if stored else ""),
    )


def judged(job: ReportedJob) -> ReportedJob:
    """Returns what is told of a job, without contradiction: a success that counts failures is none, and says so."""
    if job.counts is None:
        return job
    counts = bounded(**msgspec.structs.asdict(job.counts))
    if job.state is not JobState.Successful or not counts.failed:
        return msgspec.structs.replace(job, counts=counts)
    doubt = f"the report says success, and counts {counts.failed:,} that failed"
    comments = "\n".join(filter(None, (doubt, job.comments)))
    return msgspec.structs.replace(job, state=JobState.Exception, counts=counts, comments=comments)


def _counts(job: ReportedJob, stored: Job | None) -> Counts:
    if job.counts is not None:
        return job.counts
    if stored and stored.state is job.state:
        return _counts_of(stored)
    return one_object(job.state) if job.state.finished else Counts()


def _counts_of(job: Job) -> Counts:
    return Counts(**{name: getattr(job, name) for name in (*COUNTS, "size")})


def _times(job: ReportedJob, state: JobState, at: int, stored: Job | None) -> tuple[int, int]:
    """Returns start and finish. A finish that is not told is the receipt's, and a start that is not told lies there."""
    start, finish = (one if ticks.YEAR_2000 <= one < ticks.YEAR_2200 else 0 for one in (job.start, job.finish))
    start = start or (stored.start if stored else 0)
    if not state.finished:
        return start or (0 if state is JobState.NotStarted else at), 0
    finish = finish or (stored.finish if stored else 0) or max(at, start)
    return min(start or finish, finish), finish
