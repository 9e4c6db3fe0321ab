"""The audit log of a tenant, for admins: who did what, newest first."""

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.model.audit import Link
from jobreport.model.roles import Role
from jobreport.monitor.html import go_of, render, times_of
from jobreport.monitor.page import Page, tenant_of
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.registry import audit_log
from jobreport.threads import READS, in_thread

ENTRIES: Final = 100
"""The number of entries on a page."""
_DIGITS: Final = 18


async def show(request: Request) -> Response:
    """Lists the newest entries; `before` names the entry after which older ones follow."""
    of, go, text = tenant_of(request), go_of(request), request.query_params.get("before", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise ProblemError(400, "before must be the number of an entry.")
    entries = await in_thread(READS, _read, services(request).store, of.number, int(text) if text else None)
    older = go("/audit", before=entries[-1].number) if entries and entries[-1].number > 1 else None
    return render(
        request,
        "audit.html",
        t=times_of(request),
        entries=[(one, _words(one)) for one in entries],
        older=older,
        newest=go("/audit") if text else None,
    )


def _read(store: Store, number: int, before: int | None) -> list[Link]:
    with store.reading() as transaction:
        return audit_log.newest(transaction, number, ENTRIES, before)


def _words(entry: Link) -> str:
    """Returns the details of an entry on one line."""
    return "; ".join(f"{name}: {_value(value)}" for name, value in json.loads(entry.detail).items())


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return str(value)


SHOW: Final = Page(handler=show, id="audit", needs=Role.Admin, compress=True)
