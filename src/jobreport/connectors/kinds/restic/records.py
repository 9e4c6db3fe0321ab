"""Makes jobs of restic's snapshots. A snapshot was saved, but it does not say whether all files could be read.

From version 0.17 on, a snapshot also has the end of its backup and the amount of data. The ID of a snapshot changes
when its tags do. The first ID stays in `original`, so that one names the job.
"""

from typing import Any, Final

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.names import job_id, raw_hidden, reference
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT32_MAX, INT64_MAX, TEXT_LIMITS, Job
from jobreport.runner.text import clean, names, shorten
from jobreport.runner.tools import made

_SHORT: Final = 12
"""So many digits of a repository's ID are in the ID of a job; its reference has all."""
_PLAN: Final = "plan:"
"""How Backrest begins the tag that names its plan."""
_OFFSETS: Final = 0xFFFF


class _Summary(msgspec.Struct):
    backup_start: str = ""
    backup_end: str = ""
    data_added: int = 0
    total_files_processed: int = 0
    total_bytes_processed: int = 0


class _Snapshot(msgspec.Struct):
    id: str
    time: str
    hostname: str = ""
    paths: list[str] | None = None
    tags: list[str] | None = None
    original: str = ""
    summary: _Summary | None = None


def time_of(record: Any) -> int:
    """Returns when a snapshot began (ticks). Raises UnreadableRecordError."""
    return _ticks(record.get("time"))


def job_of(repository: str, record: Any, text: str) -> Job:
    """Returns the job of a snapshot of the repository with this ID; `text` is its record as it came.

    Raises UnreadableRecordError.
    """
    try:
        one = msgspec.convert(record, _Snapshot)
    except msgspec.ValidationError as error:
        raise UnreadableRecordError(f"a snapshot is not as it should be: {error}") from None
    if not one.id:
        raise UnreadableRecordError("a snapshot has no ID")
    first = one.original or one.id
    summary = one.summary or _Summary()
    start = _ticks(summary.backup_start or one.time)
    finish = max(start, _ticks(summary.backup_end)) if summary.backup_end else start
    files = min(max(summary.total_files_processed, 0), INT32_MAX) if one.summary else 1
    paths, host = clean(names(one.paths or [])), clean(one.hostname)
    return Job(
        job_id=job_id("restic", repository[:_SHORT], first),
        reference=reference("restic", repository, first),
        made=made.restic(first, one.hostname),
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=JobState.Successful,
        start=start,
        finish=finish,
        # Where a changed copy stands beside its original, the same one counts in each look.
        observed=finish + 1 + int(one.id[:4], 16) % _OFFSETS if one.original and _is_hex(one.id) else 0,
        successful=files,
        total=files,
        size=min(max(summary.total_bytes_processed, 0), INT64_MAX),
        comments=shorten(_said(one), TEXT_LIMITS["comments"]),
        description=f"restic backup of {paths or 'standard input'} on {host}"[: TEXT_LIMITS["description"]],
        plan=_plan(one.tags or [])[: TEXT_LIMITS["plan"]],
        resource=f"{host}:{paths}"[: TEXT_LIMITS["resource"]],
        raw=raw_hidden(record, text),
    )


def _said(one: _Snapshot) -> str:
    parts = [f"snapshot {one.id[:8]}"]
    if one.summary:
        parts.append(f"{one.summary.data_added:,} bytes added")
    if one.tags:
        parts.append(f"tags: {names(one.tags)}")
    return clean(", ".join(parts))


def _plan(tags: list[str]) -> str:
    return next((clean(tag.removeprefix(_PLAN)) for tag in tags if tag.startswith(_PLAN)), "")


def _is_hex(text: str) -> bool:
    return all(digit in "0123456789abcdef" for digit in text[:4])


def _ticks(time: Any) -> int:
    try:
        return ticks.from_iso(time)
    except (ValueError, TypeError):
        raise UnreadableRecordError(f"a snapshot has no time of a kind that is known: {time!r}"[:200]) from None
