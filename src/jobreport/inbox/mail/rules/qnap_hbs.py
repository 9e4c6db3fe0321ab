"""Reads the notifications of a QNAP NAS about jobs of HBS 3 (Hybrid Backup Sync), in the language of the NAS."""

import re
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import BEGINNING, job, labelled, lines, state_of
from jobreport.inbox.mail.rules.times import local, placed
from jobreport.inbox.mail.rules.words import told
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.reading import one_object

_LABELS: Final = {
    "nas name": "nas",
    "nas-name": "nas",
    "nom du nas": "nas",
    "nome nas": "nas",
    "severity": "severity",
    "schweregrad": "severity",
    "gravité": "severity",
    "sévérité": "severity",
    "gravità": "severity",
    "date/time": "time",
    "datum/uhrzeit": "time",
    "date/heure": "time",
    "data/ora": "time",
    "app name": "app",
    "app-name": "app",
    "nom de l'application": "app",
    "nom de l'app": "app",
    "nome app": "app",
    "message": "message",
    "nachricht": "message",
    "meldung": "message",
    "messaggio": "message",
}
_SEVERITIES: Final = {
    "info": "",
    "information": "",
    "informationen": "",
    "informations": "",
    "informazioni": "",
    "warning": "warning",
    "warnung": "warning",
    "avertissement": "warning",
    "avviso": "warning",
    "error": "error",
    "fehler": "error",
    "erreur": "error",
    "errore": "error",
}
_APP: Final = re.compile(r"\[?(?:Hybrid Backup Sync|HBS)(?: 3)?\]?", re.IGNORECASE)
_NAME: Final = re.compile(r"(?<!\w)[\"“„«'](.{1,128}?)[\"”“»'](?!\w)")
_BEGUN: Final = re.compile(r"\b(?:started|gestartet|begonnen|démarrée?|avviato|avviata)\b", re.IGNORECASE)
_RESTORES: Final = re.compile(r"restor|wiederherstell|restaur|ripristin", re.IGNORECASE)


def _matches(mail: Mail) -> bool:
    app = labelled(lines(mail, BEGINNING), _LABELS, below=True).get("app", "")
    return "[Hybrid Backup Sync]" in mail.subject or _APP.fullmatch(app) is not None


def _read(mail: Mail) -> Reading:
    values = labelled(lines(mail), _LABELS, below=True)
    if not values.get("message") or not values.get("severity"):
        raise UnreadableError("the notification has no severity, or no message")
    message = _APP.sub("", values["message"], count=1).strip()
    severity = values["severity"].casefold()
    name = _NAME.search(message)
    words = message.replace(name[0], " ", 1) if name else message
    said = told(words)
    if said is None and _BEGUN.search(words) and not _SEVERITIES.get(severity, severity):
        return Reading(ignored="the word that a job has begun")
    if said is JobState.Successful and severity not in _SEVERITIES:
        said = None
    level = _SEVERITIES.get(severity, "")
    state, comment = state_of(said, message, f"its severity is {values['severity']}" if level else "")
    done = job(
        state,
        comment,
        "" if state is JobState.Successful else message,
        times=placed(mail, finish=local(values.get("time", ""))),
        service=ServiceType.FileShare,
        type=JobType.FileRestore if _RESTORES.search(words) else JobType.FileBackup,
        plan=name[1] if name else "",
        resource=values.get("nas", ""),
        counts=one_object(state),
    )
    return Reading(jobs=(done,))


RULE: Final = Rule(
    name="qnap-hbs",
    sender="QNAP HBS 3 (Hybrid Backup Sync)",
    languages="English, German, French, Italian",
    wording="mails and event logs that users show in public: the form of an Italian one, and the English messages; the "
    "German and French labels by QNAP's own help",
    in_words=True,
    matches=_matches,
    read=_read,
)
