"""The answer of `GET /api/connectors` as types: up to when each connector has read its origin, and what is missing."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from jobreport.contract.completeness import iso_since_1970
from jobreport.model import streams, ticks
from jobreport.model.streams import ConnectorStatus, StreamState

_DATE_TIME: Final = {"format": "date-time"}
_INT32: Final = {"format": "int32"}
_INT64: Final = {"format": "int64"}
_Time = Annotated[str, Meta(extra_json_schema=_DATE_TIME)]


class HoleItem(msgspec.Struct, frozen=True, rename={"begins": "from", "ends": "to", "found": "foundAt"}):
    """A range of time whose jobs an origin deleted before anybody had read them. No later look fills it."""

    begins: _Time
    ends: _Time
    found: _Time


class StreamItem(msgspec.Struct, frozen=True, rename="camel"):
    """One list of an origin, which can fail alone. Times are ISO 8601 in UTC, null where there is none."""

    stream: str
    sees: Annotated[
        Literal["runs", "objects", "results"],
        Meta(description="runs: it knows failures; objects: most; results: a run that failed leaves no trace."),
    ]
    last_good_look: Annotated[str | None, Meta(extra_json_schema=_DATE_TIME)]
    read_until: Annotated[str | None, Meta(description="Until when everything was read.", extra_json_schema=_DATE_TIME)]
    newest: Annotated[
        str | None,
        Meta(
            description="The newest time of its jobs; where it sees results: of a result.",
            extra_json_schema=_DATE_TIME,
        ),
    ]
    lag_seconds: Annotated[
        int | None, Meta(description="How long ago the last good look is.", extra_json_schema=_INT64)
    ]
    jobs: Annotated[int, Meta(description="How many reports were new or changed a job.", extra_json_schema=_INT64)]
    error: Annotated[str, Meta(description="Why the last look did not come to the end; empty: it did.")]
    no_data: Annotated[str, Meta(description="Since when it has no data, and why; empty: it has.")]
    holes: list[HoleItem]


class ConnectorItem(msgspec.Struct, frozen=True, rename="camel"):
    """One connector with its streams."""

    name: str
    kind: str
    every_seconds: Annotated[int, Meta(extra_json_schema=_INT32)]
    last_pass: Annotated[str | None, Meta(description="When its last pass began.", extra_json_schema=_DATE_TIME)]
    error: Annotated[str, Meta(description="Why its streams could not be found; empty: they were.")]
    streams: list[StreamItem]


class ConnectorsAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """All connectors of a tenant, by name."""

    complete_until: Annotated[
        str | None,
        Meta(
            description="Until when all streams have been read without a hole; null: there is no connector.",
            extra_json_schema=_DATE_TIME,
        ),
    ]
    no_data: Annotated[list[str], Meta(description="Those not to be asked, or with a stream without data.")]
    connectors: list[ConnectorItem]


def connectors_answer(standings: Sequence[ConnectorStatus], now: int) -> ConnectorsAnswer:
    """Returns the answer with these connectors, as they stand at `now` (ticks)."""
    until = streams.complete_until(standings)
    return ConnectorsAnswer(
        None if until is None else iso_since_1970(until),
        streams.no_data(standings, now),
        [_connector(one, now) for one in standings],
    )


def _connector(standing: ConnectorStatus, now: int) -> ConnectorItem:
    one, without = standing.connector, set(standing.without_data(now))
    return ConnectorItem(
        one.connector,
        one.kind,
        one.every,
        _iso(one.begun),
        one.error or standing.streamless(now),
        [
            _stream(
                state,
                now,
                no_data=standing.told(state, now) if state in without else "",
                holes=[
                    HoleItem(*(ticks.to_iso(time, digits=0) for time in (hole.begins, hole.ends, hole.found)))
                    for hole in standing.holes
                    if hole.stream == state.stream
                ],
            )
            for state in standing.streams
        ],
    )


def _stream(state: StreamState, now: int, *, no_data: str, holes: list[HoleItem]) -> StreamItem:
    return StreamItem(
        state.stream,
        state.sees.value,
        _iso(state.looked),
        _iso(state.watermark),
        _iso(state.newest),
        max(0, now - state.looked) // ticks.PER_SECOND if state.looked else None,
        state.jobs,
        state.error,
        no_data,
        holes,
    )


def _iso(time: int) -> str | None:
    return ticks.to_iso(time, digits=0) if time else None
