"""Records every statement that reaches a database, and finds the tables that it does not narrow to a tenant."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
import sqlglot
from sqlalchemy import Engine, event
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from jobreport.store.admin.distribute import belongs_to_tenant
from jobreport.store.schema.metadata import shared

EXEMPT = {
    "SELECT job.tenant, job.job_id FROM job WHERE job.deadline": "the watch for stalled jobs: then each tenant's own",
    "SELECT job.tenant, job.job_id FROM job INDEXED BY job_deadline": "the same, in a file",
    "SELECT coalesce(max(job.id), ?) AS coalesce_1 FROM job": "a number for a new row of a file",
    "SELECT coalesce(max(id), 0) FROM job": "the same, to judge how common a part of IDs is",
    "SELECT id, job_id, reference FROM job WHERE id >= ? ORDER BY id LIMIT 1": "how common a part of IDs is",
    "SELECT rowid FROM job_gram WHERE job_gram MATCH ?": "candidates by number: each is looked up for the tenant",
    "SELECT count(*) FROM (SELECT rowid FROM job_gram WHERE job_gram MATCH ?": "how many these are",
    "INSERT INTO job_gram (rowid, job_id) VALUES (?, ?)": "by the number of a row that has its tenant",
    "INSERT INTO job_gram (job_gram, rowid, job_id) VALUES ('delete', ?, ?)": "by the number of such a row",
    "INSERT INTO series_gram (rowid, text) VALUES (?, ?)": "by a number that begins with the tenant",
    "INSERT INTO series_gram (series_gram, rowid, text) VALUES ('delete', ?, ?)": "by such a number",
}
"""How statements begin that tell nobody anything of a tenant, and why."""
TABLES = frozenset(table.name for table in shared.tables.values() if belongs_to_tenant(table)) | {
    "job_gram",
    "series_gram",
}
"""Every table whose rows belong to tenants; one that is added later is among them. And SQLite's indexes of parts."""

_PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|\?")
_HINT = re.compile(r"\b(?:NOT INDEXED|INDEXED BY \w+)")
# What narrows nothing and widens nothing, in the places where it stands most often. Without it a law's thousands of
# statements are a few hundred, and to parse them is what takes long.
_MORE_VALUES = re.compile(r"(:value(?:::\w+)?)(?:, :value(?:::\w+)?)+")
_MORE_COLUMNS = re.compile(r"(?:, job\.(?!tenant\b)\w+)+(?= FROM\b)")
_DIRECTION = re.compile(r" (?:DESC|ASC)\b")
_OTHER_CONDITION = re.compile(
    r" AND (?:\(\+ )?\w+\.(?!tenant\b)\w+\)? (?:[=<>!]+|IN)"
    r" (?:''|\d+|:value(?:::\w+)?|\(:value(?:::\w+)?\)|\(\d+(?:, \d+)*\))(?= AND\b| ORDER\b|\)|$)"
)


class Recorded(list[tuple[str, str]]):
    """The dialect and the text of each statement, in the order of their running."""


@contextmanager
def recorded() -> Iterator[Recorded]:
    """Every statement of every engine that connects within, by the drivers' own account."""
    found = Recorded()

    class SqliteCursor(sqlite3.Cursor):
        def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
            found.append(("sqlite", sql))
            return super().execute(sql, *more)

        def executemany(self, sql: str, *more: Any) -> sqlite3.Cursor:
            found.append(("sqlite", sql))
            return super().executemany(sql, *more)

    class SqliteConnection(sqlite3.Connection):
        def cursor(self, *_: Any) -> sqlite3.Cursor:
            return super().cursor(SqliteCursor)

        def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
            return self.cursor().execute(sql, *more)

    class PostgresCursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *more: Any, **options: Any) -> Any:
            found.append(("postgres", str(query)))
            return super().execute(query, *more, **options)

        def executemany(self, query: Any, *more: Any, **options: Any) -> None:
            found.append(("postgres", str(query)))
            super().executemany(query, *more, **options)

        def copy(self, statement: Any, *more: Any, **options: Any) -> Any:
            found.append(("postgres", str(statement)))
            return super().copy(statement, *more, **options)

    def connect(dialect: Any, _record: Any, _positional: Any, named: dict[str, Any]) -> None:
        if dialect.name == "sqlite":
            named["factory"] = SqliteConnection
        else:
            named["cursor_factory"] = PostgresCursor

    event.listen(Engine, "do_connect", connect)
    try:
        yield found
    finally:
        event.remove(Engine, "do_connect", connect)


@lru_cache(maxsize=10_000)
def unbound(dialect: str, sql: str) -> tuple[str, ...]:
    """The tables of tenants that a statement reads or writes for more than one tenant, or for none that is given."""
    sql = " ".join(sql.split())
    if sql.startswith(tuple(EXEMPT)) or not any(re.search(rf"\b{table}\b", sql) for table in TABLES):
        return ()
    if not sql.startswith("COPY"):
        sql = _HINT.sub("", _PLACEHOLDER.sub(":value", sql))
        sql = _DIRECTION.sub("", _MORE_COLUMNS.sub("", _MORE_VALUES.sub(r"\1", sql)))
        sql = _OTHER_CONDITION.sub("", sql)
    return _parsed(dialect, sql)


@lru_cache(maxsize=10_000)
def _parsed(dialect: str, sql: str) -> tuple[str, ...]:
    return tuple(_unbound(sqlglot.parse_one(sql, dialect=dialect)))


def _unbound(statement: exp.Expression) -> Iterator[str]:
    changed: set[str] = set()
    if isinstance(statement, exp.Copy | exp.Insert):
        table = statement.this.find(exp.Table)
        if table.name in TABLES and not _names_tenant(statement.this):
            yield table.name
    elif isinstance(statement, exp.Update | exp.Delete):
        table = statement.find(exp.Table)
        changed = {table.alias_or_name}
        where = statement.args.get("where")
        if table.name in TABLES and not changed <= _bound([where] if where else [], changed, set()):
            yield table.name
    for scope in traverse_scope(statement):
        tables = {name: source for name, source in scope.sources.items() if isinstance(source, exp.Table)}
        mine = {name for name, table in tables.items() if table.name in TABLES}
        joins = [join for join in scope.expression.args.get("joins") or () if "on" in join.args]
        inner = [join.args["on"] for join in joins if not join.side]
        where = scope.expression.args.get("where")
        narrowed = _bound([*inner, *([where] if where else [])], mine, changed | _outer(scope))
        for join in joins:
            if join.side == "LEFT":  # what it asks of others does not narrow them
                joined = join.this.alias_or_name
                narrowed |= _bound([join.args["on"]], {joined}, narrowed) & {joined}
        yield from sorted(tables[name].name for name in mine - narrowed)


def _names_tenant(added: exp.Expression) -> bool:
    """Whether the rows that are added name their tenant."""
    return any(identifier.name == "tenant" for identifier in added.find_all(exp.Identifier))


def _outer(scope: Scope) -> set[str]:
    """What a subquery may refer to. Where that is not narrowed itself, it is found on its own account."""
    names: set[str] = set()
    while scope.parent is not None:
        scope = scope.parent
        names |= scope.sources.keys()
    return names


def _bound(conditions: Sequence[exp.Expression], names: set[str], outer: set[str]) -> set[str]:
    """Those of the names whose tenant is given: by a parameter, or by the tenant of another that is narrowed."""
    pairs = [pair for condition in conditions for pair in _equal(condition)]
    # Without a prefix it can only be the one table that there is.
    alone = next(iter(names)) if len(names) == 1 else ""
    pairs = [(left or alone, alone if right == "" else right) for left, right in pairs]
    bound = set(outer)
    while more := {left for left, right in pairs if left not in bound and (right is None or right in bound)} | {
        right for left, right in pairs if right is not None and right not in bound and left in bound
    }:
        bound |= more
    return bound


def _equal(condition: exp.Expression) -> Iterator[tuple[str, str | None]]:
    """The names of the tables whose tenants must be equal, None for a parameter: of what AND joins alone."""
    found = condition.this.unnest() if isinstance(condition, exp.Where) else condition.unnest()
    if isinstance(found, exp.And):
        yield from _equal(found.left)
        yield from _equal(found.right)
    elif isinstance(found, exp.EQ):
        left, right = found.left.unnest(), found.right.unnest()
        if _is_tenant(left) and isinstance(right.this if isinstance(right, exp.Cast) else right, exp.Placeholder):
            yield left.table, None
        elif _is_tenant(left) and _is_tenant(right):
            yield left.table, right.table


def _is_tenant(side: exp.Expression) -> bool:
    return isinstance(side, exp.Column) and side.name == "tenant"
