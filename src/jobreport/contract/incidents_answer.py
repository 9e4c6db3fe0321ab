"""The answers of `/api/incidents` as types: what needs somebody, who has it, and who was told of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from jobreport.model import ticks
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.incident import Incident
from jobreport.model.incident_groups import Notice
from jobreport.model.need import MAX_NOTE, MAX_TICKET

_INT32: Final = {"format": "int32"}
_DATE_TIME: Final = {"format": "date-time"}


def _time(says: str) -> Meta:
    return Meta(description=says, extra_json_schema=_DATE_TIME)


class ToldItem(msgspec.Struct, frozen=True, rename="camel"):
    """What a rule told of an incident. Times are ISO 8601 in UTC."""

    rule: str
    channels: list[str]
    group: Annotated[str, Meta(description="The incident as its messages name it: one for all that are told together.")]
    told_at: Annotated[str | None, _time("When it was told last; null: not yet, or it joined what had been told.")]


class IncidentItem(msgspec.Struct, frozen=True, rename="camel"):
    """A series that needs somebody, from the verdict that says so to the good news. Times are ISO 8601 in UTC."""

    id: str
    state: Annotated[
        Literal["open", "held", "closed"],
        Meta(description="open: it goes on, and nobody has it; held: somebody looks after it; closed: it is over."),
    ]
    verdict: Annotated[str, Meta(description="missed, failing, overlong, stale, shrunk, noData, or maintenance.")]
    severity: Literal["critical", "error", "warning", "info"]
    sentence: Annotated[str, Meta(description="What is wrong, with its numbers.")]
    cause: Annotated[str, Meta(description="The code of the cause; may be empty.")]
    job_id: Annotated[str, Meta(description="The job that it is about; may be empty.")]
    series: Annotated[int, Meta(description="The number of the series; 0: it is gone.", extra_json_schema=_INT32)]
    service: Annotated[str, Meta(description="The name of the code.")]
    type: Annotated[str, Meta(description="The name of the code.")]
    plan: str
    resource: str
    origin: str
    connector: Annotated[str, Meta(description="The connector that reads the series; empty: none does.")]
    opened_at: Annotated[str, _time("Since when it needs somebody.")]
    changed_at: Annotated[str, _time("When its verdict changed last.")]
    closed_at: Annotated[str | None, _time("Null while it goes on.")]
    good_news: Annotated[str, Meta(description="How it ended; empty while it goes on.")]
    held_by: Annotated[str, Meta(description="Who looks after it; empty: nobody.")]
    came_back: Annotated[str, Meta(description="Why it is nobody's again; empty: it never was somebody's.")]
    ticket: str
    told: list[ToldItem]


class IncidentList(msgspec.Struct, frozen=True, rename="camel"):
    """The incidents on the page, how many match in all, and where the next page begins."""

    total_count: Annotated[int, Meta(description="Every incident that matches, exactly, whatever the page.")]
    incidents: list[IncidentItem]
    next_link: Annotated[str, Meta(description="The skiptoken of the next page; empty on the last one.")]


class IncidentsChanged(msgspec.Struct, frozen=True):
    """The incidents that were changed, as they are now."""

    incidents: list[IncidentItem]


class IncidentChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a program says of an incident, or of all of a message. What is left out stays as it is."""

    ticket: (
        Annotated[
            str,
            Meta(description="The number or the address of a ticket. Later messages have it.", max_length=MAX_TICKET),
        ]
        | None
    ) = None
    acknowledged: Annotated[
        bool | None, Meta(description="true: somebody looks after it; false: nobody does any more.")
    ] = None
    note: Annotated[
        str, Meta(description="What there is to say; only with acknowledged true.", max_length=MAX_NOTE)
    ] = ""
    until: Annotated[
        str | None,
        _time("When that ends if nothing happens; only with acknowledged true. Left out: when it is well again."),
    ] = None


def incident_items(found: Iterable[Incident], told: Mapping[str, Sequence[Notice]]) -> list[IncidentItem]:
    """Returns the items for these incidents. `told`: what rules told of each, by its ID."""
    return [_item(one, told.get(one.incident, ())) for one in found]


def _item(one: Incident, told: Sequence[Notice]) -> IncidentItem:
    return IncidentItem(
        one.incident,
        one.state.value,
        one.verdict.value,
        one.severity.value,
        one.sentence,
        one.cause,
        one.job,
        one.series,
        ServiceType(one.service).name,
        JobType(one.type).name,
        one.plan,
        one.resource,
        one.origin,
        one.connector,
        ticks.to_iso(one.opened, digits=0),
        ticks.to_iso(one.changed, digits=0),
        _iso(one.closed),
        one.ended,
        one.held,
        one.back,
        one.ticket,
        [ToldItem(each.rule, list(each.channels), each.group, _iso(each.told)) for each in told],
    )


def _iso(time: int) -> str | None:
    return ticks.to_iso(time, digits=0) if time else None
