"""Reads the mails of Veeam about a job: of Backup & Replication, and of the agents. They are tables in HTML."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import BEGINNING, agreed, job, lines, number, size, state_of
from jobreport.inbox.mail.rules.times import clock, day, placed
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.text import plural
from jobreport.runner.tools.reading import bounded

_JOB: Final = re.compile(r"([A-Z][\w &/-]{0,60}(?:job|policy|Job|Policy)): {0,2}(.{1,256})")
_SUBJECT: Final = re.compile(r"\[(Success|Warning|Failed|Error)\]")
_OBJECTS: Final = re.compile(r" ?\(\d{1,9} \w{1,20}\).{0,60}$")
_PRODUCT: Final = re.compile(r"Veeam (?:Backup|Agent|Endpoint|Plug-in|Recovery)[\w &]{0,60}")
_RESULTS: Final = {
    "success": JobState.Successful,
    "warning": JobState.Exception,
    "failed": JobState.Failed,
    "error": JobState.Failed,
}
_COUNTED: Final = ("success", "warning", "error")
_VALUES: Final = ("start time", "end time", "duration", "total size", "backup size", "data read", "transferred")
_ROWS: Final = ("name", "status")
_SHOWN: Final = 5


def _matches(mail: Mail) -> bool:
    text = mail.text
    return _PRODUCT.search(text[-20_000:]) is not None and any(_JOB.match(line) for line in lines(mail, BEGINNING))


def _read(mail: Mail) -> Reading:
    text = lines(mail)
    at, found = next((at, found) for at, line in enumerate(text) if (found := _JOB.match(line)))
    title, _, beside = found[2].partition("\t")
    beside = beside or next((line for line in text[at + 1 :] if line), "")
    word = beside.strip().partition(" ")[0]
    if not word.isalpha():
        raise UnreadableError("no word such as Success, Warning or Failed stands beside the name of the job")
    values = dict(_pairs(text))
    counted = [number(values.get(name, "0")) for name in _COUNTED]
    if not all(name in values for name in _COUNTED):
        counted = [0, 0, 0]
    machines = list(_machines(text))
    subject = _SUBJECT.search(mail.subject)
    said, doubt = agreed(_RESULTS[subject[1].lower()] if subject else None, _RESULTS.get(word.lower()))
    good, warned, failed = counted
    if said is JobState.Failed and good + warned:
        said = JobState.Exception
    state, comment = state_of(
        said,
        word,
        doubt,
        plural(warned, "warning") if warned else "",
        plural(failed, "error") if failed else "",
    )
    notable = ["\t".join(row) for row in machines if row[1].lower() != "success"]
    start, finish = _times(text, values)
    agent = "Veeam Agent" in mail.text or "Endpoint" in mail.text
    done = job(
        state,
        comment,
        *[" ".join(row.split()) for row in notable[:_SHOWN]],
        times=placed(mail, start, finish),
        type=JobType.Restore if "restore" in found[1].lower() else JobType.Backup,
        plan=_name(title.strip(), mail.subject),
        resource=machines[0][0] if agent and len(machines) == 1 else "",
        description=found[1],
        counts=bounded(
            failed=failed if state is not JobState.Failed else max(1, failed),
            successful=good + warned,
            size=size(values.get("total size", "")),
        ),
    )
    return Reading(jobs=(done,))


def _name(title: str, subject: str) -> str:
    """Returns the name of the job. Its title has the description behind it, which the usual subject has not."""
    alone = _OBJECTS.sub("", _SUBJECT.sub("", subject)).strip()
    return alone if alone and title.startswith(alone) else title.partition(" Created by ")[0].strip()


def _pairs(text: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Gives the values of the summary, which stand beside their names, several in a row."""
    wanted = {*_COUNTED, *_VALUES}
    for line in reversed(text):
        cells = [cell.strip() for cell in line.split("\t")]
        for name, value in pairwise(cells):
            if name.lower() in wanted and value and value[0].isdigit():
                yield name.lower(), value


def _machines(text: Sequence[str]) -> Iterator[list[str]]:
    """Gives the rows of the table that begins with Name and Status."""
    inside = False
    for line in text:
        cells = [cell.strip() for cell in line.split("\t")]
        if [cell.lower() for cell in cells[:2]] == list(_ROWS):
            inside = True
        elif inside:
            if len(cells) < 2 or cells[1].lower() not in {*_RESULTS, "none"}:
                return
            yield cells


def _times(text: Sequence[str], values: dict[str, str]) -> tuple[datetime | None, datetime | None]:
    date = next((moment for line in text if "\t" not in line and (moment := day(line))), None)
    begun, ended = clock(values.get("start time", "")), clock(values.get("end time", ""))
    if date is None or begun is None:
        return None, None
    start = date + begun
    if ended is None:
        return start, None
    finish = (day(values["end time"]) or date) + ended
    return start, finish if finish >= start else finish + timedelta(days=1)


RULE: Final = Rule(
    name="veeam",
    sender="Veeam Backup & Replication, and Veeam Agent (for a job)",
    languages="English",
    wording="its documentation of subjects (`[%JobResult%] %JobName% (%ObjectCount% objects) %Issues%`) and of a job's "
    "report, and what users show of such mails in public",
    in_words=True,
    matches=_matches,
    read=_read,
)
