"""The documents of the write side as types: what a report may contain, and everything that is stored about a job.

They are made from the table of fields (`job_fields`). They only describe the documents in OpenAPI; whether a report is
valid is decided by the reader (`job_document`), which checks more than a schema can.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import NODEFAULT, Meta

from jobreport.contract.code_schemas import code_or_name
from jobreport.contract.generation1 import INT32, INT64
from jobreport.contract.job_fields import FIELDS, NAMES, FieldKind, JobField
from jobreport.contract.series_answer import EMPTY, Judgements, SeriesOfJob, of_job
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.cause import cause_of_job
from jobreport.model.job import CAUSES, INT32_MAX, Job
from jobreport.model.sees import Sees
from jobreport.model.series_query import JobSeries
from jobreport.model.stored_job import StoredJob


def _reported(field: JobField) -> tuple[str, Any, Any]:
    """Returns a field of a report: its name, its type and its default."""
    says = field.reported
    match field.kind:
        case FieldKind.CODE:
            assert field.codes is not None
            return field.name, _any_of(says, code_or_name(field.codes)["anyOf"]), NODEFAULT
        case FieldKind.TIME:
            forms: list[dict[str, Any]] = [
                {"type": "string", "format": "date-time"},
                {"type": "integer", "format": "int64", "minimum": ticks.UNIX_EPOCH, "maximum": ticks.YEAR_2200 - 1},
                {"const": 0},
                {"type": "null"},
            ]
            return field.name, _any_of(says, forms), None
        case FieldKind.TEXT:
            schema = {"enum": ["", *CAUSES]} if field.name == "cause" else None
            least = 1 if field.name == "job_id" else None
            form = f"^{field.pattern}$" if field.pattern else None
            meta = Meta(
                min_length=least, max_length=field.most, pattern=form, description=says, extra_json_schema=schema
            )
            return field.name, Annotated[str, meta] | None, None
        case FieldKind.NUMBER:
            meta = Meta(ge=0, le=field.most, description=says, extra_json_schema=_format(field))
            return field.name, Annotated[int, meta] | None, None
        case FieldKind.RECORD:
            return field.name, Annotated[Any, Meta(description=says)], None
        case FieldKind.SEES:
            return field.name, Annotated[Literal[*map(str, Sees)], Meta(description=says)] | None, None


def _any_of(says: str, forms: list[dict[str, Any]]) -> Any:
    return Annotated[Any, Meta(extra_json_schema={"description": says, "anyOf": forms})]


def _format(field: JobField) -> dict[str, Any]:
    return INT32 if field.width == INT32_MAX else INT64


def _kept(field: JobField) -> tuple[str, Any]:
    """Returns a field of a job that is answered: its name and its type. Times are ticks, codes are numbers."""
    says = field.kept or None
    match field.kind:
        case FieldKind.CODE:
            return field.name, JobState if field.codes is JobState else Annotated[int, Meta(extra_json_schema=INT32)]
        case FieldKind.TIME:
            return field.name, Annotated[int, Meta(description=says, extra_json_schema=INT64)]
        case FieldKind.NUMBER:
            return field.name, Annotated[int, Meta(description=says, extra_json_schema=_format(field))]
        case FieldKind.TEXT:
            return field.name, Annotated[str, Meta(description=says)] if says else str
        case FieldKind.RECORD:
            return field.name, Annotated[Any, Meta(description=says)]
        case FieldKind.SEES:
            return field.name, Annotated[Literal[*map(str, Sees)], Meta(description=says)]


def _ticks(says: str) -> Any:
    return Annotated[int, Meta(description=f"{says}, .NET ticks.", extra_json_schema=INT64)]


JobReport: Final = msgspec.defstruct(
    "JobReport",
    [_reported(field) for field in FIELDS],
    namespace={"__doc__": "One job as its origin last saw it. A field that is left out or null takes its default."},
    forbid_unknown_fields=True,
    kw_only=True,
    rename=NAMES,
)
_KEPT: Final = [
    *map(_kept, FIELDS),
    ("cause_text", Annotated[str, Meta(description="The cause in words.")]),
    ("presumed", Annotated[bool, Meta(description="Whether its failure is concluded from its silence.")]),
]
EarlierVersion: Final = msgspec.defstruct(
    "EarlierVersion",
    [*_KEPT, ("replaced", _ticks("When it was corrected"))],
    namespace={"__doc__": "A finished job as it stood before a correction."},
    kw_only=True,
    rename=NAMES | {"replaced": "replacedAt", "cause_text": "causeText"},
)
JobHistory: Final = msgspec.defstruct(
    "JobHistory",
    [
        *_KEPT,
        ("received", _ticks("When it was first received")),
        ("heard", _ticks("When it was last heard of")),
        ("app", Annotated[str, Meta(description="The client ID that reported it first; empty: no client did.")]),
        ("versions", Annotated[list[EarlierVersion], Meta(description="Newest first.")]),  # type: ignore[valid-type]  # made above
        ("series", Annotated[SeriesOfJob | None, Meta(description="Null: it has neither plan nor resource.")]),
    ],
    namespace={
        "__doc__": "All that is kept of a job, and its series. Times are .NET ticks, 0 where unset; codes are numbers."
    },
    kw_only=True,
    rename=NAMES | {"cause_text": "causeText", "received": "receivedAt", "heard": "heardAt", "app": "reportedBy"},
)


def job_history(
    current: StoredJob,
    versions: Iterable[tuple[Job, int, bool]],
    series: JobSeries | None,
    judged: Judgements = EMPTY,
) -> msgspec.Struct:
    """Returns everything that is stored about a job, as a `JobHistory`.

    `versions` are the earlier ones, newest first: each with the time at which it was replaced (ticks), and whether its
    failure was presumed. `judged`: what was judged of its series.
    """
    return JobHistory(
        **_kept_fields(current.job),
        presumed=current.presumed,
        received=current.received,
        heard=current.heard,
        app=current.app,
        versions=[
            EarlierVersion(**_kept_fields(job), presumed=presumed, replaced=replaced)
            for job, replaced, presumed in versions
        ],
        series=of_job(series, judged) if series else None,
    )


def _kept_fields(job: Job) -> dict[str, Any]:
    code, text = cause_of_job(job) or ("", "")
    raw = msgspec.Raw(job.raw.encode()) if job.raw else None
    return msgspec.structs.asdict(job) | {"raw": raw, "cause": code, "cause_text": text}
