"""Reads kopia's notifications as its webhook posts them: the text of its own templates. One snapshot is one job.

The words, and what they are made of, are those of kopia's source. Sizes are rounded there; counts of files are not.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec

from jobreport.inbox.report import Reading, ReportedJob, UnreadableError, check_number, known
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import mail_time_of, record, text_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.text import MAX_COMMENTS, seconds_of, shorten, size_of, whole
from jobreport.runner.tools import made
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

_TEST: Final = "This is a test notification from Kopia."
_PATH: Final = "Path: "
_FIELD: Final = re.compile(r"  (Status|Start|Duration|Size|Files|Directories|Error):\s+(.*)")
_ENTRY: Final = re.compile(r"  - (.+)")
_GENERATED: Final = re.compile(r"Generated at (.+?) by Kopia ")
_HOST: Final = re.compile(r" on (\S+)\s*$")
_NUMBER: Final = re.compile(r"[\d,]{1,20}", re.ASCII)
_OPERATION: Final = "Operation: "
_MAINTENANCE: Final = "maintenance"
_BACKS_UP: Final = ("snapshot create", "snapshot migrate")
_STATES: Final = {
    "success": JobState.Successful,
    "warnings": JobState.Exception,
    "incomplete": JobState.Exception,
    "fatal": JobState.Failed,
}
_LONGEST: Final = 4_000


def read(delivery: Delivery) -> Reading:
    """Returns what a notification says. Raises UnreadableError."""
    text = text_of(delivery)
    if _TEST in text:
        return Reading(ignored="a test of the notification profile")
    lines = [line[:_LONGEST] for line in text.splitlines()]
    found = _HOST.search(delivery.headers.get("subject", "")[:_LONGEST])
    host = found[1] if found else ""
    if any(line.startswith(_PATH) for line in lines):
        return Reading(jobs=tuple(_snapshots(lines, host)))
    if lines and lines[0].startswith(_OPERATION):
        return _failure(lines, host)
    raise UnreadableError(
        "the body is no notification of kopia's own templates as text: it has no line that begins with Path: or "
        "Operation:; set the profile's format to txt, and use no template of your own"
    )


def _snapshots(lines: list[str], host: str) -> Iterator[ReportedJob]:
    generated = next((found[1] for line in lines if (found := _GENERATED.match(line))), "")
    at = mail_time_of(generated, "the time behind Generated at") if generated else 0
    begins = [number for number, line in enumerate(lines) if line.startswith(_PATH)]
    check_number(len(begins))
    seen = Counter[str]()
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        job = _snapshot(lines[begin:end], host, at)
        seen[job.key] += 1
        # Two users of a host may have the same path.
        again = job.key and seen[job.key] > 1
        yield msgspec.structs.replace(job, key=f"{job.key}/{seen[job.key]}") if again else job


def _snapshot(lines: list[str], host: str, at: int) -> ReportedJob:
    path = lines[0][len(_PATH) :].strip()
    fields: dict[str, str] = {}
    for line in lines:
        if pair := _FIELD.fullmatch(line):
            fields.setdefault(pair[1], pair[2].strip())
    if "Status" not in fields:
        raise UnreadableError(f"the notification tells no Status of the path {path[:200]!r}")
    begun = mail_time_of(fields["Start"], "Start") if fields.get("Start") else 0
    start = begun if begun > ticks.UNIX_EPOCH else 0  # what failed at once has no start, which is written as 1970
    finish = start + int(seconds_of(fields.get("Duration", "")) * ticks.PER_SECOND) if start else at
    errors = [found[1] for line in lines if (found := _ENTRY.match(line))]
    state, note = _state(fields, errors)
    told = [*filter(None, (note, fields.get("Error"))), *errors]
    return ReportedJob(
        state=state,
        key=f"kopia/{host}/{path}/{ticks.to_iso(start or at)}" if start or at else "",
        made=made.kopia(path, host, start) if start and host and state is not JobState.Failed else "",
        start=start,
        finish=finish,
        observed=at,
        resource=path,
        description=f"kopia on {host}" if host else "",
        comments="" if state is JobState.Successful else shorten("\n".join(told), MAX_COMMENTS),
        counts=_counts(state, fields, errors),
        raw=record("\n".join(lines)),
    )


def _state(fields: dict[str, str], errors: list[str]) -> tuple[JobState, str]:
    state, note = known(_STATES.get(fields["Status"]), fields["Status"])
    if state is JobState.Failed and not fields.get("Error") and _files(fields):
        return JobState.Exception, "the snapshot was made, and kopia calls it fatal"
    if state is JobState.Successful and (errors or fields.get("Error")):
        return JobState.Exception, "kopia calls it a success, and tells of entries that failed"
    return state, "incomplete" if fields["Status"] == "incomplete" else note


def _counts(state: JobState, fields: dict[str, str], errors: list[str]) -> Counts:
    files = _files(fields)
    if state is JobState.Failed:
        return bounded(failed=max(1, len(errors)))
    if not files:
        return one_object(state)
    failed = len(errors) or int(state is JobState.Exception)
    return bounded(failed=failed, successful=files, size=size_of(fields.get("Size", ""), decimal=True))


def _files(fields: dict[str, str]) -> int:
    number = _NUMBER.match(fields.get("Files", ""))
    return whole(number[0]) if number else 0


def _failure(lines: list[str], host: str) -> Reading:
    """Returns what a notification of an error says: a job if the work that failed is one."""
    operation = lines[0][len(_OPERATION) :].strip()
    fields = dict(line.partition(":")[::2] for line in lines[1:3])
    start = mail_time_of(fields.get("Started", "").strip(), "Started")
    finish = mail_time_of(fields.get("Finished", "").partition("(")[0].strip(), "Finished")
    words = next((line.strip() for line in lines[3:] if line.strip()), "")
    maintains = _MAINTENANCE in operation.casefold()
    if not maintains and not any(name in operation for name in _BACKS_UP):
        return Reading(log=f"kopia failed at {operation}: {words}")
    job = ReportedJob(
        state=JobState.Failed,
        key=f"kopia/{host}/{operation}/{ticks.to_iso(start)}",
        start=start,
        finish=max(start, finish),
        observed=finish,
        type=JobType.Retention if maintains else None,
        description=f"{operation} of kopia on {host}" if host else operation,
        comments=shorten(words, MAX_COMMENTS),
        raw=record("\n".join(lines)),
    )
    return Reading(jobs=(job,))
