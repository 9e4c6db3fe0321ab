"""The statements that list series. Each is made once for all questions of one shape."""

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    TableClause,
    Text,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from jobreport.model.series import SeriesStatus
from jobreport.model.series_query import SeriesKeys, SeriesSort
from jobreport.store.db.expressions import any_of, contains, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.series import MAX_SORT_NAME
from jobreport.store.schema.jobs import series as table
from jobreport.store.schema.jobs import series_text as texts

S = TypeVar("S", bound=Select[Any])

CODES: Final = {"services": "service", "types": "type", "states": "ended_state"}
"""The filters of codes, and their columns."""
TEXTS: Final = {"plans": "plan", "resources": "resource", "origins": "origin"}
"""The filters of whole texts, and their columns."""
ABOUT: Final = ("series", "digest", "service", "type", "plan", "resource", "origin")
FIELDS: Final = SeriesStatus.__struct_fields__
COLUMNS: Final = [table.c[column] for column in (*ABOUT, *FIELDS, "sort_name")]
"""The columns that are read of a series: what it is, how it stands, and the name by which it is sorted."""

_NONE: Final = literal_column("0", Integer)
_SOME: Final = table.c.jobs > _NONE
_AFTER: Final[dict[str, ColumnElement[Any]]] = {
    "sort_name": bindparam("after_name", type_=Text()),
    "good_finish": bindparam("after_time", type_=BigInteger()),
    "not_good_since": bindparam("after_time", type_=BigInteger()),
    "series": bindparam("after_number", type_=Integer()),
}
_INDEXES: Final = {
    SeriesKeys.NAME: "series_name",
    SeriesKeys.LAST_GOOD: "series_good",
    SeriesKeys.NOT_GOOD_SINCE: "series_not_good",
}
_TERM: Final = bindparam("search", type_=Text())
_NAMED: Final = table.alias("named")
_SAME: Final = and_(table.c.tenant == _NAMED.c.tenant, table.c.series == _NAMED.c.series)
_MAY_HAVE: Final = or_(
    contains(_NAMED.c.sort_name, _TERM),
    func.length(_NAMED.c.sort_name) == literal_column(str(MAX_SORT_NAME), Integer),  # it may be cut off
)


class Path(Enum):
    """How series are read. SQLite is told which index that needs; PostgreSQL has statistics."""

    ORDER = auto()
    """In the order that is asked for."""
    NAMES = auto()
    """In the order of names. The row of a series is only read if its name in the index contains what is searched."""
    CODES = auto()
    """Those of one service, one type and one state."""
    PLAN = auto()
    """Those of one plan, whose names are beside each other."""
    ORIGINS = auto()
    """Those of some origins, by an index that has their codes too."""
    TEXTS = auto()
    """Those whose resource an index of texts finds, and then each by its number."""
    PARTS = auto()
    """Those whose texts FTS5 finds by parts of the text that is searched (`derived.series_texts`)."""
    PATTERN = auto()
    """Those whose texts a trigram index of the database finds."""
    ALL = auto()
    """All of them, one after the other."""


FOUND: Final = (Path.TEXTS, Path.PARTS, Path.PATTERN)
"""The paths that first find the `numbers` of series by their texts."""


class Part(Enum):
    """The series that one statement reads."""

    ALL = auto()
    NOT_GOOD = auto()
    """Those whose jobs are not good now."""
    WELL = auto()
    """The others."""


class Shape(NamedTuple):
    """Everything on which the text of a statement depends. `filters` are the names of the filters that are given."""

    filters: frozenset[str]
    sort: SeriesSort
    part: Part
    path: Path
    after: bool


@lru_cache(maxsize=256)
def count(filters: frozenset[str], path: Path) -> Prepared:
    """Returns the statement that counts the series that pass the filters.

    By the path of origins it also counts those without jobs, so that the index alone tells it.
    """
    counted, conditions = select(func.count()).select_from(table), _conditions(filters, path)
    if path is Path.ORIGINS:
        conditions = [one for one in conditions if one is not _SOME]
    return Prepared(_hinted(counted, path).where(*conditions))


@lru_cache(maxsize=64)
def numbers(filters: frozenset[str], path: Path) -> Prepared:
    """Returns the statement for the numbers of the series whose texts pass the filters, `most` of them.

    They may have no jobs. Each of the series that pass all filters is among them.
    """
    return Prepared(_found(filters, path).limit(bindparam("most")))


@lru_cache(maxsize=64)
def count_texts(filters: frozenset[str], path: Path) -> Prepared:
    """Returns the statement that counts the series whose texts pass the filters, whether they have jobs or not.

    By the paths `TEXTS` and `ALL` it is exact, if one text is the only filter; by `PARTS`, if the term is also
    `series_texts.is_exact`.
    """
    return Prepared(select(func.count()).select_from(_found(filters, path).subquery("each")))


@lru_cache(maxsize=64)
def count_empty(filters: frozenset[str]) -> Prepared:
    """Returns the statement that counts the series that pass the filters, but have no job."""
    others = [one for one in _conditions(filters, Path.ALL) if one is not _SOME]
    counted = walk(select(func.count()).select_from(table), table, "series_empty")
    return Prepared(counted.where(table.c.jobs == _NONE, *others))


@lru_cache(maxsize=64)
def every(filters: frozenset[str]) -> Prepared:
    """Returns the statement for all series that pass the filters."""
    return Prepared(select(*COLUMNS).where(*_conditions(filters, Path.ALL)))


@lru_cache(maxsize=64)
def among(filters: frozenset[str]) -> Prepared:
    """Returns the statement for those of some `numbers` of series that pass the filters, by their numbers."""
    return Prepared(select(table.c.series).where(*_conditions(filters, Path.TEXTS)))


@lru_cache(maxsize=512)
def page(shape: Shape) -> Prepared:
    """Returns the statement for the first `size` series in an order; by the path of codes, of those of one `service`,
    `type` and `state`.
    """
    columns = order(shape)
    conditions = [*_conditions(shape.filters, shape.path), *_place(shape, columns)]
    statement = select(*COLUMNS).select_from(table)
    match shape.path:
        case Path.NAMES:
            statement = walk(statement, _NAMED, "series_name").join(_NAMED, _SAME)
            conditions += [_NAMED.c.tenant == bindparam("tenant"), _MAY_HAVE]
        case Path.ORDER if shape.part is not Part.WELL:
            statement = walk(statement, table, _INDEXES[shape.sort.key])
        case Path.CODES:
            statement = walk(statement, table, "series_codes")
        case Path.PLAN | Path.ALL | Path.ORIGINS | Path.TEXTS | Path.PARTS | Path.PATTERN:
            statement = _hinted(statement, shape.path)
            # Sorted in memory: by an index of the order, the rows would be read one here, one there.
            columns = [func.coalesce(column, column) for column in columns]
    ordered = (column.desc() if shape.sort.descending else column.asc() for column in columns)
    return Prepared(statement.where(*conditions).order_by(*ordered).limit(bindparam("size")))


@lru_cache(maxsize=32)
def walked(sort: SeriesSort, part: Part, after: bool) -> Prepared:
    """Returns the statement for the numbers of all series in an order, also of those without jobs: the index alone
    tells them.
    """
    shape = Shape(frozenset(), sort, part, Path.ORDER, after)
    columns = order(shape)
    statement = select(table.c.series).where(table.c.tenant == bindparam("tenant"), *_place(shape, columns))
    if part is not Part.WELL:
        statement = walk(statement, table, _INDEXES[sort.key])
    return Prepared(statement.order_by(*(column.desc() if sort.descending else column.asc() for column in columns)))


def _place(shape: Shape, columns: Sequence[Any]) -> Iterator[ColumnElement[Any]]:
    """Gives the conditions of the part, and of the position after which it begins."""
    if shape.part is not Part.ALL:
        yield table.c.not_good > _NONE if shape.part is Part.NOT_GOOD else table.c.not_good == _NONE
    if shape.after:
        here, there = tuple_(*columns), tuple_(*(_AFTER[column.name] for column in columns))
        yield here < there if shape.sort.descending else here > there


def order(shape: Shape) -> list[Any]:
    """Returns the columns by which a statement sorts."""
    source = _NAMED if shape.path is Path.NAMES else table
    columns = {
        SeriesKeys.NAME: [source.c.sort_name],
        SeriesKeys.LAST_GOOD: [table.c.good_finish],
        SeriesKeys.NOT_GOOD_SINCE: [] if shape.part is Part.WELL else [table.c.not_good_since],
    }
    return [*columns[shape.sort.key], source.c.series]


def _hinted(statement: S, path: Path) -> S:
    index = {Path.PLAN: "series_name", Path.ORIGINS: "series_origin"}.get(path)
    return walk(statement, table, index) if index else statement


def _conditions(filters: frozenset[str], path: Path) -> list[ColumnElement[Any]]:
    conditions: list[ColumnElement[Any]] = [table.c.tenant == bindparam("tenant"), _SOME]
    if path is Path.CODES:
        names = {"service": table.c.service, "type": table.c.type, "state": table.c.ended_state}
        return [*conditions, *(column == bindparam(name) for name, column in names.items())]
    if path is Path.PLAN:
        conditions.append(table.c.sort_name >= bindparam("name_from", type_=Text()))
        conditions.append(table.c.sort_name < bindparam("name_to", type_=Text()))
    if path in FOUND:
        conditions.append(any_of(table.c.series, "numbers"))
    for name, of_series in (*CODES.items(), *TEXTS.items()):
        if name in filters:
            conditions.append(any_of(table.c[of_series], name))
    if "search" in filters:
        conditions.append(or_(contains(table.c.folded_plan, _TERM), contains(table.c.folded_resource, _TERM)))
    return conditions


def _found(filters: frozenset[str], path: Path) -> Select[Any]:
    """Returns a SELECT of the numbers of series by their texts alone."""
    chosen = select(texts.c.series).where(texts.c.tenant == bindparam("tenant"))
    keys = [name for name in ("resources", "origins") if name in filters]
    if path is not Path.ALL:
        chosen = chosen.where(*(any_of(texts.c[name[:-1]], f"{name}_keys") for name in keys))
    match path:
        case Path.TEXTS:
            return walk(chosen, texts, "series_text_resource")
        case Path.PARTS:
            # Alone, so that no more are looked for than are asked for. Other filters are for the series themselves.
            return select(_GRAMS.c.rowid - _BASE).where(
                _GRAMS_TABLE.match(bindparam("parts", type_=Text())), _GRAMS.c.rowid > _BASE, _GRAMS.c.rowid < _END
            )
        case Path.PATTERN:
            return chosen.where(texts.c.text.like(bindparam("pattern", type_=Text())))
        case _:
            return chosen.where(contains(texts.c.text, _TERM))


_GRAMS: Final = TableClause("series_gram", column("rowid", BigInteger))
_GRAMS_TABLE: Final[ColumnElement[Any]] = literal_column("series_gram")
_BASE: Final = bindparam("base", type_=BigInteger())
_END: Final = bindparam("base_end", type_=BigInteger())
