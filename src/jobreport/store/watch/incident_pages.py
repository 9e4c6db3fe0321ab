"""Lists incidents page by page, newest first, with the exact number of all that match."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from jobreport.model.incident import IncidentState
from jobreport.model.incident_query import IncidentFilter, IncidentPage, IncidentQuery
from jobreport.model.job import fold
from jobreport.model.query import Position
from jobreport.store.db.expressions import contains, walk
from jobreport.store.schema.incidents import incident as table
from jobreport.store.schema.incidents import incident_told as told
from jobreport.store.watch.incidents import COLUMNS, IS_OPEN, OPEN, incident_of

_NEWEST_FIRST: Final = (table.c.opened.desc(), table.c.incident.desc())
_EMPTY: Final = literal_column("''", Text)
_STATES: Final[dict[IncidentState, ColumnElement[bool]]] = {
    IncidentState.OPEN: and_(IS_OPEN, table.c.held == _EMPTY),
    IncidentState.HELD: and_(IS_OPEN, table.c.held != _EMPTY),
    IncidentState.CLOSED: table.c.closed > literal_column("0", BigInteger),
}
_GO_ON: Final = ({IncidentState.OPEN}, {IncidentState.HELD}, {IncidentState.OPEN, IncidentState.HELD})
_COLUMNS: Final = {
    "services": table.c.service,
    "types": table.c.type,
    "plans": table.c.plan,
    "resources": table.c.resource,
    "origins": table.c.origin,
    "connectors": table.c.connector,
    "causes": table.c.cause,
    "verdicts": table.c.verdict,
}
"""The filters that compare, each with its column."""


def find(connection: Connection, tenant: int, query: IncidentQuery) -> IncidentPage:
    """Returns the page of `query`, the exact total, and where the next page begins."""
    chosen = and_(table.c.tenant == tenant, *_conditions(tenant, query.where))
    counted = select(func.count()).select_from(table).where(chosen)
    page = select(*COLUMNS).where(chosen).order_by(*_NEWEST_FIRST).limit(query.size + 1)
    if {*query.where.states} in _GO_ON:
        counted, page = (walk(one.where(IS_OPEN), table, OPEN) for one in (counted, page))
    total = int(connection.execute(counted).scalar_one())
    if query.after:
        at = tuple_(bindparam("at", query.after.key, BigInteger), bindparam("named", query.after.job_id))
        page = page.where(tuple_(table.c.opened, table.c.incident) < at)
    found = [*map(incident_of, connection.execute(page))]
    last = found[query.size - 1] if len(found) > query.size else None
    after = Position(last.opened, 0, last.incident) if last else None
    return IncidentPage(total, tuple(found[: query.size]), after)


def _conditions(tenant: int, where: IncidentFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name, column in _COLUMNS.items():
        if values := getattr(where, name):
            found.append(column.in_([_plain(value) for value in values]))
    if where.search:
        term = bindparam("term", fold(where.search), Text)
        found.append(or_(contains(table.c.folded_plan, term), contains(table.c.folded_resource, term)))
    if where.states:
        found.append(or_(*(_STATES[state] for state in where.states)))
    if where.groups:
        of_them = select(told.c.incident).where(told.c.tenant == tenant, told.c.in_group.in_(where.groups))
        found.append(or_(table.c.incident.in_(where.groups), table.c.incident.in_(of_them)))
    return found


def _plain(value: Any) -> Any:
    """Returns a code or a word as the database takes it."""
    return value.value if hasattr(value, "value") else value
