"""Reads the mails of Synology's Active Backup for Business, and for Microsoft 365, about a task."""

import re
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import agreed, job, labelled, lines, size, state_of
from jobreport.inbox.mail.rules.times import local, placed
from jobreport.inbox.mail.rules.words import told
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.tools.reading import bounded

_LABELS: Final = {
    "start time": "start",
    "startzeit": "start",
    "heure de début": "start",
    "ora d'inizio": "start",
    "end time": "end",
    "endzeit": "end",
    "heure de fin": "end",
    "ora di fine": "end",
    "transferred size": "size",
    "übertragene größe": "size",
    "taille transférée": "size",
    "dimensioni trasferite": "size",
    "device list": "devices",
    "geräteliste": "devices",
    "liste des périphériques": "devices",
    "elenco dispositivi": "devices",
}
_SAYS: Final = re.compile(
    r"(?:(?:the )?backup task (?P<en>.{1,128}?) on (?P<en2>\S{1,64})"
    r"|(?:die )?(?:daten)?sicherungsaufgabe (?P<de>.{1,128}?) auf (?P<de2>\S{1,64})"
    r"|(?:la )?tâche de sauvegarde (?P<fr>.{1,128}?) sur (?P<fr2>\S{1,64})"
    r"|(?:l')?attività di backup (?P<it>.{1,128}?) su (?P<it2>\S{1,64})"
    r"|backupopgaven? (?P<da>.{1,128}?) på (?P<da2>\S{1,64}))"
    r" (?P<word>.{1,200})",
    re.IGNORECASE,
)
_PRODUCT: Final = re.compile(r"Active Backup for (?:Business|Microsoft 365|Office 365|Google Workspace)", re.IGNORECASE)


def _matches(mail: Mail) -> bool:
    return _PRODUCT.search(mail.subject[:300]) is not None


def _read(mail: Mail) -> Reading:
    text = lines(mail)
    in_subject = _SAYS.search(mail.subject[:600])
    every = [found for line in text if (found := _SAYS.match(line))]
    # Of several sentences, one that tells of no success counts.
    says = next((one for one in every if told(one["word"]) is not JobState.Successful), next(iter(every), None))
    if says is None:
        raise UnreadableError("no sentence of the text says of a backup task that it was completed, or was not")
    task, nas = _named(says)
    said = told(says["word"])
    said, doubt = agreed(told(in_subject["word"]) if in_subject else None, said) if said else (None, "")
    values = labelled(text, _LABELS)
    state, comment = state_of(said, says["word"], doubt)
    devices = [name.strip() for name in values.get("devices", "").split(",") if name.strip()]
    known = state in {JobState.Successful, JobState.Failed} and devices
    counts = bounded(
        failed=len(devices) if known and state is JobState.Failed else 0,
        successful=len(devices) if known and state is JobState.Successful else 0,
        total=max(1, len(devices)),
        size=size(values.get("size", "")),
    )
    done = job(
        state,
        comment,
        "" if state is JobState.Successful else says[0],
        times=placed(mail, local(values.get("start", "")), local(values.get("end", ""))),
        type=JobType.Backup,
        plan=task,
        resource=devices[0] if len(devices) == 1 else nas,
        description=f"{_product(mail)} on {nas}",
        counts=counts,
    )
    return Reading(jobs=(done,))


def _named(says: re.Match[str]) -> tuple[str, str]:
    every = says.groupdict()
    for language in ("en", "de", "fr", "it", "da"):
        if every[language]:
            return every[language].strip('[] "„“«»'), every[f"{language}2"].strip("[],.")
    return "", ""


def _product(mail: Mail) -> str:
    found = _PRODUCT.search(mail.subject[:300])
    return found[0] if found else ""


RULE: Final = Rule(
    name="synology-active-backup",
    sender="Synology Active Backup for Business, and for Microsoft 365",
    languages="English, German, French, Italian, Danish",
    wording="mails that users show in public: Italian ones whole, subjects in English and Danish; the German and "
    "French words by Synology's own help in these languages",
    in_words=True,
    matches=_matches,
    read=_read,
)
