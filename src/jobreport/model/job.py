"""A job, and the rules that it keeps: which texts, numbers and times it may have in which state."""

import secrets
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.errors import FieldError, InvalidInputError

INT32_MAX: Final = 2**31 - 1
INT64_MAX: Final = 2**63 - 1
MAX_RAW: Final = 64 * 1024
"""Bytes of JSON that may be kept as the origin's own record."""
MAX_HEARTBEAT: Final = 86_400
"""Seconds; a job that shows no sign of life for longer than a day is not being watched."""
SILENT_INTERVALS: Final = 3
"""A job that is not heard of for so many of its heartbeats is presumed to have failed."""

TEXT_LIMITS: Final = {
    "job_id": 128,  # fits every known vendor's ID, and an index page
    "description": 1024,  # searched, so it is kept short
    "comments": 4096,  # the last lines of an error
    "plan": 256,
    "resource": 1024,  # a path, an ARN, an Azure resource ID
    "origin": 128,
}
"""The most characters of each text; longer ones are refused, never cut in silence."""

COUNTS: Final = ("failed", "successful", "skipped", "total")
_BASE_32: Final = "abcdefghijklmnopqrstuvwxyz234567"


class Job(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One run of a backup, a restore or another piece of work, as its origin last saw it.

    Times are .NET ticks, 0 where unset; `start` of a NotStarted job is its due time (0: not known).
    Counts are objects (int32), `size` is bytes (int64), `heartbeat` seconds (0: none is promised),
    `observed` when the origin saw the job so (0: when it is received). `raw` is the origin's own record, JSON text.
    """

    job_id: str
    service: ServiceType
    type: JobType
    state: JobState
    start: int = 0
    finish: int = 0
    failed: int = 0
    successful: int = 0
    skipped: int = 0
    total: int = 0
    comments: str = ""
    description: str = ""
    plan: str = ""
    resource: str = ""
    size: int = 0
    origin: str = ""
    raw: str = ""
    observed: int = 0
    heartbeat: int = 0

    def evolve(self, **changes: object) -> "Job":
        """A new job, which differs from this one in some fields."""
        return msgspec.structs.replace(self, **changes)

    def wire_times(self, now: int) -> tuple[int, int, int]:
        """`startTime`, `finishTime` and `duration` as the contract gives them ("unfinished jobs")."""
        return wire_times(self.state, self.start, self.finish, now)

    def same_but_for_time(self, other: "Job") -> bool:
        """Whether both say the same of the job, whenever each was observed."""
        return self.evolve(observed=0) == other.evolve(observed=0)


def wire_times(state: JobState, start: int, finish: int, now: int) -> tuple[int, int, int]:
    """`startTime`, `finishTime` and `duration` as the contract gives them ("unfinished jobs")."""
    if state is JobState.NotStarted:
        return 0, 0, 0
    if not state.finished:
        return start, 0, max(0, now - start)
    return start, finish, finish - start


def fold(text: str) -> str:
    """Case folded as the contract settles it: `str.casefold` and no other normalisation."""
    return text.casefold()


def faults(job: Job, names: dict[str, str]) -> list[FieldError]:
    """Every documented rule that `job` breaks, under the `names` that its writer knows the fields by."""
    found: list[FieldError] = []

    def fault(field: str, message: str) -> None:
        found.append(FieldError(names.get(field, field), message))

    for field, limit in TEXT_LIMITS.items():
        text: str = getattr(job, field)
        if len(text) > limit:
            fault(field, f"has {len(text)} characters; at most {limit} are kept")
        if "\0" in text or _has_surrogate(text):
            fault(field, "holds a NUL or half of a surrogate pair; send Unicode text without them")
    if not job.job_id:
        fault("job_id", "must not be empty")
    if len(job.raw.encode("utf-8", "surrogatepass")) > MAX_RAW:
        fault("raw", f"is longer than {MAX_RAW} bytes of JSON; shorten what the origin recorded")
    if "\0" in job.raw or _has_surrogate(job.raw):
        fault("raw", "holds a NUL or half of a surrogate pair; send Unicode text without them")
    for field in COUNTS:
        if not 0 <= getattr(job, field) <= INT32_MAX:
            fault(field, f"must be from 0 to {INT32_MAX}")
    if not 0 <= job.size <= INT64_MAX:
        fault("size", f"must be from 0 to {INT64_MAX}")
    if not 0 <= job.heartbeat <= MAX_HEARTBEAT:
        fault("heartbeat", f"must be from 1 to {MAX_HEARTBEAT} seconds, or 0 for none")
    found.extend(state_faults(job, names))
    return found


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def state_faults(job: Job, names: dict[str, str]) -> list[FieldError]:
    """The rules that tie a job's state to its times and counts, where `job` breaks them."""
    found: list[FieldError] = []
    state, start, finish = job.state, job.start, job.finish

    def fault(field: str, message: str) -> None:
        found.append(FieldError(names.get(field, field), message))

    if not start and state is not JobState.NotStarted:
        when = "when it was handed to the agent" if state is JobState.Waiting else "when it started"
        fault("start", f"is required for a job in state {state.name}: {when}")
    if not finish:
        if state.finished:
            fault("finish", f"is required for a job in state {state.name}, which has ended")
    elif not state.finished:
        fault("finish", f"must be left out for a job in state {state.name}, which has not ended")
    if finish < start and finish:
        fault("finish", f"must not lie before {names.get('start', 'start')}")
    if state is JobState.Successful and job.failed > 0:
        fault("failed", "must be 0 for a Successful job: say Exception where some objects failed")
    return found


def check(job: Job, names: dict[str, str]) -> Job:
    """`job`, if it keeps every rule; InvalidInputError naming each that it breaks."""
    if found := faults(job, names):
        raise InvalidInputError(found)
    return job


def new_job_id(kind: JobType, start: int) -> str:
    """A job ID in the publisher's form: two letters, the UTC start as yyyyMMddHHmmss, three more digits.

    The publisher has FB for a full and IB for an incremental backup; RS, EX and JB (any other job) are ours.
    The three digits are random, so the caller must expect a collision.
    """
    return f"{_prefix(kind)}{ticks.to_datetime(start):%Y%m%d%H%M%S}{secrets.randbelow(1000):03d}"


def new_unique_job_id(kind: JobType, start: int) -> str:
    """A job ID that no other machine makes as well: the publisher's form, `-`, ten random base-32 characters."""
    return f"{new_job_id(kind, start)}-{''.join(secrets.choice(_BASE_32) for _ in range(10))}"


def _prefix(kind: JobType) -> str:
    for ending, prefix in (("Backup", "FB"), ("Restore", "RS"), ("Export", "EX")):
        if kind.name.endswith(ending):
            return prefix
    return "JB"


def shorten(text: str, limit: int, mark: str = "… ") -> str:
    """The end of `text` in at most `limit` characters, with `mark` before it where something was cut off."""
    return text if len(text) <= limit else mark + text[len(text) - limit + len(mark) :]
