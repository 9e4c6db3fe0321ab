"""The fields of a job on the write side (`POST /api/jobs`): one table, from which everything else is made.

The careful reader (`job_document`), the fast reader (`fast_decoder`) and the schemas of the OpenAPI document
(`job_schemas`) take names, kinds and limits from here. Rules that concern several fields are in the model.
"""

from enum import Enum, auto
from typing import Final, NamedTuple

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import CAUSES, INT32_MAX, INT64_MAX, MAX_HEARTBEAT, REFERENCE, TEXT_LIMITS
from jobreport.model.sees import Sees


class FieldKind(Enum):
    """The kind of JSON value that a field takes."""

    TEXT = auto()
    CODE = auto()
    """A number or a name of `codes`."""
    TIME = auto()
    """ISO 8601 with a zone, or .NET ticks; 0 is unset."""
    NUMBER = auto()
    """A whole number from 0 to `most`."""
    RECORD = auto()
    """Any JSON."""
    SEES = auto()
    """A word of `model.sees`."""


class JobField(NamedTuple):
    """One field: its name in `Job` and in JSON, the kind of its value, and its descriptions.

    `reported` describes it in a report that is sent; `kept` in a job that is answered, if that differs. `most`: the
    greatest number of characters of a text, or the largest number. `pattern`: a text must match it; empty: any does.
    """

    name: str
    wire: str
    kind: FieldKind
    reported: str
    kept: str = ""
    most: int = 0
    codes: type[ServiceType | JobType | JobState] | None = None
    pattern: str = ""

    @property
    def required(self) -> bool:
        """Whether every report must have the field."""
        return self.kind is FieldKind.CODE

    @property
    def width(self) -> int:
        """The largest number of the field's integer type: that of an int32 or of an int64."""
        return INT32_MAX if self.most <= INT32_MAX else INT64_MAX


def _text(name: str, reported: str, wire: str = "", kept: str = "") -> JobField:
    return JobField(name, wire or name, FieldKind.TEXT, reported, kept, most=TEXT_LIMITS[name])


def _number(name: str, wire: str, most: int, reported: str, kept: str = "") -> JobField:
    return JobField(name, wire, FieldKind.NUMBER, reported, kept, most)


def _code(name: str, wire: str, codes: type[ServiceType | JobType | JobState], reported: str) -> JobField:
    return JobField(name, wire, FieldKind.CODE, f"{reported}: code or name.", codes=codes)


def _time(name: str, wire: str, reported: str, kept: str = "") -> JobField:
    return JobField(name, wire, FieldKind.TIME, f"{reported} ISO 8601 with a zone, or .NET ticks.", kept)


_ENDS: Final = "Required for a finished state, refused for another."
_BEGINS: Final = "When it started (Waiting: was handed over; NotStarted: is due). Required but for NotStarted."
_SEEN: Final = "When the origin saw it so; left out: now. An older observation never replaces a newer one."
_BEATS: Final = "Seconds between signs of life; after three without one it is presumed Failed."
_CAUSE: Final = (
    f"Why it is not good, where its origin knows: one of {', '.join(CAUSES)}. Left out: its comments tell it. Refused "
    "for a state other than Exception, Failed and Stopped."
)

_REFERENCE: Final = (
    "What was done, in its origin's own terms that are the same whoever tells of it, such as "
    "`restic:<repository ID>:<snapshot ID>`; printable ASCII. A report with the reference of a job that is known joins "
    "that job, whatever its ID. Once given it stays."
)
_SEES: Final = (
    f"What the sender looks at: {', '.join(Sees)}. Left out: runs. Where several tell of a job, the one that comes "
    "first in this order counts."
)
_MADE: Final = (
    "What came of it, by the short name that its tool prints, such as `restic:2b65ea4f@web-1`; printable ASCII. A run "
    "without a reference and an object or result with one are one job, if both have this name and it began while "
    "the run ran; or another teller's run with one, if both ended in the same minute. Or the whole reference that an "
    "object or result has: that is the job too."
)

FIELDS: Final = (
    _text("job_id", "Left out: one is made.", "jobId"),
    _code("service", "serviceType", ServiceType, "What is protected"),
    _code("type", "jobType", JobType, "What was done"),
    _code("state", "state", JobState, "How the job stands"),
    _time("start", "startTime", _BEGINS, "Of a NotStarted job: when it is due."),
    _time("finish", "finishTime", f"When it ended. {_ENDS}"),
    _number("failed", "failedCount", INT32_MAX, "Objects that failed."),
    _number("successful", "successfulCount", INT32_MAX, "Objects that succeeded."),
    _number("skipped", "skippedCount", INT32_MAX, "Objects that were left out."),
    _number("total", "totalCount", INT32_MAX, "Objects in all; left out: the sum of the others."),
    _text("comments", "What there is to say of it, such as an error's last lines."),
    _text("description", "What the job is about, in words; this is searched."),
    _text("plan", "The name of what repeats."),
    _text("resource", "What is protected."),
    _number("size", "bytes", INT64_MAX, "Bytes processed."),
    _text("origin", "Which connector or runner reports it."),
    JobField(
        "raw",
        "raw",
        FieldKind.RECORD,
        "The origin's own record, any JSON up to 64 KiB.",
        "The origin's own record, any JSON; null where none was given.",
    ),
    _time("observed", "observedAt", _SEEN, "When the origin saw it so."),
    _number("heartbeat", "heartbeat", MAX_HEARTBEAT, _BEATS, "Seconds between signs of life; 0: none promised."),
    _text("cause", _CAUSE, kept="Why it is not good, as a code; empty: it is good, or nobody said why."),
    _text("reference", _REFERENCE, kept="What was done, in its origin's own terms; empty: none was given.")._replace(
        pattern=REFERENCE
    ),
    JobField("sees", "sees", FieldKind.SEES, _SEES, f"What its reporter can see at the origin: {', '.join(Sees)}."),
    _text("made", _MADE, kept="What came of it, by its tool's short name; empty: none was given.")._replace(
        pattern=REFERENCE
    ),
)
"""Every field, in the order in which a job is written."""

NAMES: Final = {field.name: field.wire for field in FIELDS}
"""Each field of `Job` and its name on the wire."""
