"""Makes jobs of kopia's snapshots. A snapshot says how many of its entries could not be saved.

kopia calls a snapshot with such entries a failure, though the rest of it can be restored. A job is named by what the
snapshot is of and when it began, since its ID changes as soon as somebody pins it.
"""

from typing import Any, Final

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.names import job_id, raw_hidden, reference
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT32_MAX, INT64_MAX, TEXT_LIMITS, Job
from jobreport.runner.redact import redact
from jobreport.runner.text import clean, plural, shorten
from jobreport.runner.tools import made

SHORT: Final = 12
"""So many digits of a repository's ID are in the ID of a job; its reference has all."""
_CHECKPOINT: Final = "checkpoint"
_INCOMPLETE: Final = {"canceled": JobState.Stopped, "limit reached": JobState.Exception}
"""What the reasons mean for which a snapshot has not all."""


class _Source(msgspec.Struct, rename="camel"):
    host: str = ""
    user_name: str = ""
    path: str = ""


class _Failed(msgspec.Struct):
    path: str = ""
    error: str = ""


class _Summary(msgspec.Struct, rename="camel"):
    size: int = 0
    files: int = 0
    num_failed: int = 0
    num_ignored_errors: int = 0
    errors: list[_Failed] | None = None


class _Root(msgspec.Struct):
    type: str = ""
    size: int = 0
    summ: _Summary | None = None


class _Snapshot(msgspec.Struct, rename={"start": "startTime", "end": "endTime", "root": "rootEntry"}):
    id: str
    source: _Source
    start: str
    end: str = ""
    description: str = ""
    incomplete: str = ""
    root: _Root | None = None


def time_of(record: Any) -> int:
    """Returns when a snapshot began (ticks). Raises UnreadableRecordError."""
    return _ticks(record.get("startTime"))


def job_of(repository: str, record: Any, text: str) -> Job | None:
    """Returns the job of a snapshot of the repository with this ID; None for what a backup that goes on has saved so
    far. `text` is its record as it came.

    Raises UnreadableRecordError.
    """
    try:
        one = msgspec.convert(record, _Snapshot)
    except msgspec.ValidationError as error:
        raise UnreadableRecordError(f"a snapshot is not as it should be: {error}") from None
    if one.incomplete == _CHECKPOINT:
        return None
    start, source = _ticks(one.start), one.source
    summary = (one.root and one.root.summ) or _Summary(files=1, size=one.root.size if one.root else 0)
    state, said = _state(one.incomplete, summary)
    failed, files = (min(max(number, 0), INT32_MAX) for number in (summary.num_failed, summary.files))
    if state is JobState.Failed:
        files = 0
    who, path, host = f"{source.user_name}@{source.host}", clean(source.path), clean(source.host)
    return Job(
        job_id=job_id("kopia", repository[:SHORT], who, source.path, ticks.to_iso(start)),
        reference=reference("kopia", repository, who, source.path, ticks.to_iso(start)),
        made=made.kopia(source.path, source.host, start),
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=state,
        start=start,
        finish=max(start, _ticks(one.end)) if one.end else start,
        failed=failed,
        successful=files,
        total=min(files + failed, INT32_MAX),
        size=min(max(summary.size, 0), INT64_MAX),
        comments=shorten(clean(redact("\n".join([*said, one.description]).strip())), TEXT_LIMITS["comments"]),
        description=f"kopia snapshot of {path} on {host}"[: TEXT_LIMITS["description"]],
        resource=f"{clean(who)}:{path}"[: TEXT_LIMITS["resource"]],
        raw=raw_hidden(record, text),
    )


def _state(incomplete: str, summary: _Summary) -> tuple[JobState, list[str]]:
    """Returns the state, and what is to be said of it."""
    said = [f"{one.path}: {one.error}" for one in summary.errors or []]
    if summary.num_ignored_errors > 0:
        said.insert(0, f"{plural(summary.num_ignored_errors, 'error')} ignored, as its policy says")
    if summary.num_failed > 0:
        said.insert(0, f"{summary.num_failed:,} {'entry' if summary.num_failed == 1 else 'entries'} could not be saved")
    if incomplete:
        known = _INCOMPLETE.get(incomplete)
        said.insert(0, f"incomplete: {incomplete}" if known else f"incomplete for an unknown reason: {incomplete!r}")
        return known or JobState.Exception, said
    if summary.num_failed > 0:
        return JobState.Exception if summary.files > 0 else JobState.Failed, said
    return JobState.Exception if summary.num_ignored_errors > 0 else JobState.Successful, said


def _ticks(time: Any) -> int:
    try:
        return ticks.from_iso(time)
    except (ValueError, TypeError):
        raise UnreadableRecordError(f"a snapshot has no time of a kind that is known: {time!r}"[:200]) from None
