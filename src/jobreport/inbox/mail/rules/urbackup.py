"""Reads the mails of an UrBackup server: reports on backups of a client, and alerts that there is no recent one."""

import re
from collections import Counter
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import job, lines, state_of
from jobreport.inbox.mail.rules.times import local, placed
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.text import plural

_SUBJECT: Final = re.compile(
    r"UrBackup: ((?:Resumed )?(?:incremental|full) (image|file) backup) of \"(.{1,200})\" {1,2}- ?(\w{1,40})$",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(r"\( ?(\d{1,9}) infos?, (\d{1,9}) warnings?, (\d{1,9}) errors? ?\)")
_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)\((info|warning|error)\): ")
_ALERT: Final = re.compile(
    r"\[UrBackup\](?:\[[^\]]{1,40}\])? ?(.{1,200}): (?:No recent (\w{1,10}) backup|(\w{1,10}) backup status is OK)$",
    re.IGNORECASE,
)
_SAID: Final = {"success": JobState.Successful, "failed": JobState.Failed}
_SHOWN: Final = 5


def _matches(mail: Mail) -> bool:
    return mail.subject.startswith(("UrBackup: ", "[UrBackup]"))


def _read(mail: Mail) -> Reading:
    subject = " ".join(mail.subject.split())
    if found := _ALERT.match(subject):
        return _alert(mail, found)
    if not (report := _SUBJECT.match(subject)):
        raise UnreadableError("the subject is neither that of a report on a backup nor that of an alert")
    about, kind, client, word = report.groups()
    text = lines(mail)
    counted = next((found for line in text if (found := _COUNTED.match(line))), None)
    if counted is None:
        raise UnreadableError("the report counts no infos, warnings and errors")
    said = [(found, line) for line in text if (found := _LINE.match(line))]
    told = Counter(found[2] for found, _ in said)
    warnings, errors = max(int(counted[2]), told["warning"]), max(int(counted[3]), told["error"])
    state, comment = state_of(
        _SAID.get(word.lower()),
        word,
        plural(errors, "error") if errors else "",
        plural(warnings, "warning") if warnings else "",
    )
    times = [moment for found, _ in said if (moment := local(found[1]))]
    done = job(
        state,
        comment,
        *[line for found, line in said if found[2] != "info"][:_SHOWN],
        times=placed(mail, times[0], times[-1]) if times else (0, 0),
        type=JobType.Backup if kind.lower() == "image" else JobType.FileBackup,
        plan=f"{kind.lower()} backup",
        resource=client,
        description=about,
    )
    return Reading(jobs=(done,))


def _alert(mail: Mail, found: re.Match[str]) -> Reading:
    if found[3]:
        return Reading(ignored="the word that backups are recent again")
    client, kind = found[1].strip(), found[2].lower()
    why = next((line for line in lines(mail) if line), "")
    done = job(JobState.Failed, f"no recent {kind} backup", why, plan=f"{kind} backup", resource=client)
    return Reading(jobs=(done,))


RULE: Final = Rule(
    name="urbackup",
    sender="UrBackup",
    languages="English",
    wording="its source: `urbackupserver/report.lua`, `alert.lua` and `Backup.cpp`",
    tried="what its scripts `report.lua` and `alert.lua` write, of made-up backups",
    matches=_matches,
    read=_read,
)
