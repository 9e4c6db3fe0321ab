"""Reads mails about events of Windows Server Backup, which a scheduled task or a script sends when one is logged.

The number of an event means the same in every language. Where a mail has only its text, this is read.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import BEGINNING, agreed, job, labelled, lines, state_of
from jobreport.inbox.mail.rules.words import told
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.reading import one_object

_SOURCE: Final = re.compile(r"Microsoft-Windows-Backup|Windows Server Backup|Windows Server-Sicherung")
_SENTENCE: Final = re.compile(
    r"(?:The backup operation|Der Sicherungsvorgang|Die Sicherung|L'opération de sauvegarde|La sauvegarde)\b"
    r"(?P<rest>.{1,900})",
    re.IGNORECASE,
)
_STARTED: Final = re.compile(r" (?:that started|attempted|, der|qui a démarré).{0,10} ['\"][^'\"]{1,60}['\"]")
_SUCCESS: Final = re.compile(r"success|erfolgreich|succès|correctement", re.IGNORECASE)
_LABELS: Final = {
    "event id": "event",
    "eventid": "event",
    "id": "event",
    "ereignis-id": "event",
    "id de l'événement": "event",
    "id d'événement": "event",
    "computer": "computer",
    "computername": "computer",
    "machinename": "computer",
    "ordinateur": "computer",
}
_FAILURES: Final = ("5", "9", "19", "49", "517", "518", "521", "527", "528", "544", "545", "546", "561")
_EVENTS: Final = {
    "4": JobState.Successful,
    "7": JobState.Exception,
    **dict.fromkeys(_FAILURES, JobState.Failed),
}
"""How a backup ended by the number of its event. 14 says only that it has ended, and nothing of how."""
_BEGUN: Final = "1"


def _matches(mail: Mail) -> bool:
    text = lines(mail, BEGINNING)
    if not _SOURCE.search(mail.text[:BEGINNING] + mail.subject):
        return any(line.startswith(("The backup operation ", "Der Sicherungsvorgang ")) for line in text)
    return "event" in labelled(text, _LABELS) or any(_SENTENCE.search(line) for line in text)


def _read(mail: Mail) -> Reading:
    text = lines(mail)
    values = labelled(text, _LABELS)
    every = _events(text)
    # Of several, one that is no success counts.
    event = next((one for one in every if _EVENTS.get(one) is not JobState.Successful and one != _BEGUN), "")
    event = event or next((one for one in every if one != _BEGUN), values.get("event", ""))
    sentences = [found for line in text if (found := _SENTENCE.search(line))]
    if event == _BEGUN:
        return Reading(ignored="the event that a backup has begun")
    if not event and not sentences:
        raise UnreadableError("the mail has neither the number of an event nor the text of one")
    by_text = [_told(found["rest"]) for found in sentences]
    worst = next((state for state in by_text if state not in {None, JobState.Successful}), None)
    said, doubt = agreed(_EVENTS.get(event), worst or next((state for state in by_text if state), None))
    if event and event not in _EVENTS and said is JobState.Successful:
        said = None
    state, comment = state_of(said, f"event {event}" if event else sentences[0][0], doubt)
    host = values.get("computer", "").strip()
    done = job(
        state,
        comment,
        "" if state is JobState.Successful else (sentences[0][0] if sentences else f"event {event}"),
        service=ServiceType.Common,
        type=JobType.Backup,
        resource="" if " " in host else host,
        description="Windows Server Backup",
        counts=one_object(state),
    )
    return Reading(jobs=(done,))


def _events(text: Sequence[str]) -> list[str]:
    """Returns the numbers of all events in a mail."""
    found = (labelled([line], _LABELS).get("event", "") for line in text)
    return [one for one in found if one]


def _told(sentence: str) -> JobState | None:
    """Returns how a backup ended by the text of an event. That one `has completed` is said of failed ones, too."""
    state = told(_STARTED.sub("", sentence))
    return None if state is JobState.Successful and not _SUCCESS.search(sentence) else state


RULE: Final = Rule(
    name="windows-server-backup",
    sender="Windows Server Backup (mails of a task that its events trigger)",
    languages="English; by the numbers of events every one, with German and French labels",
    wording="the texts of its events in Microsoft's documentation, and scripts that users show in public",
    in_words=True,
    matches=_matches,
    read=_read,
)
