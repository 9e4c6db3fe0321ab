"""Reads what Duplicati reports after a run: JSON (`--send-http-json-urls`), or text in a form (`--send-http-url`).

The fields of both, and the log lines' form, are those of Duplicati's own source. What it posts while it runs is read by
`duplicati_status`.
"""

import re
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from jobreport.inbox.report import Reading, ReportedJob, UnreadableError, known
from jobreport.inbox.webhooks import duplicati_status
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import before, is_form, json_of, record, text_of, time_of
from jobreport.inbox.webhooks.duplicati_status import ERROR, bad_lines, run_key
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.origins.duplicati import WORK, Result, counted, counts_of, reference_of, state_of
from jobreport.runner.text import MAX_COMMENTS, shorten

_WHAT: Final = "a report of Duplicati"
_HEAD: Final = re.compile(r"Duplicati (\w+) report for (.+?)(?: \(([^,()]*), ([^,()]*), ([^()]*)\))?\s*$")
_LINE: Final = re.compile(r"(\w+): (.*)")
_UNIX: Final = re.compile(r"\((\d{1,12})\)$", re.ASCII)
_LOG: Final = "Log data:"
_LONGEST_HEAD: Final = 1_000


class _Extra(msgspec.Struct, rename="kebab"):
    operation_name: str | None = msgspec.field(default=None, name="OperationName")
    machine_id: str | None = None
    machine_name: str | None = None
    backup_name: str | None = None
    backup_id: str | None = None


class _Report(msgspec.Struct, rename="pascal"):
    data: Result | None
    extra: _Extra | None = None
    log_lines: list[str] | None = None
    exception: str | None = None


def read(delivery: Delivery) -> Reading:
    """Returns what a report says. Raises UnreadableError."""
    if is_form(delivery):
        text = _message(delivery)
        report = _of_text(text)
    else:
        if (told := duplicati_status.read(delivery)) is not None:
            return told
        text = ""
        report = json_of(delivery, _Report, _WHAT)
    data, extra = report.data or Result(), report.extra or _Extra()
    operation = data.main_operation or extra.operation_name or "Backup"
    if data.dryrun:
        return Reading(ignored="a dry run of Duplicati")
    if (work := WORK.get(operation)) is None:
        return Reading(ignored=f"Duplicati's operation {operation} is no job")
    if not (data.parsed_result or data.message or report.exception):
        raise UnreadableError(f"the body is not {_WHAT}: it has no Data.ParsedResult, and no Exception")
    means, note = state_of(data, report.exception)
    state, note = (means, note) if means is not None else known(None, str(data.parsed_result))
    if state is JobState.Successful and any(ERROR in line for line in report.log_lines or ()):
        state, note = JobState.Exception, "a success whose log has errors"
    finish = time_of(data.end_time, "Data.EndTime")
    start = time_of(data.begin_time, "Data.BeginTime") or before(finish, _length(data))
    key = ""
    if start and (extra.machine_id or extra.backup_id):
        key = run_key(extra.machine_id, extra.backup_id, start)
    job = ReportedJob(
        state=state,
        key=key,
        reference=reference_of(
            *(extra.machine_id or "", extra.machine_name or "", extra.backup_id or ""), operation, start
        ),
        start=start,
        finish=finish,
        observed=finish,
        type=None if work is JobType.Backup else work,
        plan=extra.backup_name or "",
        resource=extra.machine_name or "",
        comments=_comments(state, note, data, report),
        counts=counts_of(state, data),
        raw=text and record(text),
    )
    return Reading(jobs=(job,))


def _comments(state: JobState, note: str, data: Result, report: _Report) -> str:
    if state is JobState.Successful:
        return ""
    lines = [note, data.message or "", (report.exception or "").partition("\n")[0], counted(data)]
    lines += bad_lines(report.log_lines or ())
    return shorten("\n".join(dict.fromkeys(filter(None, lines))), MAX_COMMENTS)


def _length(data: Result) -> int:
    try:
        return ticks.from_duration(data.duration or "")
    except ValueError:
        return -1


def _message(delivery: Delivery) -> str:
    """Returns the field `message` of a form."""
    try:
        return parse_qs(text_of(delivery), max_num_fields=100).get("message", [""])[0]
    except ValueError:
        raise UnreadableError("the form has more than 100 fields") from None


def _of_text(text: str) -> _Report:
    """Returns the report in a text: lines of `Name: value`, whatever the rest of the text is."""
    found = dict[str, Any]()
    log: list[str] = []
    head, *lines = text.replace("\r\n", "\n").split("\n")
    named = _HEAD.match(head[:_LONGEST_HEAD])
    if named is None:
        lines.insert(0, head)
    for number, line in enumerate(lines):
        if line.startswith(_LOG):
            log = lines[number + 1 :]
            break
        if pair := _LINE.fullmatch(line):
            found.setdefault(pair[1], pair[2])
    if not {"ParsedResult", "Failed"} & found.keys():
        raise UnreadableError(f"the form is not {_WHAT}: its message has neither a ParsedResult nor the word Failed")
    for name in ("BeginTime", "EndTime"):
        found[name] = _of_unix(found.get(name, ""))
    exception = found.get("Failed")
    try:
        data = msgspec.convert(found, Result, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableError(f"the form is not {_WHAT}: {error}") from None
    extra = _Extra(*named.group(1, 3, 5, 2, 4)) if named else None
    return _Report(data=data, extra=extra, log_lines=log, exception=exception)


def _of_unix(text: str) -> str | None:
    """Returns the time behind a text in the sender's language, `21/04/2025 23:46:38 (1745279198)`; None if none is."""
    number = _UNIX.search(text)
    if number is None:
        return None
    at = ticks.UNIX_EPOCH + int(number[1]) * ticks.PER_SECOND
    return ticks.to_iso(at) if at < ticks.YEAR_2200 else None
