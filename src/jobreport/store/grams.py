"""Job IDs in, an index of their trigrams; a term in, the jobs whose ID may hold it out. SQLite only.

PostgreSQL has pg_trgm for the same. FTS5 keeps for each three characters in a row the numbers of the jobs that have
them in their folded ID. It keeps no text (`content=''`), no places (`detail=none`) and no lengths (`columnsize=0`):
what it names is a candidate, and the text in the job's row decides.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from jobreport.model.job import fold

_LENGTH: Final = 3
_PAD: Final = "\x1f" * (_LENGTH - 1)
"""After each ID, so that each of its characters begins a trigram, and a shorter term can be looked for too."""
_PROBES: Final = 4
_PROBED: Final = 50
"""How common a trigram is, so many stretches of all jobs tell, each until it has come so often."""
_RAREST: Final = 3
"""So many of a term's trigrams are asked for at first: more mostly cost more than the candidates they rule out."""
_COMMON: Final = 0.2
"""A trigram that so large a part of all jobs has takes long to read and rules out little."""
_ENOUGH: Final = 1_000
"""So few candidates are sooner looked at than ruled out by the other trigrams."""
FEW: Final = 10_000
"""Candidates that are named by their numbers; more are looked for again where they are needed."""
_LAST_CHARACTER: Final = "\U0010ffff"

_ADD: Final = "INSERT INTO job_gram (rowid, job_id) VALUES (?, ?)"
_REMOVE: Final = "INSERT INTO job_gram (job_gram, rowid, job_id) VALUES ('delete', ?, ?)"
_LAST: Final = "SELECT coalesce(max(id), 0) FROM job"
_PROBE: Final = "SELECT rowid FROM job_gram WHERE job_gram MATCH ? AND rowid >= ? LIMIT 1 OFFSET ?"
_NUMBERS: Final = "SELECT rowid FROM job_gram WHERE job_gram MATCH ? LIMIT ?"
_COUNT: Final = f"SELECT count(*) FROM ({_NUMBERS})"  # noqa: S608 - constants
_TOTALS: Final = "SELECT block FROM job_gram_data WHERE id = 1"
_TRUE_TOTALS: Final = (
    "SELECT (SELECT count(*) FROM job), (SELECT coalesce(sum(length(job_id)), 0) FROM job)"
    " + (SELECT coalesce(sum(length(folded_id) - length(job_id)), 0) FROM job WHERE folded_id IS NOT NULL)"
)
_SAMPLE: Final = "SELECT id, job_id FROM job WHERE id >= ? ORDER BY id LIMIT 1"
_HOLDS: Final = "SELECT 1 FROM job_gram WHERE job_gram MATCH ? AND rowid = ?"
_SAMPLES: Final = 200
_EMPTY: Final = "INSERT INTO job_gram (job_gram) VALUES ('delete-all')"
_FILL: Final = (
    "INSERT INTO job_gram (rowid, job_id) "
    "SELECT id, coalesce(folded_id, lower(job_id)) || char(31) || char(31) FROM job ORDER BY id"
)
_SHORT: Final = "SELECT 1 FROM job_gram_term WHERE term >= ? AND term <= ? LIMIT 1"
_AS_INDEXED: Final = {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}
"""FTS5 takes these for broken text, both in an ID and in a question to it; not where a trigram itself is looked up."""

Numbered = tuple[int, str]
"""A job's number and its ID."""


def add(connection: Connection, jobs: Sequence[Numbered]) -> None:
    """Takes new jobs into the index."""
    connection.exec_driver_sql(_ADD, [(number, _text(job_id)) for number, job_id in jobs])


def remove(connection: Connection, jobs: Sequence[Numbered]) -> None:
    """Takes jobs that are deleted out of the index; each as it was taken in."""
    connection.exec_driver_sql(_REMOVE, [(number, _text(job_id)) for number, job_id in jobs])


class Candidates(NamedTuple):
    """Jobs, of any tenant, whose ID may hold a term: their numbers or, where they are over `FEW`, what `job_gram` is to
    be asked for them."""

    numbers: list[int]
    match: str = ""


def candidates(connection: Connection, term: str, most: int) -> Candidates | None:
    """The jobs whose folded ID may hold the folded `term`; None if they are more than `most`, or nobody knows."""
    if len(term) < _LENGTH:
        term = term.translate(_AS_INDEXED)
        last = term + _LAST_CHARACTER * (_LENGTH - len(term))
        return None if connection.exec_driver_sql(_SHORT, (term, last)).first() else Candidates([])
    trigrams = _by_rareness(connection, term)
    match = ""
    for number, enough in ((_RAREST, _ENOUGH), (len(trigrams), FEW)):
        match = _all_of(trigrams[:number])
        numbers = connection.exec_driver_sql(_NUMBERS, (match, enough + 1)).scalars().all()
        if len(numbers) <= enough:
            return Candidates(list(numbers))
    found: int = connection.exec_driver_sql(_COUNT, (match, most + 1)).scalar_one()
    return Candidates([], match) if found <= most else None


def agrees(connection: Connection) -> bool:
    """Whether the index holds as many jobs as there are, with as many trigrams, and a sample of them one by one.

    FTS5's own check compares an index with the text that it keeps; this one keeps none, so that it would see no job
    that is missing, and it would keep writers waiting. The index cannot be read by job either, and to read all of it
    by trigram takes minutes and the memory for all jobs. But FTS5 counts the jobs and the trigrams that it has taken
    in, less those taken out, in a record of its own; that sees what a forgotten, repeated or altered one leaves
    behind. Jobs under each other's numbers show in the sample.
    """
    jobs, trigrams = connection.exec_driver_sql(_TRUE_TOTALS).one()
    block: bytes = connection.exec_driver_sql(_TOTALS).scalar() or b""
    if (_varints(block) or [0, 0]) != [jobs, trigrams]:
        return False
    return all(_holds(connection, number, job_id) for number, job_id in _sample(connection))


def rebuild(connection: Connection) -> None:
    """Makes the index anew from all jobs."""
    connection.exec_driver_sql(_EMPTY)
    connection.exec_driver_sql(_FILL)


def _sample(connection: Connection) -> Iterator[Numbered]:
    """Jobs from all over the table, the last one among them."""
    last: int = connection.exec_driver_sql(_LAST).scalar_one()
    for number in sorted({last - last * place // _SAMPLES for place in range(_SAMPLES)}):
        if found := connection.exec_driver_sql(_SAMPLE, (number,)).first():
            yield found.id, found.job_id


def _holds(connection: Connection, number: int, job_id: str) -> bool:
    """Whether the index has the job under its rarest trigrams: to come to a job costs all that stand before it."""
    found = connection.exec_driver_sql(_HOLDS, (_all_of(_by_rareness(connection, _text(job_id))[:_RAREST]), number))
    return found.first() is not None


def _varints(block: bytes) -> list[int]:
    """SQLite's numbers of varying length: seven bits a byte, the highest first; from a ninth byte all eight."""
    found, value, length = [], 0, 0
    for byte in block:
        length += 1
        value = value << 8 | byte if length == 9 else value << 7 | byte & 0x7F
        if byte < 0x80 or length == 9:
            found.append(value)
            value = length = 0
    return found


def _by_rareness(connection: Connection, text: str) -> list[str]:
    """The trigrams of the text, the rarest first: those with the most jobs between so many that have them.

    Without the common ones, where there are enough others.
    """
    trigrams = {text[place : place + _LENGTH] for place in range(len(text) - _LENGTH + 1)}
    if len(trigrams) <= _RAREST:
        return sorted(trigrams)
    last: int = connection.exec_driver_sql(_LAST).scalar_one()
    starts = [last * place // _PROBES for place in range(_PROBES)]

    def between(trigram: str) -> int:
        asked = ((_quoted(trigram), start, _PROBED) for start in starts)
        ends = (connection.exec_driver_sql(_PROBE, one).scalar() for one in asked)
        return sum((last if end is None else end) - start for start, end in zip(starts, ends, strict=True))

    rarest = sorted(((between(trigram), trigram) for trigram in trigrams), reverse=True)
    telling = [trigram for jobs, trigram in rarest if jobs * _COMMON > _PROBES * _PROBED]
    return telling if len(telling) >= _RAREST else [trigram for _, trigram in rarest[:_RAREST]]


def _all_of(trigrams: Sequence[str]) -> str:
    """What FTS5 is asked for: jobs that have all of these."""
    return " AND ".join(map(_quoted, trigrams))


def _quoted(trigram: str) -> str:
    return '"' + trigram.replace('"', '""') + '"'


def _text(job_id: str) -> str:
    return fold(job_id) + _PAD
