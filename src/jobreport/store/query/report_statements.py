"""What a search asks for in; the statement for it, made once, out: the jobs that match, how many, and on which days.

Parameters are those of `access.narrowed` and of `contains`.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, literal_column, not_, or_, select

from jobreport.model import ticks
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import contains, indexes
from jobreport.store.query.indexes import Access, Shape
from jobreport.store.schema.jobs import job as table

_KEY: Final = select(table.c.filed, table.c.job_id)
_NUMBER: Final = select(func.count()).select_from(table)


_DAY: Final = table.c.filed // literal_column(str(ticks.PER_DAY), BigInteger)
_BY_DAY: Final = select(_DAY, func.count()).select_from(table).group_by(_DAY)


class Kind(NamedTuple):
    """What decides how a search's statement looks."""

    shape: Shape
    dialect: str
    ascii_term: bool


def _about_it(kind: Kind) -> ColumnElement[bool]:
    return contains.about(kind.dialect)


def _named(kind: Kind) -> ColumnElement[bool]:
    if kind.dialect == "postgresql" and kind.shape.access is Access.SUBJECT:
        return contains.named_by_trigrams()
    return contains.named(kind.dialect, ascii_term=kind.ascii_term)


def _only(kind: Kind) -> tuple[ColumnElement[bool], ...]:
    return _named(kind), not_(_about_it(kind))


def _either(kind: Kind) -> ColumnElement[bool]:
    return or_(_about_it(kind), _named(kind))


@lru_cache(maxsize=256)
def matching(kind: Kind) -> Prepared:
    """All that match, by either text, in the order of the report."""
    return Prepared(indexes.narrowed(_KEY, kind.shape).where(_either(kind)).order_by(*indexes.order(backwards=False)))


@lru_cache(maxsize=256)
def walk(kind: Kind, *, backwards: bool) -> Prepared:
    """Those `size` of them that come after `skip`, in the order of the report or backwards."""
    found = indexes.narrowed(_KEY, kind.shape).where(_either(kind)).order_by(*indexes.order(backwards=backwards))
    return Prepared(found.limit(bindparam("size")).offset(bindparam("skip")))


@lru_cache(maxsize=256)
def number_of(kind: Kind) -> Prepared:
    """How many match, by either text."""
    return Prepared(indexes.narrowed(_NUMBER, kind.shape).where(_either(kind)))


@lru_cache(maxsize=256)
def days(kind: Kind) -> Prepared:
    """How many match on each day, by either text."""
    return Prepared(indexes.narrowed(_BY_DAY, kind.shape).where(_either(kind)))


@lru_cache(maxsize=256)
def about(kind: Kind) -> Prepared:
    """Those whose description matches, in no order."""
    return Prepared(indexes.narrowed(_KEY, kind.shape).where(_about_it(kind)))


@lru_cache(maxsize=256)
def number_about(kind: Kind) -> Prepared:
    """How many these are."""
    return Prepared(indexes.narrowed(_NUMBER, kind.shape).where(_about_it(kind)))


@lru_cache(maxsize=256)
def days_about(kind: Kind) -> Prepared:
    """How many of them there are on each day."""
    return Prepared(indexes.narrowed(_BY_DAY, kind.shape).where(_about_it(kind)))


@lru_cache(maxsize=256)
def only_numbered(kind: Kind) -> Prepared:
    """Those of the jobs with some numbers whose ID matches and whose description does not."""
    return Prepared(indexes.narrowed(_KEY, kind.shape).where(contains.NUMBERED, *_only(kind)))


@lru_cache(maxsize=256)
def only_matched(kind: Kind) -> Prepared:
    """The same of those that the index of ID parts names."""
    return Prepared(indexes.narrowed(_KEY, kind.shape).where(contains.MATCHED, *_only(kind)))


@lru_cache(maxsize=256)
def only_named(kind: Kind) -> Prepared:
    """Those whose ID matches and whose description does not, in no order, and at most `most` of them."""
    return Prepared(indexes.narrowed(_KEY, kind.shape).where(*_only(kind)).limit(bindparam("most")))
