"""A job, and its rules: the texts, numbers and times that it may have in each state."""

import re
import secrets
from operator import attrgetter, gt
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, JobState, JobType, ServiceType
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.sees import Sees

INT32_MAX: Final = 2**31 - 1
INT64_MAX: Final = 2**63 - 1
CAUSES: Final = (
    *(
        "silent",
        "not-started",
        "no-space",
        "locked",
        "unreachable",
        "timed-out",
        "cancelled",
        "wrong-password",
        "access-denied",
    ),
    *("wrong-arguments", "damaged", "changed", "no-memory", "missing"),
)
"""The codes of the causes that are known by name, and that an origin may give (`jobreport.model.cause.KNOWN`)."""
MAX_RAW: Final = 64 * 1024
"""The most bytes of JSON in `raw`, the origin's own record."""
MAX_HEARTBEAT: Final = 86_400
"""The longest heartbeat, in seconds. To wait for more than a day would not be watching."""
SILENT_INTERVALS: Final = 3
"""If no report comes for this many heartbeats of a job, it is presumed to have failed."""

TEXT_LIMITS: Final = {
    "job_id": 128,  # fits every known vendor's ID, and an index page
    "description": 1024,  # searched, so it is kept short
    "comments": 4096,  # the last lines of an error
    "plan": 256,
    "resource": 1024,  # a path, an ARN, an Azure resource ID
    "origin": 128,
    "cause": 32,
    "reference": 256,  # fits a key of an index
    "made": 256,
}
"""The most characters of each text. A longer text is refused, never cut off silently."""

REFERENCE: Final = "[ -~]*"
"""The pattern of `reference` and `made`: printable ASCII, so that all who tell of a backup can write it in the same
way.
"""
COUNTS: Final = ("failed", "successful", "skipped", "total")
_BASE_32: Final = "abcdefghijklmnopqrstuvwxyz234567"


class Job(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One run of a backup, a restore or another piece of work, as its origin last saw it.

    Times are .NET ticks; 0 means unset. `start` of a NotStarted job is its due time (0: not known). The counts `failed`
    to `total` are numbers of objects (int32); `size` is in bytes (int64). `heartbeat` is in seconds (0: no heartbeats
    are promised). `observed` is when the origin saw the job in this state (0: the time of receipt counts). `raw` is the
    origin's own record, as JSON text. `cause` is the code of the cause that the origin itself gives; empty: the
    comments tell it (`jobreport.model.cause`). `reference` names what was done in the origin's own terms, the same
    whoever tells of it (empty: by its ID alone); `sees` says what this teller looks at. `made` is the short name that a
    tool prints of what it made: a run that knows no reference and a result that has one are joined by it.
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
    cause: str = ""
    reference: str = ""
    sees: Sees = Sees.RUNS
    made: str = ""

    def evolve(self, **changes: object) -> "Job":
        """Returns a copy of this job with some fields changed."""
        return msgspec.structs.replace(self, **changes)

    def wire_times(self, now: int) -> tuple[int, int, int]:
        """Returns `startTime`, `finishTime` and `duration` as the contract defines them ("unfinished jobs")."""
        return wire_times(self.state, self.start, self.finish, now)

    def same_but_for_time(self, other: "Job") -> bool:
        """Whether the two jobs are equal in all fields except `observed`."""
        return self.evolve(observed=0) == other.evolve(observed=0)


def wire_times(state: JobState, start: int, finish: int, now: int) -> tuple[int, int, int]:
    """Returns `startTime`, `finishTime` and `duration` in ticks, as the contract defines them ("unfinished jobs").

    A job that has not started gives three zeros. A job that still runs has no finish; its duration is until `now`.
    """
    if state is JobState.NotStarted:
        return 0, 0, 0
    if not state.finished:
        return start, 0, max(0, now - start)
    return start, finish, finish - start


_TEXTS: Final = attrgetter(*TEXT_LIMITS)
_COUNTED: Final = attrgetter(*COUNTS)
_NOT_PLAIN: Final = "holds a NUL or half of a surrogate pair; send Unicode text without them"


def fold(text: str) -> str:
    """Returns the text case-folded as the contract defines it: `str.casefold`, without any other normalisation."""
    return text.casefold()


def faults(job: Job, names: dict[str, str]) -> list[FieldError]:
    """Returns a fault for each documented rule that `job` breaks. `names` has the writer's own names of the fields."""
    found: list[FieldError] = []

    def fault(field: str, message: str) -> None:
        found.append(FieldError(names.get(field, field), message))

    texts = _TEXTS(job)
    # Nearly all jobs have no fault, and are looked at by the thousand.
    if any(map(gt, map(len, texts), TEXT_LIMITS.values())) or not _is_plain("".join(texts)):
        for field, text, limit in zip(TEXT_LIMITS, texts, TEXT_LIMITS.values(), strict=True):
            if len(text) > limit:
                fault(field, f"has {len(text)} characters; at most {limit} are kept")
            if not _is_plain(text):
                fault(field, _NOT_PLAIN)
    if not job.job_id:
        fault("job_id", "must not be empty")
    for field, name in (("reference", job.reference), ("made", job.made)):
        if name and not re.fullmatch(REFERENCE, name):
            fault(field, "must be printable ASCII characters: write others as the origin does, or percent-encoded")
    # A character takes up to four bytes.
    if len(job.raw) * 4 > MAX_RAW and len(job.raw.encode("utf-8", "surrogatepass")) > MAX_RAW:
        fault("raw", f"is longer than {MAX_RAW} bytes of JSON; shorten what the origin recorded")
    if not _is_plain(job.raw):
        fault("raw", _NOT_PLAIN)
    for field, count in zip(COUNTS, _COUNTED(job), strict=True):
        if not 0 <= count <= INT32_MAX:
            fault(field, f"must be from 0 to {INT32_MAX}")
    if not 0 <= job.size <= INT64_MAX:
        fault("size", f"must be from 0 to {INT64_MAX}")
    if not 0 <= job.heartbeat <= MAX_HEARTBEAT:
        fault("heartbeat", f"must be from 1 to {MAX_HEARTBEAT} seconds, or 0 for none")
    found.extend(state_faults(job, names))
    return found


def _is_plain(text: str) -> bool:
    """Whether a text is Unicode that every database takes: without NUL and without half of a surrogate pair."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def state_faults(job: Job, names: dict[str, str]) -> list[FieldError]:
    """Returns a fault for each broken rule about the state: the times and counts that a job in this state may have."""
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
    if job.cause:
        if job.cause not in CAUSES:
            fault("cause", f"must be one of {', '.join(CAUSES)}, or left out: then the comments tell it")
        if state not in NOT_GOOD:
            fault("cause", f"must be left out for a job in state {state.name}, which has none")
    if state is JobState.Successful and job.failed > 0:
        fault("failed", "must be 0 for a Successful job: say Exception where some objects failed")
    return found


def check(job: Job, names: dict[str, str]) -> Job:
    """Returns `job`. Raises InvalidInputError, with every fault, if it breaks a rule."""
    if found := faults(job, names):
        raise InvalidInputError(found)
    return job


def new_job_id(kind: JobType, start: int) -> str:
    """Returns a job ID in the publisher's form: two letters, the UTC start as yyyyMMddHHmmss, three random digits.

    Example: `FB20261123080000042`. The publisher uses FB for a full and IB for an incremental backup; RS, EX and JB
    (any other job) are ours. Two jobs may get the same ID, so the caller must check that.
    """
    return f"{_prefix(kind)}{ticks.to_datetime(start):%Y%m%d%H%M%S}{secrets.randbelow(1000):03d}"


def new_unique_job_id(kind: JobType, start: int) -> str:
    """Returns a job ID that no other machine will make: `new_job_id`, `-`, and ten random base-32 characters."""
    return f"{new_job_id(kind, start)}-{''.join(_BASE_32[byte & 31] for byte in secrets.token_bytes(10))}"


def _prefix(kind: JobType) -> str:
    for ending, prefix in (("Backup", "FB"), ("Restore", "RS"), ("Export", "EX")):
        if kind.name.endswith(ending):
            return prefix
    return "JB"


def shorten(text: str, limit: int, mark: str = "… ") -> str:
    """Returns the end of `text`, at most `limit` characters, with `mark` before it if something was cut off."""
    return text if len(text) <= limit else mark + text[len(text) - limit + len(mark) :]
