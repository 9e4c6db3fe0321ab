"""An index of parts of job IDs and references, by which a search finds the jobs whose ID contains a text.

It is for stores in a file. PostgreSQL has its own index for this (pg_trgm, with trigrams: three characters). SQLite's
FTS5 has trigrams too, but most of an ID is digits, and any three digits are in about one of a hundred jobs. So this
index has parts of five characters (`store.derived.parts`), in the table `job_gram`; a row there has the same number as
its job. A search for `b-0042` looks for rows that have both `b-004` and `-0042`. A job that has another reference than
its ID has its parts as well.

FTS5 stores only which words a row has: no text (`content=''`), no positions (`detail=none`), no lengths
(`columnsize=0`). So a row that it finds is only a candidate: the parts may be in another order. The texts decide.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from jobreport.model.job import fold
from jobreport.store.derived.parts import LENGTH, parts, parts_of, words

SHORT: Final = 3
"""A term that is shorter than this is in very many IDs or in none."""
_LAST_CHARACTER: Final = "\U0010ffff"
_PROBES: Final = 2
_PROBED: Final = 50
"""The rareness of a part is measured at `_PROBES` places of the table: it is the number of jobs that must be passed
until `_PROBED` of them had the part."""
_COMMON: Final = 0.2
"""If more than this share of all jobs has a part, looking for it takes long and excludes few jobs."""
_RAREST: Final = 2
"""At first only this many parts of a term, the rarest, are looked for. A further part rarely saves what it costs."""
_ENOUGH: Final = 1_000
"""Up to this many candidates are simply compared. If there are more, the other parts of the term are looked for too."""
FEW: Final = 10_000
"""Up to this many candidates are returned as a list of numbers. For more, the FTS5 query is returned."""
_SAMPLES: Final = 400
"""The number of jobs in a sample, from which it is judged how common a short term is, or whether the index is right."""
_BATCH: Final = 10_000

_ADD: Final = "INSERT INTO job_gram (rowid, job_id) VALUES (?, ?)"
_REMOVE: Final = "INSERT INTO job_gram (job_gram, rowid, job_id) VALUES ('delete', ?, ?)"
_LAST: Final = "SELECT coalesce(max(id), 0) FROM job"
_PROBE: Final = "SELECT rowid FROM job_gram WHERE job_gram MATCH ? AND rowid >= ? LIMIT 1 OFFSET ?"
_NUMBERS: Final = "SELECT rowid FROM job_gram WHERE job_gram MATCH ? LIMIT ?"
_COUNT: Final = f"SELECT count(*) FROM ({_NUMBERS})"  # noqa: S608 - constants
_THERE: Final = "SELECT 1 FROM job_gram_term WHERE term >= ? AND term <= ? LIMIT 1"
_TOTALS: Final = "SELECT block FROM job_gram_data WHERE id = 1"
_TRUE_TOTALS: Final = (
    "SELECT (SELECT count(*) FROM job), (SELECT coalesce(sum(length(job_id)), 0) FROM job)"
    " + (SELECT coalesce(sum(length(folded_id) - length(job_id)), 0) FROM job WHERE folded_id IS NOT NULL)"
    " + (SELECT coalesce(sum(length(reference)), 0) FROM job WHERE reference IS NOT NULL AND reference <> job_id)"
)
_SAMPLE: Final = "SELECT id, job_id, reference FROM job WHERE id >= ? ORDER BY id LIMIT 1"
_HOLDS: Final = "SELECT 1 FROM job_gram WHERE job_gram MATCH ? AND rowid = ?"
_EMPTY: Final = "INSERT INTO job_gram (job_gram) VALUES ('delete-all')"
_EVERY: Final = "SELECT id, job_id, reference FROM job ORDER BY id"

Numbered = tuple[int, str, str | None]
"""A job's number, its ID and its reference."""


class Candidates(NamedTuple):
    """The jobs, of any tenant, whose ID may contain a term.

    `numbers` are the numbers of the jobs. If there are more than `FEW`, it is empty, and `match` is the FTS5 query that
    finds them in `job_gram`.
    """

    numbers: list[int]
    match: str = ""


def add(connection: Connection, jobs: Sequence[Numbered]) -> None:
    """Adds new jobs to the index."""
    connection.exec_driver_sql(_ADD, _texts(jobs))


def remove(connection: Connection, jobs: Sequence[Numbered]) -> None:
    """Removes jobs from the index. Their IDs and references must be as they were when they were added."""
    connection.exec_driver_sql(_REMOVE, _texts(jobs))


def rebuild(connection: Connection) -> None:
    """Makes the index again from all jobs."""
    connection.exec_driver_sql(_EMPTY)
    for rows in connection.exec_driver_sql(_EVERY).partitions(_BATCH):
        add(connection, [(row.id, row.job_id, row.reference) for row in rows])


def candidates(connection: Connection, term: str, most: int) -> Candidates | None:
    """Returns the jobs whose ID or reference may contain the case-folded `term`; None if there are, or may be, more
    than `most`.

    Term of one or two characters: returns None if any of them contains it, and otherwise no jobs. Term of three or
    four: looks for all parts that begin with it. Longer term: looks for its rarest parts, and then, if need be, for
    all.
    """
    term = words(term)
    if len(term) < SHORT:
        last = term + _LAST_CHARACTER * (LENGTH - len(term))
        return None if connection.exec_driver_sql(_THERE, (term, last)).first() else Candidates([])
    if len(term) < LENGTH:
        # If many jobs have a part that begins with the term, reading all these parts takes long.
        sample = list(_sample(connection))
        having = sum(any(term in words(fold(text or "")) for text in texts) for _, *texts in sample)
        if having * _last(connection) > most * len(sample):
            return None
        ways = [f'"{term}" *']
    else:
        rarest = _by_rareness(connection, parts(term))
        ways = [_all_of(rarest[:_RAREST]), _all_of(rarest)]
    for match, enough in zip(ways, [_ENOUGH, FEW][-len(ways) :], strict=True):
        numbers = connection.exec_driver_sql(_NUMBERS, (match, enough + 1)).scalars().all()
        if len(numbers) <= enough:
            return Candidates(list(numbers))
    rows: int = connection.exec_driver_sql(_COUNT, (ways[-1], most + 1)).scalar_one()
    return Candidates([], ways[-1]) if rows <= most else None


def is_consistent(connection: Connection) -> bool:
    """Whether the index has the right numbers of jobs and of parts, and finds each job of a sample.

    FTS5's own check compares an index with its stored text. This index stores none, so that check would not notice a
    missing job, and it would keep writers waiting. To read the whole index would take minutes, and memory for all jobs.
    But FTS5 records how many rows and words were added, less those removed: these two numbers show that a job is
    missing, is there twice, or has changed. The sample shows jobs whose numbers were exchanged.
    """
    jobs, parts = connection.exec_driver_sql(_TRUE_TOTALS).one()
    block: bytes = connection.exec_driver_sql(_TOTALS).scalar() or b""
    if (varints(block) or [0, 0]) != [jobs, parts]:
        return False
    return all(_holds(connection, number, text_of(job_id, name)) for number, job_id, name in _sample(connection))


def text_of(job_id: str, reference: str | None = None) -> str:
    """Returns the text that FTS5 is given for a job, as `_texts` does."""
    return _texts([(0, job_id, reference)])[0][1]


def _texts(jobs: Sequence[Numbered]) -> list[tuple[int, str]]:
    """Returns the number of each job, and the text that FTS5 is given for it: all parts of its case-folded ID and
    reference, separated by spaces. A reference that is the ID, as of a list that is alone in telling of a job, has no
    others.
    """
    ids = parts_of([fold(job_id) for _, job_id, _ in jobs])
    others = iter(parts_of([fold(other) for _, job_id, other in jobs if other and other != job_id]))
    return [
        (number, f"{named} {next(others)}" if other and other != job_id else named)
        for (number, job_id, other), named in zip(jobs, ids, strict=True)
    ]


def _sample(connection: Connection) -> Iterator[Numbered]:
    """Gives `_SAMPLES` jobs at equal distances in the table, among them the last."""
    last = _last(connection)
    for number in sorted({last - last * place // _SAMPLES for place in range(_SAMPLES)}):
        if row := connection.exec_driver_sql(_SAMPLE, (number,)).first():
            yield row.id, row.job_id, row.reference


def _last(connection: Connection) -> int:
    """Returns the highest number of a job, which is about the number of jobs."""
    found: int = connection.exec_driver_sql(_LAST).scalar_one()
    return found


def _holds(connection: Connection, number: int, parts: str) -> bool:
    """Whether the index finds the job by its rarest parts. (For a common part, many other jobs would be read first.)"""
    match = _all_of(_by_rareness(connection, parts.split(" "))[:_RAREST])
    return connection.exec_driver_sql(_HOLDS, (match, number)).first() is not None


def varints(block: bytes) -> list[int]:
    """Decodes SQLite's variable-length integers.

    Each byte has seven bits of a number, the highest first, and a flag that another byte follows. A ninth byte has
    eight bits. Example: the bytes 0x81 0x05 are 1 * 128 + 5 = 133.
    """
    numbers, value, length = [], 0, 0
    for byte in block:
        length += 1
        value = value << 8 | byte if length == 9 else value << 7 | byte & 0x7F
        if byte < 0x80 or length == 9:
            numbers.append(value)
            value = length = 0
    return numbers


def _by_rareness(connection: Connection, parts: Sequence[str]) -> list[str]:
    """Returns the parts, the rarest first. Common parts are left out, unless too few others remain.

    Example: from the start of the table, 50 jobs with a part are found among the first 60 jobs: it is common. For
    another part it takes 40,000 jobs: it is rare.
    """
    if len(wanted := set(parts)) <= _RAREST:
        return sorted(wanted)
    last = _last(connection)
    starts = [last * place // _PROBES for place in range(_PROBES)]

    def between(part: str) -> int:
        asked = ((f'"{part}"', start, _PROBED) for start in starts)
        ends = (connection.exec_driver_sql(_PROBE, one).scalar() for one in asked)
        return sum((last if end is None else end) - start for start, end in zip(starts, ends, strict=True))

    rarest = sorted(((between(part), part) for part in wanted), reverse=True)
    telling = [part for jobs, part in rarest if jobs * _COMMON > _PROBES * _PROBED]
    return telling if len(telling) >= _RAREST else [part for _, part in rarest[:_RAREST]]


def _all_of(parts: Sequence[str]) -> str:
    """Returns the FTS5 query for the jobs that have all of these parts."""
    return " AND ".join(f'"{part}"' for part in parts)
