"""Reads the mails of a Synology NAS about a task of Hyper Backup. DSM writes them in the language of its user."""

import re
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import BEGINNING, agreed, job, labelled, lines, state_of
from jobreport.inbox.mail.rules.times import length, local, placed
from jobreport.inbox.mail.rules.words import told
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.reading import one_object

_LABELS: Final = {
    "backup task": "task",
    "datensicherungsaufgabe": "task",
    "sicherungsaufgabe": "task",
    "tâche de sauvegarde": "task",
    "backup target": "target",
    "backup destination": "target",
    "sicherungsziel": "target",
    "destination de sauvegarde": "target",
    "destination de la sauvegarde": "target",
    "start time": "start",
    "start": "start",
    "startzeit": "start",
    "heure de début": "start",
    "début": "start",
    "duration": "duration",
    "dauer": "duration",
    "durée": "duration",
}
_SAYS: Final = re.compile(
    r"(?:(?:the |your )?(?:data )?backup (?:task )?(?:.{0,80} )?on (?P<en>\S{1,64})"
    r"|(?:die )?datensicherung(?:saufgabe)? (?:.{0,80} )?auf (?P<de>\S{1,64})"
    r"|(?:la )?(?:tâche de )?sauvegarde (?:des? données )?(?:.{0,80} )?sur (?P<fr>\S{1,64}))"
    r" (?P<word>.{1,200})",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"(?:from|von|de) (\S{1,64})$", re.IGNORECASE)
_INTEGRITY: Final = re.compile(r"integrity|integrität|intégrité", re.IGNORECASE)


def _matches(mail: Mail) -> bool:
    if "Active Backup for" in mail.subject:
        return False
    values = labelled(lines(mail, BEGINNING), _LABELS)
    return "task" in values and ("target" in values or "Hyper Backup" in mail.text[:BEGINNING] + mail.subject)


def _read(mail: Mail) -> Reading:
    text = lines(mail)
    values = labelled(text, _LABELS)
    task = values["task"]
    every = [found for line in text if (found := _SAYS.match(line))]
    # Of several sentences, one that tells of no success counts.
    says = next(
        (one for one in every if told(one["word"], (task,)) is not JobState.Successful), next(iter(every), None)
    )
    sentence = says["word"] if says else next((line for line in text if told(line, (task,)) is not None), "")
    if _INTEGRITY.search(mail.subject) or _INTEGRITY.search(sentence):
        raise UnreadableError("the mail is about a check of a backup's integrity, and not about a backup")
    if not sentence:
        raise UnreadableError("no sentence says that a backup on this NAS was completed, or was not")
    in_subject = _SAYS.search(mail.subject)
    said = told(sentence, (task,))
    said, doubt = agreed(told(in_subject["word"], (task,)) if in_subject else None, said) if said else (None, "")
    state, comment = state_of(said, sentence, doubt)
    nas = next((found[1] for line in reversed(text) if (found := _FROM.match(line))), "")
    if says:
        nas = next(filter(None, (says["en"], says["de"], says["fr"])), nas)
    why = "" if state is JobState.Successful else (says[0] if says else sentence)
    done = job(
        state,
        comment,
        why,
        times=placed(mail, local(values.get("start", "")), seconds=length(values.get("duration", ""))),
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        plan=task,
        resource=nas.strip("[]"),
        description=f"to {values['target']}" if "target" in values else "",
        counts=one_object(state),
    )
    return Reading(jobs=(done,))


RULE: Final = Rule(
    name="synology-hyper-backup",
    sender="Synology Hyper Backup (DSM 6 and 7)",
    languages="English, German, French",
    wording="mails that users show in public: a German one whole, of the English one its first sentence; the French "
    "words, and the English labels, by Synology's own help in these languages",
    in_words=True,
    matches=_matches,
    read=_read,
)
