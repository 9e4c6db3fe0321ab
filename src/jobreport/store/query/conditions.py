"""Filters and the way to read them in; the conditions of a statement, and the values of its parameters, out.

What kept counts and prepared reads can answer goes by `store.query.indexes`; this is for every other question.
"""

from enum import Enum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import fold
from jobreport.model.query import NEWEST_FIRST, JobFilter, Place, Sort
from jobreport.store.db.arrays import among, one_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import contains, indexes, keyset
from jobreport.store.query.indexes import CODES, Access, beside, constant
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.rows import keepable


class Codes(NamedTuple):
    """A job has one of each; of none: any."""

    service: tuple[int, ...] = ()
    type: tuple[int, ...] = ()
    state: tuple[int, ...] = ()


EVERY: Final = Codes(tuple(map(int, ServiceType)), tuple(map(int, JobType)), tuple(map(int, JobState)))
SUBJECT: Final = ("plans", "resources", "origins")
"""Filters on what jobs are about."""
ROW: Final = ("comments", "min_duration", "min_failed")
"""Filters that no index answers: a job's row is read for them."""
_LOOKED_UP: Final[dict[Access, tuple[str, ...]]] = {
    Access.PAIR: ("service", "type"),
    Access.PAIRS: ("service", "type"),
    Access.STATE: ("state",),
}


class Texts(Enum):
    """Which of a job's texts the search text is looked for in."""

    NONE = "none"
    EITHER = "the ID or the description"
    ABOUT = "the description"
    NAMED = "the ID, where the description does not hold it"


class Kind(NamedTuple):
    """What decides how a statement looks: all that differ in values only are one. `among`: what names the candidates of
    a search by job ID."""

    way: Access
    dialect: str
    codes: Codes = Codes()
    since: bool = False
    until: bool = False
    more: frozenset[str] = frozenset()
    texts: Texts = Texts.NONE
    ascii_term: bool = False
    among: str = ""
    sort: Sort = NEWEST_FIRST
    after: bool = False


def codes_of(where: JobFilter) -> Codes:
    """The codes that a job may have."""
    return Codes(*(tuple(map(int, codes)) for codes in (where.services, where.types, where.states)))


def more_of(where: JobFilter) -> frozenset[str]:
    """The other filters that are given, by name, but for the search text and the times."""
    return frozenset(name for name in SUBJECT + ROW if getattr(where, name))


def answerable(where: JobFilter) -> bool:
    """Whether a job can match at all: a store can hold each of the texts."""
    texts = (where.search, where.comments, *where.plans, *where.resources, *where.origins)
    return all(map(keepable, texts))


def values(connection: Connection, tenant: int, where: JobFilter, now: int, after: Place | None) -> dict[str, Any]:
    """The values of every parameter that a statement may have; `now` is in ticks."""
    found: dict[str, Any] = {name: among(connection, getattr(where, name)) for name in SUBJECT if getattr(where, name)}
    found |= {"tenant": tenant, **contains.values(connection, tenant, fold(where.search))}
    if connection.dialect.name == "postgresql" and (about := frozenset(found).intersection(SUBJECT)):
        # How many subjects there are its planner only knows of what it is given.
        found["about"] = [number for (number,) in _numbers(about).rows(connection, found)]
    return found | {
        "since": where.since,
        "until": where.until,
        "comments": fold(where.comments),
        "min_duration": where.min_duration,
        "running": now - where.min_duration,
        "min_failed": where.min_failed,
        **(keyset.place_values(after) if after else {}),
    }


def narrowed(statement: Select[Any], kind: Kind) -> Select[Any]:
    """`statement`, of the jobs that pass the filters, by the kind's way."""
    return statement.where(*_conditions(kind)).with_hint(table, indexes.IN_SQLITE[kind.way], "sqlite")


def is_direct(kind: Kind) -> bool:
    """Whether the index has just the jobs of the kind, in order."""
    beside_it = [name for name, codes in zip(CODES, kind.codes, strict=True) if codes]
    return not kind.more and kind.texts is Texts.NONE and set(beside_it) <= {*_LOOKED_UP.get(kind.way, ())}


def _conditions(kind: Kind) -> list[ColumnElement[bool]]:
    found = [table.c.tenant == bindparam("tenant", type_=Integer())]
    looked_up = _LOOKED_UP.get(kind.way, ())
    for name, codes, every in zip(CODES, kind.codes, EVERY, strict=True):
        if name in looked_up:
            found.append(_one_of(table.c[name], codes or every))
        elif codes:
            found.append(_one_of(beside(table.c[name]), codes))
    # A partial index serves only who repeats its condition.
    if kind.way is Access.STATE:
        found.append(table.c.state != constant(JobState.Successful))
    if kind.way is Access.COMMENTED:
        found.append(table.c.comments != literal_column("''", Text))
    if kind.way is Access.FAILING:
        found.append(table.c.failed > constant(0))
    if kind.since:
        found.append(table.c.filed >= bindparam("since", type_=BigInteger()))
    if kind.until:
        found.append(table.c.filed <= bindparam("until", type_=BigInteger()))
    if about := kind.more.intersection(SUBJECT):
        column = table.c.subject if kind.way is Access.SUBJECT else beside(table.c.subject)
        given = select(func.unnest(bindparam("about", type_=ARRAY(Integer))))
        found.append(column.in_(_about(about) if kind.dialect == "sqlite" else given))
    found += [_ROWS[name](kind.dialect) for name in ROW if name in kind.more]
    found += _texts(kind)
    if kind.after:
        found.append(keyset.after(kind.sort))
    return found


def _about(names: frozenset[str]) -> Select[Any]:
    """The numbers of the subjects that pass the filters of these names."""
    given = [one_of(subjects.c[name[:-1]], name) for name in SUBJECT if name in names]
    return select(subjects.c.subject).where(subjects.c.tenant == bindparam("tenant", type_=Integer()), *given)


@lru_cache(maxsize=8)
def _numbers(names: frozenset[str]) -> Prepared:
    return Prepared(_about(names))


def _one_of(column: ColumnElement[int], codes: tuple[int, ...]) -> ColumnElement[bool]:
    return column == constant(codes[0]) if len(codes) == 1 else column.in_([constant(code) for code in codes])


def _texts(kind: Kind) -> list[ColumnElement[bool]]:
    if kind.texts is Texts.NONE:
        return []
    about = contains.about(kind.dialect)
    named = contains.named(kind.dialect, ascii_term=kind.ascii_term)
    if kind.texts is Texts.ABOUT:
        return [about]
    if kind.texts is Texts.EITHER:
        return [or_(about, named)]
    if kind.dialect != "sqlite":
        return [contains.named_by_trigrams(), not_(about)]
    return [contains.NUMBERED if kind.among == "numbers" else contains.MATCHED, named, not_(about)]


def _commented(dialect: str) -> ColumnElement[bool]:
    # Letters of ASCII alone are folded, in whatever language the database is; other comments are folded already.
    comments = table.c.comments if dialect == "sqlite" else table.c.comments.collate("C")
    folded = func.coalesce(table.c.folded_comments, func.lower(comments))
    return contains.holds(dialect, folded, bindparam("comments", type_=Text()))


def _lasting(_dialect: str) -> ColumnElement[bool]:
    """As `Line.wire_times` has it, for a length above 0."""
    ended = table.c.finish != literal_column("0", BigInteger)
    lasted = table.c.finish - table.c.start >= bindparam("min_duration", type_=BigInteger())
    running = and_(
        table.c.state != constant(JobState.NotStarted), table.c.start <= bindparam("running", type_=BigInteger())
    )
    return or_(and_(ended, lasted), and_(not_(ended), running))


def _failing(_dialect: str) -> ColumnElement[bool]:
    return table.c.failed >= bindparam("min_failed", type_=Integer())


_ROWS: Final = {"comments": _commented, "min_duration": _lasting, "min_failed": _failing}
