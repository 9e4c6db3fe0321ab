"""Reads the mails of BackupPC. It writes only of what went wrong: each is about backups that there are not."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import job, key_of, lines
from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts

_SIGNED: Final = re.compile(r"(?:PC Backup Genie|BackupPC (?:Genie|Génie|Server))\b")
_NEVER: Final = re.compile(
    r"BackupPC: (?:no backups of (?P<en>\S{1,255}) have succeeded|keine Backups von (?P<de>\S{1,255}) waren erfolgreich"
    r"|aucune sauvegarde de (?P<fr>\S{1,255}) n'a réussi)"
)
_OLD: Final = re.compile(
    r"BackupPC: (?:no recent backups on|keine neuen Backups für Computer|aucune sauvegarde récente de) "
    r"(?P<host>\S{1,255})"
)
_OUTLOOK: Final = re.compile(
    r"Backup(?:PC|Server): (?:Outlook files on (?P<en>\S{1,255}) need to be backed up"
    r"|Outlook-Dateien auf Computer (?P<de>\S{1,255}) - Sicherung erforderlich"
    r"|Les fichiers de Outlook sur (?P<fr>\S{1,255}) doivent être sauvegardés)"
)
_FAILED: Final = re.compile(r"- (\S{1,255}) \((.{1,1000})\)$")
_SKIPPED: Final = re.compile(r"Yesterday (\d{1,9}) hosts were skipped because")
_HINTS: Final = ("has never been", "has not been", "noch nie", "seit", "jamais", "depuis")
_MISCONFIGURED: Final = "had an error"


def _matches(mail: Mail) -> bool:
    return mail.subject.startswith(("BackupPC", "BackupServer: Outlook")) or bool(_SIGNED.search(mail.text[-2_000:]))


def _read(mail: Mail) -> Reading:
    text = lines(mail)
    subject = " ".join(mail.subject.split())
    if found := _NEVER.match(subject):
        return Reading(jobs=(_missing(mail, text, _host(found), "no backup of it has ever succeeded"),))
    if found := _OLD.match(subject):
        return Reading(jobs=(_missing(mail, text, found["host"], "it has no recent backup"),))
    if found := _OUTLOOK.match(subject):
        words = "its Outlook files were in use, and are not in the backups"
        return Reading(jobs=(_job(mail, JobState.Exception, _host(found), words),))
    if any("This is a test message from" in line for line in text):
        return Reading(ignored="a test of the mail")
    jobs = tuple(_administrators(mail, text))
    if jobs:
        return Reading(jobs=jobs)
    if any("directories are bogus" in line for line in text):
        return Reading(ignored="a note on folders that belong to no host")
    raise UnreadableError("the mail is none that BackupPC is known to send of hosts")


def _administrators(mail: Mail, text: Sequence[str]) -> Iterator[ReportedJob]:
    """Gives the jobs in a mail for the administrator."""
    if any(_MISCONFIGURED in line for line in text):
        failed = {found[1]: found[2] for line in reversed(text) if (found := _FAILED.match(line))}
        for host, words in reversed(failed.items()):
            yield _job(mail, JobState.Failed, host, words)
    if found := next(filter(None, map(_SKIPPED.match, text)), None):
        skipped = Counts(failed=int(found[1]), total=int(found[1]))
        words = f"{found[1]} hosts were not backed up: the disk of the backups is full"
        yield _report(mail, JobState.Exception, words, key="full", counts=skipped)
    if any("cannot connect to BackupPC server" in line for line in text):
        yield _report(mail, JobState.Failed, "the BackupPC server does not answer", key="server")


def _missing(mail: Mail, text: Sequence[str], host: str, words: str) -> ReportedJob:
    said = next((line for line in text if any(hint in line for hint in _HINTS)), "")
    return _job(mail, JobState.Failed, host, words, said)


def _job(mail: Mail, state: JobState, host: str, *words: str) -> ReportedJob:
    return _report(mail, state, *words, key=host, host=host)


def _report(
    mail: Mail, state: JobState, *words: str, key: str, host: str = "", counts: Counts | None = None
) -> ReportedJob:
    return job(
        state,
        *words,
        key=key_of(mail, key),
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        resource=host,
        counts=counts,
    )


def _host(found: re.Match[str]) -> str:
    return next((str(host) for host in found.groups() if host), "")


RULE: Final = Rule(
    name="backuppc",
    sender="BackupPC 3 and 4",
    languages="English, German, French",
    wording="its source: `bin/BackupPC_sendEmail` and `lib/BackupPC/Lang/`",
    tried="BackupPC 4.4.0: its mails to users in the three languages, of a server that does not answer, and its test",
    matches=_matches,
    read=_read,
)
