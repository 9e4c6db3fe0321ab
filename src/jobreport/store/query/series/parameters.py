"""The values of a query for series: its filters, the parameters of its statements, and where its page begins."""

from typing import Any

from sqlalchemy import Connection

from jobreport.model.job import fold
from jobreport.model.series_query import SeriesFilter, SeriesKeys, SeriesQuery
from jobreport.store.db import dialect_of
from jobreport.store.derived.series import sort_name
from jobreport.store.derived.series_texts import base, key, parts_query
from jobreport.store.query.series.statements import CODES, TEXTS, Part
from jobreport.store.query.texts import pattern
from jobreport.store.schema.rows import storable


def are_storable(where: SeriesFilter) -> bool:
    """Whether a series can have the texts that are asked for; if not, none passes the filters."""
    return all(map(storable, (where.search, *where.plans, *where.resources, *where.origins)))


def names(where: SeriesFilter) -> frozenset[str]:
    """Returns the names of the filters of columns that are given."""
    return frozenset(name for name in where.__struct_fields__ if name != "standings" and getattr(where, name))


def values(connection: Connection, tenant: int, where: SeriesFilter) -> dict[str, Any]:
    dialect = dialect_of(connection)
    search = fold(where.search)
    parameters: dict[str, Any] = {"search": search, "pattern": pattern(search), "parts": parts_query(search)}
    parameters |= {"base": base(tenant), "base_end": base(tenant + 1)}
    parameters["resources_keys"] = dialect.array([*map(key, where.resources)])
    parameters["origins_keys"] = dialect.array([*map(key, where.origins)])
    if len(where.plans) == 1:
        parameters["name_from"] = sort_name(where.plans[0], "")
        # After the plan, as far as the index has it, comes a space before the resource, and then an exclamation mark.
        parameters["name_to"] = parameters["name_from"] + "!"
    for name in (*CODES, *TEXTS):
        given = getattr(where, name)
        if name == "states":  # see `_passes`
            given = [state for state in given if state.finished]
        parameters[name] = dialect.array([int(one) for one in given] if name in CODES else given)
    return parameters


def after(query: SeriesQuery) -> dict[str, Any]:
    """Returns the parameters that say where the page begins."""
    after = query.after
    return {"after_time": after.key, "after_number": after.filed, "after_name": after.job_id} if after else {}


def parts(query: SeriesQuery) -> list[tuple[Part, bool]]:
    """Returns the parts in which the page may lie, in order, and whether it begins after a position in the part."""
    after = query.after
    if query.sort.key is not SeriesKeys.NOT_GOOD_SINCE:
        return [(Part.ALL, after is not None)]
    # Those that are well come last in both directions; a position among them has no time.
    if after and not after.key:
        return [(Part.WELL, True)]
    return [(Part.NOT_GOOD, after is not None), (Part.WELL, False)]
