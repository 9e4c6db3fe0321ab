"""The inboxes of a tenant, for admins: what can be pinged, what came to each, and what can be known of its jobs."""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.inbox.naming import ORIGIN
from jobreport.model import ticks
from jobreport.model.catalog import SERVICE_LABELS
from jobreport.model.roles import Role
from jobreport.model.unread import UnreadCount
from jobreport.monitor.html import go_of, render, times_of
from jobreport.monitor.links import Go
from jobreport.monitor.page import Page, tenant_of
from jobreport.server.operation import services
from jobreport.store import Store
from jobreport.store.registry import inboxes, unread
from jobreport.store.registry.inboxes import Inbox, InboxState
from jobreport.threads import READS, in_thread

_SEES: Final = {
    "runs": "starts and ends",
    "results": "only ends: a run that died, or never began, leaves no trace",
    "nothing": "nothing yet",
}


class InboxRow(msgspec.Struct, frozen=True):
    """An inbox of the list. `jobs` is the address of its jobs, `longest` how long a run may take, in ticks. `unread` is
    how many deliveries nobody could read.
    """

    inbox: Inbox
    state: InboxState
    jobs: str
    about: str
    longest: int
    sees: str
    unread: int


async def show(request: Request) -> Response:
    """Lists the inboxes of the tenant, by name. Their addresses are secrets, and are not shown."""
    of, go = tenant_of(request), go_of(request)
    found, states, unreads = await in_thread(READS, _read, services(request).store, of.number)
    rows = [
        _row(one, states[one.inbox], unreads.get(one.inbox), go)
        for one in sorted(found, key=lambda one: (one.name.casefold(), one.inbox))
    ]
    kept = sum(row.unread for row in rows)
    return render(request, "inboxes.html", live=True, t=times_of(request), rows=rows, unread=kept)


def _read(store: Store, number: int) -> tuple[tuple[Inbox, ...], dict[str, InboxState], Mapping[str, UnreadCount]]:
    with store.reading() as transaction:
        return (
            tuple(inboxes.list_inboxes(transaction, number)),
            inboxes.states(transaction, number),
            unread.counts(transaction, number),
        )


def _row(one: Inbox, state: InboxState, kept: UnreadCount | None, go: Go) -> InboxRow:
    return InboxRow(
        inbox=one,
        state=state,
        jobs=go("/jobs", origin=f"{ORIGIN}{one.name}"),
        about=f"{SERVICE_LABELS[one.service]}, {one.type.name}",
        longest=one.longest * ticks.PER_SECOND,
        sees=_SEES[state.sees],
        unread=kept.number if kept else 0,
    )


SHOW: Final = Page(handler=show, id="inboxes", needs=Role.Admin, compress=True)
