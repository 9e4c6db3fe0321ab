"""Makes jobs of the objects in one list of a cluster."""

from typing import Any, Final

import msgspec

from jobreport.connectors.base import Look, UnreadableRecordError
from jobreport.connectors.kinds.kubernetes.objects import About, Identity, Metadata, Named, words
from jobreport.connectors.kinds.kubernetes.table import Entry
from jobreport.connectors.names import raw_text
from jobreport.model.catalog import JobState
from jobreport.model.job import MAX_RAW, Job

_SILENT: Final = "what became of it is not told any more: it is being deleted, or read again"


class JobMaker:
    """Makes the jobs of one look at a list. `seen` is for objects that have ended without an end time: it has the time
    at which each was first seen as ended, by the ID of its job.
    """

    def __init__(self, entry: Entry, about: About, look: Look) -> None:
        self._entry, self._about, self._look = entry, about, look
        self._decoder = msgspec.json.Decoder(entry.type)
        self._unfinished = {identity: job for job in look.unfinished if (identity := _identity(job))}
        self._seen_before: dict[str, int] = look.state if isinstance(look.state, dict) else {}
        self.seen: dict[str, int] = {}

    def job(self, item: msgspec.Raw) -> Job | None:
        """Returns the job of an object; None if there is nothing to tell of it. Raises UnreadableRecordError."""
        try:
            record: Any = self._decoder.decode(item)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableRecordError(str(error)) from None
        metadata: Metadata = record.metadata
        known = self._unfinished.get(metadata.identity)
        job = self._entry.read(record, self._about)
        if job is None:
            return known and known.evolve(
                state=known.state if not known.state.finished else JobState.InProgress,
                finish=0,
                comments=words(_SILENT),
                observed=0,
            )
        if job.state.finished and not known and 0 < metadata.changed < self._look.since:
            return None
        more: dict[str, Any] = {"raw": _raw(item)}
        if known:  # it was told of under this name before its place or start was known
            more["job_id"] = known.job_id
        if job.state.finished:
            finish = job.finish or metadata.told or self._first_seen(known.job_id if known else job.job_id)
            more["finish"] = max(job.start, finish)
        return job.evolve(**more)

    def _first_seen(self, job_id: str) -> int:
        self.seen[job_id] = time = self._seen_before.get(job_id, self._look.now)
        return time


def _identity(job: Job) -> Identity | None:
    try:
        return msgspec.json.decode(job.raw, type=Named).metadata.identity
    except msgspec.MsgspecError:
        return None


def _raw(item: msgspec.Raw) -> str:
    """Returns an object as it came."""
    body = bytes(item)
    return body.decode() if len(body) <= MAX_RAW else raw_text(msgspec.json.decode(body))
