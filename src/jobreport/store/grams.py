"""Job IDs in, an index of their trigrams; a term in, the jobs whose ID may hold it out. SQLite only.

PostgreSQL has pg_trgm for the same. FTS5 keeps for each three characters in a row the numbers of the jobs that have
them in their folded ID. It keeps no text (`content=''`), no places (`detail=none`) and no lengths (`columnsize=0`):
what it names is a candidate, and the text in the job's row decides.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection

from jobreport.model.job import fold

_LENGTH: Final = 3
_PAD: Final = "\x1f" * (_LENGTH - 1)
"""After each ID, so that each of its characters begins a trigram, and a shorter term can be looked for too."""
_PROBED: Final = 200
_RAREST: Final = 3
"""So many trigrams of a term are asked for at first: each more mostly costs more than the candidates it rules out."""
_LAST_CHARACTER: Final = "\U0010ffff"

_ADD: Final = "INSERT INTO job_gram (rowid, job_id) VALUES (?, ?)"
_REMOVE: Final = "INSERT INTO job_gram (job_gram, rowid, job_id) VALUES ('delete', ?, ?)"
_PROBE: Final = "SELECT rowid FROM job_gram WHERE job_gram MATCH ? LIMIT 1 OFFSET ?"
_NUMBER: Final = "SELECT count(*) FROM (SELECT 1 FROM job_gram WHERE job_gram MATCH ? LIMIT ?)"
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


def candidates(connection: Connection, term: str, most: int) -> str | None:
    """What `job_gram` is to be asked for the jobs, of any tenant, whose folded ID may hold the folded `term`.

    None if these are more than `most`, an empty text if there are none.
    """
    if len(term) < _LENGTH:
        term = term.translate(_AS_INDEXED)
        last = term + _LAST_CHARACTER * (_LENGTH - len(term))
        return None if connection.exec_driver_sql(_SHORT, (term, last)).first() else ""
    trigrams = _by_rareness(connection, term)
    for number in sorted({min(_RAREST, len(trigrams)), len(trigrams)}):
        match = _all_of(trigrams[:number])
        found: int = connection.exec_driver_sql(_NUMBER, (match, most + 1)).scalar_one()
        if found <= most:
            return match if found else ""
    return None


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
    last: int = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM job").scalar_one()
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
    """The trigrams of the text, the rarest first."""
    trigrams = {text[place : place + _LENGTH] for place in range(len(text) - _LENGTH + 1)}
    return [trigram for _, trigram in sorted((_nearness(connection, trigram), trigram) for trigram in trigrams)]


def _all_of(trigrams: Sequence[str]) -> str:
    """What FTS5 is asked for: jobs that have all of these."""
    return " AND ".join(map(_quoted, trigrams))


def _nearness(connection: Connection, trigram: str) -> float:
    """How common a trigram is among the oldest jobs: the inverse of the number of jobs until it has come so often."""
    last: int | None = connection.exec_driver_sql(_PROBE, (_quoted(trigram), _PROBED)).scalar()
    return 1 / last if last else 0.0


def _quoted(trigram: str) -> str:
    return '"' + trigram.replace('"', '""') + '"'


def _text(job_id: str) -> str:
    return fold(job_id) + _PAD
