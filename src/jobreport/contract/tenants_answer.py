"""The answer of `GET /api/tenants/summary` as types: the server writes it from them, the client reads it into them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from jobreport.model import ticks
from jobreport.model.tenant_summary import TenantSummary

_INT32: Final = {"format": "int32"}
_DATE_TIME: Final = {"format": "date-time"}


class TenantStanding(msgspec.Struct, frozen=True, rename="camel"):
    """How a tenant stands. Times are ISO 8601 in UTC, null where there is none."""

    tenant: Annotated[str, Meta(description="Its name.")]
    series: Annotated[int, Meta(description="How many series it has, exactly.", extra_json_schema=_INT32)]
    not_good: Annotated[
        int, Meta(description="Those whose jobs are not good since their last good one.", extra_json_schema=_INT32)
    ]
    never_good: Annotated[int, Meta(description="Those that never had a good job.", extra_json_schema=_INT32)]
    oldest_last_good: Annotated[
        str | None,
        Meta(
            description="The end of the last good job of the series that has waited longest for another.",
            extra_json_schema=_DATE_TIME,
        ),
    ]
    last_job: Annotated[
        str | None, Meta(description="The start of its newest job, of a series or not.", extra_json_schema=_DATE_TIME)
    ]
    last_report: Annotated[
        str | None, Meta(description="When the newest report of that job was received.", extra_json_schema=_DATE_TIME)
    ]
    standing: Annotated[
        dict[str, int] | None,
        Meta(
            description=(
                "How many of its series stand in which way, as the filter `standing` and the monitor have it; `well`: "
                "how many are; `waiting`: how many were not judged yet. All of them together are its series."
            )
        ),
    ] = None


class TenantsSummary(msgspec.Struct, frozen=True):
    """How each tenant stands that the app may ask for."""

    tenants: Annotated[list[TenantStanding], Meta(description="Every one, by name; also those that never sent a job.")]


def tenants_summary(found: Iterable[TenantSummary], standing: Mapping[str, dict[str, int]]) -> TenantsSummary:
    """Returns the answer with these tenants. `standing`: how many series of each stand in which way, by its name."""
    return TenantsSummary(
        [
            TenantStanding(
                one.name,
                one.series,
                one.not_good,
                one.never_good,
                _iso(one.oldest_good),
                _iso(one.last_job),
                _iso(one.last_report),
                standing.get(one.name),
            )
            for one in found
        ]
    )


def _iso(time: int) -> str | None:
    return ticks.to_iso(time) if time else None
