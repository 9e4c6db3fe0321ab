"""Reads the notifications of Acronis Cyber Protect (Cloud) about a backup: the words of an alert, machine and plan."""

import re
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import agreed, job, labelled, lines, state_of
from jobreport.inbox.mail.rules.words import told
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.tools.reading import one_object

_ALERT: Final = re.compile(r"(?:the |das |la |le )?(?:backup|sauvegarde|sicherung)\b.{1,120}", re.IGNORECASE)
_PART: Final = re.compile(r"\((?P<label>[^():]{1,40}): (?P<value>[^()]{0,200}(?:\([^()]{0,100}\)[^()]{0,100}){0,3})\)")
_PARTS: Final = {
    "group": "group",
    "gruppe": "group",
    "groupe": "group",
    "machine": "machine",
    "maschine": "machine",
    "resource": "machine",
    "ressource": "machine",
    "plan": "plan",
}
_LABELS: Final = {
    "plan name": "plan",
    "planname": "plan",
    "plan-name": "plan",
    "nom du plan": "plan",
    "device": "machine",
    "gerät": "machine",
    "périphérique": "machine",
    "group": "group",
    "gruppe": "group",
    "groupe": "group",
}
_DAILY: Final = re.compile(r"daily (?:status )?report|täglicher statusbericht|rapport d'état quotidien", re.IGNORECASE)
_OWN: Final = re.compile(r"acronis|cyber ?protect", re.IGNORECASE)
_WAITS: Final = re.compile(r"is waiting|wartet|en attente", re.IGNORECASE)


def _matches(mail: Mail) -> bool:
    subject = mail.subject[:1_000]
    named = {found["label"].casefold() for found in _PART.finditer(subject)}
    by_subject = "plan" in named and len(named & {*_PARTS}) > 1
    return (
        by_subject
        or (_DAILY.search(subject) is not None and "group" in {_PARTS.get(name) for name in named})
        or (_OWN.search(mail.headers.get("from", "") + mail.sender) is not None)
    )


def _read(mail: Mail) -> Reading:
    subject = mail.subject[:1_000]
    if _DAILY.search(subject):
        return Reading(ignored="a daily report of alerts: each backup has a mail of its own")
    parts = {
        _PARTS[found["label"].casefold()]: found["value"].strip()
        for found in _PART.finditer(subject)
        if found["label"].casefold() in _PARTS
    }
    text = lines(mail)
    values = labelled(text, _LABELS, below=True) | parts
    at, alert = next(((at, line) for at, line in enumerate(text) if _ALERT.fullmatch(line)), (-1, ""))
    if not alert or not values.get("plan"):
        raise UnreadableError("the mail has no line that says of a backup how it ended, or names no plan")
    if _WAITS.search(alert):
        return Reading(ignored="the word that a backup waits")
    said = told(alert)
    in_subject = told(subject.partition("(")[0])
    said, doubt = agreed(in_subject, said) if said else (None, "")
    state, comment = state_of(said, alert, doubt)
    machine = values.get("machine", "")
    reason = next((line for line in text[at + 1 : at + 5] if line and line not in {machine, "."}), "")
    if reason.casefold() in _LABELS:
        reason = ""
    done = job(
        state,
        comment,
        *(() if state is JobState.Successful else (alert, reason)),
        type=JobType.Backup,
        plan=values["plan"],
        resource=machine,
        description=values.get("group", "").rpartition(">")[2].strip(),
        counts=one_object(state),
    )
    return Reading(jobs=(done,))


RULE: Final = Rule(
    name="acronis",
    sender="Acronis Cyber Protect, and Cyber Protect Cloud",
    languages="English, German, French",
    wording="English mails that users show in public, and the list of alerts in its documentation; the German and "
    "French words by its documentation in these languages",
    in_words=True,
    matches=_matches,
    read=_read,
)
