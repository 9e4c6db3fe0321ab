"""The answer of `GET /api/search` as types: a page of jobs with all that a list can show of each.

A job has the fields of generation 2, and besides them what generation 2 leaves out: which plan and which resource it
is about, who reported it, and its codes as names. Only the origin's own record and the earlier versions are missing;
`GET /api/jobs/{jobId}` has these.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from jobreport.contract.completeness import Reported
from jobreport.contract.generation2 import JobItem, item
from jobreport.contract.job_row import JobRow
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import Line
from jobreport.model.sees import Sees

_NAMES: Final = tuple({code.value: code.name for code in codes} for codes in (ServiceType, JobType, JobState))


class JobDetails(JobItem, frozen=True, rename="camel"):
    """A job of generation 2 with its plan, its resource and all else that a list can show."""

    service_type: Annotated[int, Meta(description="The code of its service.", extra_json_schema={"format": "int32"})]
    service: Annotated[str, Meta(description="The name of its service.")]
    type: Annotated[str, Meta(description="The name of its type.")]
    state: Annotated[str, Meta(description="The name of its state.")]
    plan: str
    resource: str
    description: str
    origin: Annotated[str, Meta(description="Which connector or runner reported it.")]
    bytes: Annotated[int, Meta(description="Bytes processed.", extra_json_schema={"format": "int64"})]
    cause: Annotated[str, Meta(description="Why it is not good, as a code; empty: it is good, or nobody said why.")]
    cause_text: Annotated[str, Meta(description="Why it is not good, in words.")]
    observed_at: Annotated[
        str, Meta(description="When its origin saw it so.", extra_json_schema={"format": "date-time"})
    ]
    # An older server tells neither of these.
    reference: Annotated[str, Meta(description="What was done, in its origin's own terms; empty: none was given.")] = ""
    sees: Annotated[
        str, Meta(description="What its reporter can see at the origin.", extra_json_schema={"enum": [*map(str, Sees)]})
    ] = Sees.RUNS.value


class DetailsPage(Reported, frozen=True, rename="camel"):
    """The jobs on the page with their details, how many match in all, and where the next page begins."""

    total_count: Annotated[int, Meta(description="Every job that matches, exactly, whatever the page.")]
    jobs: list[JobDetails]
    next_link: Annotated[str, Meta(description="The skiptoken of the next page; empty on the last one.")]


def details(row: JobRow, now: int) -> JobDetails:
    """Returns the job as the answer shows it at `now` (ticks)."""
    services, types, states = _NAMES
    fields = {name: getattr(row, name) for name in Line._fields if name in JobRow._fields}
    return JobDetails(
        **msgspec.structs.asdict(item(Line(**fields, filed=row.start), now)),
        service_type=row.service,
        service=services[row.service],
        type=types[row.type],
        state=states[row.state],
        plan=row.plan,
        resource=row.resource,
        description=row.description,
        origin=row.origin,
        bytes=row.size,
        cause=row.cause,
        cause_text=row.cause_text,
        observed_at=ticks.to_iso(row.observed, digits=0),
        reference=row.reference,
        sees=row.sees,
    )
