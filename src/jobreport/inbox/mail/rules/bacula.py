"""Reads the mails of a Bareos or Bacula Director about a job (bsmtp): the report that ends with `Termination:`."""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import GOOD, agreed, job, labelled, lines, number, state_of
from jobreport.inbox.mail.rules.times import local, placed
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, ServiceType
from jobreport.origins.bareos import REPORT, TYPES, WORTH_TELLING, reference_of
from jobreport.runner.text import plural
from jobreport.runner.tools.reading import bounded

_LABELS: Final = {
    name.casefold(): name
    for name in (
        "JobId",
        "Job",
        "Client",
        "Restore Client",
        "FileSet",
        "Backup Level",
        "Start time",
        "End time",
        "FD Files Written",
        "SD Files Written",
        "NDMP Files Written",
        "Files Restored",
        "Files Examined",
        "SD Bytes Written",
        "FD Bytes Written",
        "NDMP Bytes Written",
        "Bytes Restored",
        "Non-fatal FD errors",
        "FD Errors",
        "SD Errors",
        "FD termination status",
        "SD termination status",
        "Termination",
    )
}
_FILES: Final = ("FD Files Written", "SD Files Written", "NDMP Files Written", "Files Restored", "Files Examined")
_BYTES: Final = ("SD Bytes Written", "FD Bytes Written", "NDMP Bytes Written", "Bytes Restored")
_ERRORS: Final = ("Non-fatal FD errors", "FD Errors", "SD Errors")
_RUN: Final = re.compile(r"(.{1,200}?)\.\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d_\d{1,6}")
_SUBJECT: Final = re.compile(r"(?:Bareos|Bacula): (\w{1,20}) (.{1,40}?) of ", re.IGNORECASE)
_ENDS: Final = {
    "ok": JobState.Successful,
    "ok -- with warnings": JobState.Exception,
    "error": JobState.Failed,
    "fatal error": JobState.Failed,
    "canceled": JobState.Stopped,
    "cancelled": JobState.Stopped,
    "differences": JobState.Exception,
    "warnings": JobState.Exception,
    "failed -- incomplete": JobState.Exception,
}
_FATAL: Final = re.compile(r".{0,80}?\b(?:Fatal error|Error): ")
_PARTS: Final = ("FD termination status", "SD termination status")
_WELL: Final = frozenset({"", "ok"})
_TERMINATION: Final = re.compile(r"Termination: {0,40}(.{1,200})")
_SHOWN: Final = 5


def _matches(mail: Mail) -> bool:
    return "  JobId:" in mail.text and "  Termination:" in mail.text


def _read(mail: Mail) -> Reading:
    text = lines(mail)
    values = labelled(text, _LABELS)
    ended = values.get("Termination", "")
    if not ended or not values.get("Job"):
        raise UnreadableError("the report names no Job, or does not say how it terminated")
    words = ended.strip("* ").split(" ", 1)
    kind, word = words[0].casefold(), words[-1].casefold()
    errors = sum(number(values.get(name, "")) for name in _ERRORS)
    files = max(number(values.get(name, "").split(" ")[0]) for name in _FILES)
    fatal = next((line for line in text if _FATAL.match(line)), "")
    parts = [f"{name}: {values[name]}" for name in _PARTS if values.get(name, "OK").casefold() not in _WELL]
    ends = {found[1] for line in text if (found := _TERMINATION.match(line))}
    said = _ENDS.get(word)
    subject = _SUBJECT.match(mail.subject)
    said, doubt = agreed(_ENDS.get(subject[2].casefold()) if subject else None, said) if said else (said, "")
    if said is JobState.Failed and files:
        said = JobState.Exception
    state, comment = state_of(
        said,
        ended,
        doubt,
        f"it counts {plural(errors, 'error')}" if errors else "",
        "its log tells of an error" if fatal else "",
        "the mail has several reports, which end otherwise" if len(ends) > 1 else "",
        *parts,
    )
    run = values["Job"]
    reference = _reference(text, values.get("JobId", ""), run)
    name = _RUN.fullmatch(run)
    client = values.get("Client") or values.get("Restore Client", "")
    # Only a backup's has quotes, and its version behind it.
    client = client.partition('"')[2].partition('"')[0] if '"' in client else client
    kind_of_job = TYPES.get(kind)
    written = next((values[name] for name in _BYTES if name in values), "")
    counts = bounded(
        failed=max(errors, int(state is JobState.Failed)),
        successful=0 if state is JobState.Failed else files,
        size=number(written.partition("(")[0]) if written else 0,
    )
    done = job(
        state,
        comment,
        *[line for line in text if WORTH_TELLING.match(line)][:_SHOWN],
        ended if state not in GOOD else "",
        times=placed(mail, local(values.get("Start time", "")), local(values.get("End time", ""))),
        key=reference or f"bareos:{run}",
        reference=reference,
        service=ServiceType.FileShare if kind_of_job else None,
        type=kind_of_job,
        plan=name[1] if name else run,
        resource=client,
        description=" ".join(filter(None, (kind.capitalize(), values.get("Backup Level", "").split(",")[0]))),
        counts=counts,
    )
    return Reading(jobs=(done,))


def _reference(text: Sequence[str], number: str, run: str) -> str:
    """Returns the name that its director's connector knows too; empty if the mail has not the director's name. The
    report begins with that: `29-Nov 21:02 bareos-dir JobId 812: Bareos bareos-dir 24.0.1 (14Mar26):`.
    """
    begins = next(filter(None, map(REPORT.search, text)), None)
    return reference_of(begins["director"], number, run) if begins and number.isdecimal() else ""


RULE: Final = Rule(
    name="bacula",
    sender="Bareos and Bacula (bsmtp)",
    languages="English",
    wording="their sources: Bareos `core/src/dird/backup.cc`, `restore.cc`, `verify.cc` and `lib/util.cc`",
    tried="Bacula 9.6.7: backups, restores and a verification, good, with warnings, failed and cancelled; not Bareos",
    matches=_matches,
    read=_read,
)
