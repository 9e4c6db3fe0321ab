"""The connectors of a tenant: until when each has read its origin, and all that it cannot see."""

from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.model import streams
from jobreport.model.sees import Sees
from jobreport.model.streams import ConnectorStatus
from jobreport.monitor.html import go_of, render, times_of
from jobreport.monitor.links import Go
from jobreport.monitor.page import Page, tenant_of
from jobreport.server.operation import services
from jobreport.store import Store
from jobreport.store.registry import connectors
from jobreport.threads import READS, in_thread

_SEES: Final = {
    Sees.RUNS: "runs",
    Sees.OBJECTS: "objects, which may be forgotten",
    Sees.RESULTS: "results: a run that failed leaves no trace",
}


class ConnectorRow(msgspec.Struct, frozen=True):
    """A connector of the list. `until` is the time until which all of its streams have been read, `newest` that of its
    newest job, in ticks. `jobs` is the address of its jobs. `lacks` says what it cannot see, and what is lost.
    """

    name: str
    kind: str
    jobs: str
    sees: str
    streams: int
    until: int
    newest: int
    lacks: Sequence[str]


async def show(request: Request) -> Response:
    """Lists the connectors of the tenant, first those that cannot see all."""
    of, times, go = tenant_of(request), times_of(request), go_of(request)
    found = await in_thread(READS, _read, services(request).store, of.number)
    rows = sorted((_row(one, times.now, go) for one in found), key=lambda row: not row.lacks)
    blind = sum(one.has_no_data(times.now) for one in found)
    mood = "warn" if blind else "good" if rows else "none"
    return render(request, "connectors.html", live=True, t=times, rows=rows, blind=blind, mood=mood)


def _read(store: Store, number: int) -> tuple[ConnectorStatus, ...]:
    with store.reading() as transaction:
        return connectors.standings(transaction, number)


def _row(one: ConnectorStatus, now: int, go: Go) -> ConnectorRow:
    sees = sorted({stream.sees for stream in one.streams}, key=lambda each: each.rank)
    return ConnectorRow(
        name=one.connector.connector,
        kind=one.connector.kind,
        jobs=go("/jobs", origin=f"{one.connector.kind}/{one.connector.connector}"),
        sees="; ".join(_SEES[each] for each in sees),
        streams=len(one.streams),
        until=one.complete_until,
        newest=max((stream.newest for stream in one.streams), default=0),
        lacks=[*streams.lacking(one, now), *streams.lost(one)],
    )


SHOW: Final = Page(handler=show, id="connectors", compress=True)
