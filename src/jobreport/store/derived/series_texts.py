"""The texts by which series are found: the whole resource or origin, or a part of the plan or the resource.

They are in a table of their own, whose rows never change, since a series never gets other names. So no index of texts
costs anything when a job changes how a series stands. A series has its row here as long as it exists.

PostgreSQL finds parts of texts by its trigrams. In a file, FTS5 finds them by parts of five characters, in the table
`series_gram`, as it does for job IDs (`store.derived.trigrams`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select

from jobreport.model.job import fold
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedInsert
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import trigrams
from jobreport.store.derived.digests import digest
from jobreport.store.derived.parts import LENGTH, parts_of, words
from jobreport.store.schema.jobs import series
from jobreport.store.schema.jobs import series_text as table

Row = tuple[str, str, str]
"""The key of the resource, the key of the origin, and the text that is searched."""

BETWEEN: Final = "\n"
"""Stands between plan and resource in the text that is searched."""
SHORTEST: Final = 2
"""A shorter term is in nearly every text, so nothing is looked for."""
MAX_KEY: Final = 100
"""The characters of a text that an index has; a longer one goes on with its hash."""
_BATCH: Final = 500
_BASE: Final = 32
"""The bits of a row number of `series_gram` that are the number of a series; those before them are the tenant."""

_ADD: Final = PreparedInsert(table)
_ROWS: Final = Prepared(
    select(table.c.series, table.c.resource, table.c.origin, table.c.text).where(
        table.c.tenant == bindparam("tenant"), any_of(table.c.series)
    )
)
_ADD_PARTS: Final = "INSERT INTO series_gram (rowid, text) VALUES (?, ?)"
_REMOVE_PARTS: Final = "INSERT INTO series_gram (series_gram, rowid, text) VALUES ('delete', ?, ?)"
_EMPTY: Final = "INSERT INTO series_gram (series_gram) VALUES ('delete-all')"
_TOTALS: Final = "SELECT block FROM series_gram_data WHERE id = 1"


def row(plan: str, resource: str, origin: str) -> Row:
    """Returns what is kept of a series with these names."""
    return key(resource), key(origin), f"{fold(plan)}{BETWEEN}{fold(resource)}"


def key(text: str) -> str:
    """Returns the text itself if it is short; otherwise its beginning and its hash, which is longer than any short one.

    Different texts have different keys.
    """
    return text if len(text) <= MAX_KEY else text[:MAX_KEY] + digest((text,)).hex()


def base(tenant: int) -> int:
    """Returns the number that is added to that of a series of the tenant: the sum is its row in `series_gram`."""
    return tenant << _BASE


def add(connection: Connection, tenant: int, rows: Mapping[int, Row]) -> None:
    """Adds the texts of new series, by their numbers. If a series of this number was lost, its texts are replaced."""
    if not rows:
        return
    remove(connection, tenant, rows)
    _ADD.many(connection, [(tenant, number, *one) for number, one in rows.items()])
    if not dialect_of(connection).has_trigram_index:
        _write_parts(connection, _ADD_PARTS, tenant, rows)


def kept(connection: Connection, tenant: int, numbers: Iterable[int]) -> dict[int, Row]:
    """Returns what is kept of these series; those that are missing are left out."""
    found: dict[int, Row] = {}
    every = sorted(numbers)
    for first in range(0, len(every), _BATCH):
        given = {"tenant": tenant, "ids": dialect_of(connection).array(every[first : first + _BATCH])}
        found.update(
            (number, (resource, origin, text)) for number, resource, origin, text in _ROWS.rows(connection, given)
        )
    return found


def remove(connection: Connection, tenant: int, numbers: Iterable[int]) -> None:
    """Removes the texts of these series."""
    rows = kept(connection, tenant, numbers)
    if rows and not dialect_of(connection).has_trigram_index:
        _write_parts(connection, _REMOVE_PARTS, tenant, rows)
    every = sorted(rows)
    for first in range(0, len(every), _BATCH):
        part = table.c.series.in_(every[first : first + _BATCH])
        connection.execute(delete(table).where(table.c.tenant == tenant, part))


def numbers(connection: Connection, tenant: int) -> list[int]:
    """Returns the numbers of all series of the tenant whose texts are kept."""
    return list(connection.execute(select(table.c.series).where(table.c.tenant == tenant)).scalars())


def parts_query(term: str) -> str:
    """Returns the FTS5 query for the series whose text may contain the case-folded `term`; empty if the term is too
    short for one. It looks for as few parts as contain the whole term.
    """
    if len(term) < SHORTEST:
        return ""
    text = words(term)
    if len(term) < LENGTH:
        return f'"{text}" *'
    places = {*range(0, len(text) - LENGTH + 1, LENGTH), len(text) - LENGTH}
    return " AND ".join(f'"{text[place : place + LENGTH]}"' for place in sorted(places))


def is_exact(term: str) -> bool:
    """Whether each series that `parts_query` finds contains the case-folded `term`.

    Otherwise it only may: the parts of a longer term can be in another order, and characters stand for others.
    """
    return SHORTEST <= len(term) <= LENGTH and term.isalnum()


def repair(connection: Connection, tenant: int) -> None:
    """Corrects the texts of every series of the tenant. The caller must hold the tenant's lock."""
    wrong = differences(connection, tenant)
    stale = [number for number, (there, _) in wrong.items() if there is not None]
    remove(connection, tenant, stale)
    add(connection, tenant, {number: true for number, (_, true) in wrong.items() if true is not None})


def differences(connection: Connection, tenant: int) -> dict[int, tuple[Row | None, Row | None]]:
    """Returns what is kept of series of the tenant, and what should be, where they differ. None: nothing."""
    names = select(*(series.c[name] for name in ("series", "plan", "resource", "origin")))
    every = connection.execute(names.where(series.c.tenant == tenant)).all()
    true = {number: row(plan, resource, origin) for number, plan, resource, origin in every}
    rows = connection.execute(
        select(table.c.series, table.c.resource, table.c.origin, table.c.text).where(table.c.tenant == tenant)
    )
    there: dict[int, Row] = {number: (resource, origin, text) for number, resource, origin, text in rows}
    both = sorted(true.keys() | there.keys())
    return {number: (there.get(number), true.get(number)) for number in both if there.get(number) != true.get(number)}


def is_consistent(connection: Connection) -> bool:
    """Whether `series_gram` has the right numbers of series and of parts. Only for a store in a file."""
    true = connection.execute(select(func.count(), func.coalesce(func.sum(func.length(table.c.text)), 0))).one()
    block: bytes = connection.exec_driver_sql(_TOTALS).scalar() or b""
    return (trigrams.varints(block) or [0, 0]) == [*true]


def rebuild(connection: Connection) -> None:
    """Makes `series_gram` again from all texts. Only for a store in a file."""
    connection.exec_driver_sql(_EMPTY)
    every = select(table.c.tenant, table.c.series, table.c.resource, table.c.origin, table.c.text)
    for rows in connection.execute(every).partitions(_BATCH):
        for tenant, number, *one in rows:
            _write_parts(connection, _ADD_PARTS, tenant, {number: tuple(one)})


def _write_parts(connection: Connection, statement: str, tenant: int, rows: Mapping[int, Any]) -> None:
    parts = parts_of([text for _, _, text in rows.values()])
    connection.exec_driver_sql(
        statement, [(base(tenant) + number, one) for number, one in zip(rows, parts, strict=True)]
    )
