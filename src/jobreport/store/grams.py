"""Job IDs in, an index of their trigrams; a term in, the jobs whose ID may hold it out. SQLite only.

PostgreSQL has pg_trgm for the same. FTS5 keeps for each three characters in a row the numbers of the jobs that have
them in their folded ID. It keeps no text (`content=''`), no places (`detail=none`) and no lengths (`columnsize=0`):
what it names is a candidate, and the text in the job's row decides.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from jobreport.model.job import fold

CREATE: Final = (
    "CREATE VIRTUAL TABLE job_gram USING fts5("
    "job_id, content='', detail=none, columnsize=0, tokenize='trigram case_sensitive 1')"
)
VOCABULARY: Final = "CREATE VIRTUAL TABLE job_gram_term USING fts5vocab(job_gram, row)"

_LENGTH: Final = 3
_PAD: Final = "\x1f" * (_LENGTH - 1)
"""After each ID, so that each of its characters begins a trigram, and a shorter term can be looked for too."""
_PROBED: Final = 200
_RAREST: Final = 3
"""So many trigrams of a term are asked for: each one more costs more than the candidates that it rules out."""
_LAST_CHARACTER: Final = "\U0010ffff"

_ADD: Final = "INSERT INTO job_gram (rowid, job_id) VALUES (?, ?)"
_REMOVE: Final = "INSERT INTO job_gram (job_gram, rowid, job_id) VALUES ('delete', ?, ?)"
_PROBE: Final = "SELECT rowid FROM job_gram WHERE job_gram MATCH ? LIMIT 1 OFFSET ?"
_CANDIDATES: Final = "SELECT rowid FROM job_gram WHERE job_gram MATCH ? LIMIT ?"
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


def candidates(connection: Connection, term: str, most: int) -> list[int] | None:
    """The numbers of the jobs, of any tenant, whose folded ID may hold the folded `term`; None if more than `most`."""
    if len(term) < _LENGTH:
        term = term.translate(_AS_INDEXED)
        last = term + _LAST_CHARACTER * (_LENGTH - len(term))
        return None if connection.exec_driver_sql(_SHORT, (term, last)).first() else []
    trigrams = {term[place : place + _LENGTH] for place in range(len(term) - _LENGTH + 1)}
    by_rareness = sorted((_nearness(connection, trigram), trigram) for trigram in trigrams)
    match = " AND ".join(_quoted(trigram) for _, trigram in by_rareness[:_RAREST])
    found = connection.exec_driver_sql(_CANDIDATES, (match, most + 1)).scalars().all()
    return None if len(found) > most else list(found)


def _nearness(connection: Connection, trigram: str) -> float:
    """How common a trigram is among the oldest jobs: the inverse of the number of jobs until it has come so often."""
    last: int | None = connection.exec_driver_sql(_PROBE, (_quoted(trigram), _PROBED)).scalar()
    return 1 / last if last else 0.0


def _quoted(trigram: str) -> str:
    return '"' + trigram.replace('"', '""') + '"'


def _text(job_id: str) -> str:
    return fold(job_id) + _PAD
