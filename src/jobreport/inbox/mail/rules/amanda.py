"""Reads the mail report of an Amanda run: one job over all its disks (DLEs), which its statistics count."""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import job, lines, number, state_of
from jobreport.inbox.mail.rules.times import placed
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.text import plural
from jobreport.runner.tools.reading import bounded

_SUBJECT: Final = re.compile(r"(?:(.{0,200}?)(?:^| ))?(?:([A-Z]{1,20}): )?(AMANDA|AMFLUSH|AMVAULT) MAIL REPORT FOR ")
_HEADER: Final = re.compile(r"(Hostname|Org|Config|Date) {0,4}: (.{1,200})")
_DUMPED: Final = re.compile(r"(?:DLEs|Filesystems) (?:Dumped|Taped) {2,40}(\d{1,9})\b")
_RAN: Final = re.compile(r"Run Time \(hrs:min\) {1,40}(\d{1,5}):(\d\d)")
_SIZE: Final = re.compile(r"Output Size \(meg\) {1,40}(\d{1,15}\.\d)")
_UNFINISHED: Final = "*** THE DUMPS DID NOT FINISH PROPERLY!"
_TAPE: Final = "*** A TAPE ERROR OCCURRED"
_FAULTS: Final = ("FAILURE DUMP SUMMARY:", "FAILURE AND STRANGE DUMP SUMMARY:")
_ROW: Final = re.compile(r"\S{1,255} {1,255}\S.{0,500}? (?:FAILED|MISSING|PARTIAL)\b")
"""A disk without a dump in the table below `DUMP SUMMARY`."""
_RETRIED: Final = ("was successfully retried", "was successfully re-flushed")
_TABLE: Final = "DUMP SUMMARY:"
_STRANGE: Final = "STRANGE DUMP SUMMARY:"
_PROGRAM: Final = re.compile(r"[a-z]{1,20}: ")
_SHOWN: Final = 5


def _matches(mail: Mail) -> bool:
    return _SUBJECT.search(mail.subject) is not None


def _read(mail: Mail) -> Reading:
    subject = _SUBJECT.search(mail.subject)
    assert subject is not None
    text = lines(mail)
    if "STATISTICS:" not in text:
        raise UnreadableError("the report has no STATISTICS")
    dumped = max((number(found[1]) for line in text if (found := _DUMPED.match(line))), default=0)
    lost, strange = [line for title in _FAULTS for line in _section(text, title)], _section(text, _STRANGE)
    retried = {_disk(line) for line in lost if any(words in line for words in _RETRIED)}
    lost = [line for line in lost if _disk(line) not in retried]
    table = text[text.index(_TABLE) :] if _TABLE in text else []
    missing = [line for line in table if _ROW.match(line)]
    unfinished = next((line for line in text if line.startswith((_UNFINISHED, _TAPE))), "")
    flagged = subject[2] or ""
    # Its own programs, such as the planner, stand there with what went wrong before a disk's turn came.
    failed = max(len({_disk(line) for line in lost if not _PROGRAM.match(line)}), int(bool(lost)))
    state, comment = state_of(
        _state(dumped, failed, bool(unfinished), flagged),
        flagged or "a report without dumps",
        f"{plural(failed, 'disk')} failed" if failed else "",
        f"{plural(len(missing), 'disk')} without a dump in the table" if missing else "",
        f"{plural(len(strange), 'disk')} with strange messages" if strange else "",
    )
    about = {found[1]: found[2] for line in text if (found := _HEADER.match(line))}
    ran = next((found for line in text if (found := _RAN.match(line))), None)
    megabytes = next((float(found[1]) for line in text if (found := _SIZE.match(line))), 0.0)
    done = job(
        state,
        comment,
        unfinished,
        *lost[:_SHOWN],
        *strange[:_SHOWN],
        times=placed(mail, seconds=int(ran[1]) * 3600 + int(ran[2]) * 60 if ran else 0),
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        plan=about.get("Config") or about.get("Org") or subject[1].strip(),
        resource=about.get("Hostname", ""),
        description={"AMFLUSH": "dumps flushed", "AMVAULT": "dumps vaulted"}.get(subject[3], ""),
        counts=bounded(failed=failed, successful=dumped, size=int(megabytes * 2**20)),
    )
    return Reading(jobs=(done,))


def _state(dumped: int, failed: int, unfinished: bool, flagged: str) -> JobState | None:
    """Returns how the run ended. A report has no word for a success: it is dumps, and no word of anything else."""
    if flagged in {"FAIL", "MISSING"} or failed or unfinished:
        return JobState.Exception if dumped else JobState.Failed
    if flagged == "STRANGE":
        return JobState.Exception
    return JobState.Successful if dumped and not flagged else None


def _section(text: Sequence[str], title: str) -> list[str]:
    """Returns the lines of a section, up to the next empty one."""
    if title not in text:
        return []
    rest = text[text.index(title) + 1 :]
    return list(rest[: rest.index("")] if "" in rest else rest)


def _disk(line: str) -> str:
    return " ".join(line.split(" ")[:2])


RULE: Final = Rule(
    name="amanda",
    sender="Amanda 3",
    languages="English",
    wording="its source and manual: `server-src/amreport.pl`, `perl/Amanda/Report/human.pm`, amreport(8)",
    tried="reports of Amanda 3.5.1: good, partly bad, all bad, without tapes",
    matches=_matches,
    read=_read,
)
