"""Makes the WHERE conditions of every statement that reads jobs, and the values of its parameters.

A `Shape` says which filters a question has and which index is read, but not the filters' values. All questions with
equal shapes share one statement, which is made once. Example: "failed jobs since Monday" and "failed jobs since Friday"
have equal shapes.
"""

from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
)

from jobreport.model.catalog import JobState
from jobreport.model.job import fold
from jobreport.model.query import Clock, JobFilter, Sort, SortKey
from jobreport.store.db import Dialect
from jobreport.store.db.expressions import ascii_lower, contains
from jobreport.store.derived.causes import NONE
from jobreport.store.query import codes, indexes, keyset, named, texts
from jobreport.store.query.codes import EACH, Codes, constant
from jobreport.store.query.indexes import LOOKED_UP, Index, beside
from jobreport.store.query.named import CAUSE, SUBJECT
from jobreport.store.query.texts import Texts
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.rows import storable

ROW: Final = ("comments", "min_duration", "min_failed")
"""The filters that no index can answer: for these the job's row must be read."""
_TENANT: Final = bindparam("tenant", type_=Integer())


class Shape(NamedTuple):
    """Everything on which the text of a statement depends: the index that it reads, and which filters are given.

    `since` to `ended_until`: the bounds of times that are given; `codes.clock` says which of them the kept counts use.
    `others`: the names of all filters that are given, except codes, times and search text. `unsuccessful`: there is a
    filter on states, and Successful is not among them. `ascii_term` and `candidates` are explained in
    `texts.condition`.
    """

    by: Index
    dialect: Dialect
    codes: Codes = Codes()
    unsuccessful: bool = False
    since: bool = False
    until: bool = False
    ended_since: bool = False
    ended_until: bool = False
    others: frozenset[str] = frozenset()
    texts: Texts = Texts.NONE
    ascii_term: bool = False
    candidates: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether the kept counts know the number of jobs: the only filters are codes, and times of one clock."""
        return not (self.others or (self.ended and (self.since or self.until))) and self.texts is Texts.NONE

    @property
    def ended(self) -> bool:
        """Whether the time of the end is limited."""
        return self.ended_since or self.ended_until

    @property
    def in_order(self) -> bool:
        """Whether the index returns the jobs in the order of the times by which they are counted."""
        key = SortKey.FINISH if self.codes.clock is Clock.ENDED else SortKey.START
        return indexes.in_order(self.by, self.codes, key)

    @property
    def is_direct(self) -> bool:
        """Whether the index finds exactly the jobs of the shape, so that no job is read that does not match."""
        if not self.is_counted or self.ended != (self.by is Index.ENDED):
            return False
        looked_up = LOOKED_UP.get(self.by, ())
        return all(name in looked_up for name, number in zip(codes.NAMES, self.codes.numbers, strict=True) if number)

    def within(self, *, since: bool, until: bool) -> "Shape":
        """Returns the shape with other bounds of the times by which the jobs are counted."""
        if self.codes.clock is Clock.ENDED:
            return self._replace(ended_since=since, ended_until=until)
        return self._replace(since=since, until=until)


def shape_of(dialect: Dialect, where: JobFilter) -> Shape:
    """Returns the shape of a statement with these filters. A search text may be in the ID or in the description."""
    states = where.states
    shape = Shape(
        Index.TIME,
        dialect,
        Codes(len(where.services), len(where.types), len(states), where.clock),
        bool(states) and JobState.Successful not in states,
        where.since is not None,
        where.until is not None,
        where.ended_since is not None,
        where.ended_until is not None,
    )
    if where.is_counted:
        return shape
    return shape._replace(
        others=frozenset(name for name in SUBJECT + CAUSE + ROW if getattr(where, name)),
        texts=Texts.EITHER if where.search else Texts.NONE,
        ascii_term=fold(where.search).isascii(),
    )


@lru_cache(maxsize=512)
def indexes_for(shape: Shape) -> tuple[Index, ...]:
    """Returns every index by which the jobs of the shape can be read."""
    # Few jobs have comments or failed objects.
    useful = [index for name, index in _OF_ROWS.items() if name in shape.others] or [Index.TIME]
    if shape.unsuccessful:
        useful.append(Index.STATE)
    if shape.codes.service or shape.codes.type:
        useful.append(Index.PAIR)
    if shape.others.intersection(SUBJECT):
        useful.append(Index.SUBJECT)
    if "causes" in shape.others:
        useful.append(Index.CAUSE)
    if shape.ended:
        useful.append(Index.ENDED)
    return tuple(useful)


@lru_cache(maxsize=512)
def direct_index(shape: Shape) -> Index | None:
    """Returns the index that finds exactly the jobs of the shape, in the order of time; None if there is none."""
    each = (shape._replace(by=index) for index in indexes_for(shape))
    return next((one.by for one in each if one.is_direct and one.in_order), None)


def likely_index(shape: Shape) -> Index:
    """Returns the index that is probably the best for a short time range. It asks nothing of the database."""
    if shape.codes.clock is Clock.ENDED:
        return Index.ENDED
    if shape.unsuccessful:
        return Index.STATE
    return Index.PAIR if shape.codes.service == shape.codes.type == 1 else Index.TIME


_OF_ROWS: Final = {"comments": Index.COMMENTED, "min_failed": Index.FAILING}


def answerable(where: JobFilter) -> bool:
    """Whether any job can match. No job can if the store cannot even contain a text that is asked for (`storable`)."""
    if where.is_counted:  # no text is given
        return True
    given = (where.search, where.comments, *where.plans, *where.resources, *where.origins, *where.causes)
    return all(map(storable, given))


def values(
    connection: Connection, tenant: int, where: JobFilter, now: int = 0, most: int = texts.MOST
) -> dict[str, Any]:
    """Returns the values of all parameters that a statement with these filters may have.

    `now` (ticks) is the present time; it gives the duration of jobs that still run. `most` is explained in
    `texts.values`.
    """
    parameters = {"tenant": tenant, **codes.counted_values(where)}
    if where.is_counted:
        return parameters
    if where.search:
        parameters |= texts.values(connection, tenant, fold(where.search), most)
    return parameters | {
        **named.values(connection, tenant, where),
        "comments": fold(where.comments),
        "min_duration": where.min_duration,
        "running": now - where.min_duration,
        "min_failed": where.min_failed,
    }


def narrowed(
    statement: Select[Any],
    shape: Shape,
    *,
    after: Sort | None = None,
    behind: str = "",
    pair: Subquery | None = None,
) -> Select[Any]:
    """Returns `statement` with the conditions of the shape, so that it reads only jobs that pass the filters.

    Its parameters are those of `values`; `behind` is added to the names of the bounds of the times by which the jobs
    are counted (`"0"`: `since0`). With `after`, only jobs after a position in this order are read; `keyset.values` has
    the parameters of the position. With `pair`, only jobs of the service and the type in these columns are read.
    """
    conditions = _conditions(shape, behind, pair)
    if after:
        conditions.append(keyset.after(after, ended=shape.ended))
    return indexes.hinted(statement.where(*conditions), shape.by)


def _conditions(shape: Shape, behind: str, pair: Subquery | None) -> list[ColumnElement[bool]]:
    conditions = [table.c.tenant == _TENANT, *_codes(shape, pair), *_times(shape, behind), *_partial(shape.by)]
    conditions += named.conditions(shape.others, shape.by, shape.dialect)
    conditions += [_ROWS[name]() for name in ROW if name in shape.others]
    if shape.texts is not Texts.NONE:
        conditions.append(
            texts.condition(shape.dialect, shape.texts, ascii_term=shape.ascii_term, candidates=shape.candidates)
        )
    return conditions


def _times(shape: Shape, behind: str) -> list[ColumnElement[bool]]:
    """Returns the conditions on the filed time and on the end."""

    def bound(name: str, clock: Clock) -> BindParameter[int]:
        own = behind if shape.codes.clock is clock else ""
        return bindparam(f"{clock.value}{name}{own}", type_=BigInteger())

    found: list[ColumnElement[bool]] = []
    if shape.since:
        found.append(table.c.filed >= bound("since", Clock.STARTED))
    if shape.until:
        found.append(table.c.filed <= bound("until", Clock.STARTED))
    if not shape.ended:
        return found
    finish: ColumnElement[int] = table.c.finish
    if shape.by is not Index.ENDED:
        finish = beside(finish)
        found.append(finish > constant(0))
        if shape.ended_until:  # no job ends before it is filed
            found.append(table.c.filed <= bound("until", Clock.ENDED))
    if shape.ended_since:
        found.append(finish >= bound("since", Clock.ENDED))
    if shape.ended_until:
        found.append(finish <= bound("until", Clock.ENDED))
    return found


def _codes(shape: Shape, pair: Subquery | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    looked_up = LOOKED_UP.get(shape.by, ())
    for name, number in zip(codes.NAMES, shape.codes.numbers, strict=True):
        if name not in looked_up:
            conditions += [codes.one_of(beside(table.c[name]), name, number)] if number else []
        elif pair is not None:
            conditions.append(table.c[name] == pair.c[name])
        else:
            conditions.append(codes.one_of(table.c[name], name, number or EACH))
    return conditions


def _partial(index: Index) -> list[ColumnElement[bool]]:
    """Returns the condition of a partial index: a database uses that only for a statement that repeats the condition.

    SQLite wants the same words, after the bounds of times: it reads an index from the first lower bound on.
    """
    conditions = {
        Index.STATE: table.c.state != constant(JobState.Successful),
        Index.COMMENTED: table.c.comments != literal_column("''", Text),
        Index.FAILING: table.c.failed > constant(0),
        Index.CAUSE: table.c.cause != constant(NONE),
        Index.ENDED: table.c.finish > constant(0),
    }
    return [conditions[index]] if index in conditions else []


def _commented() -> ColumnElement[bool]:
    # Comments that are not only ASCII are also stored case-folded.
    folded = func.coalesce(table.c.folded_comments, ascii_lower(table.c.comments))
    return contains(folded, bindparam("comments", type_=Text()))


def _lasting() -> ColumnElement[bool]:
    """Returns the condition that a job took at least `min_duration`, which is above 0, as `Line.wire_times` counts it.

    A job that still runs has taken the time from its start until now.
    """
    ended = table.c.finish != literal_column("0", BigInteger)
    lasted = table.c.finish - table.c.start >= bindparam("min_duration", type_=BigInteger())
    running = and_(
        table.c.state != constant(JobState.NotStarted), table.c.start <= bindparam("running", type_=BigInteger())
    )
    return or_(and_(ended, lasted), and_(not_(ended), running))


def _failing() -> ColumnElement[bool]:
    return table.c.failed >= bindparam("min_failed", type_=Integer())


_ROWS: Final = {"comments": _commented, "min_duration": _lasting, "min_failed": _failing}
