"""Reads the mails of NAKIVO Backup & Replication about a job, where they name job and status by labels."""

import re
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import agreed, job, labelled, lines, state_of
from jobreport.inbox.mail.rules.times import length, local, placed
from jobreport.inbox.mail.rules.words import told
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.tools.reading import one_object

_LABELS: Final = {
    "job": "plan",
    "job name": "plan",
    "backup job": "plan",
    "status": "status",
    "job status": "status",
    "last run result": "status",
    "result": "status",
    "started": "start",
    "start time": "start",
    "finished": "end",
    "ended": "end",
    "end time": "end",
    "duration": "duration",
    "error": "error",
    "reason": "error",
}
_STATES: Final = {
    "successful": JobState.Successful,
    "failed": JobState.Failed,
    "stopped": JobState.Stopped,
}
_OWN: Final = re.compile(r"nakivo", re.IGNORECASE)


def _matches(mail: Mail) -> bool:
    return _OWN.search(mail.subject + mail.headers.get("from", "") + mail.text[-4_000:]) is not None


def _read(mail: Mail) -> Reading:
    values = labelled(lines(mail), _LABELS)
    if not values.get("plan") or not values.get("status"):
        raise UnreadableError("the mail names no job, or no status, behind a label")
    word = values["status"].split("\t")[0].strip()
    said = _STATES.get(word.casefold())
    said, doubt = agreed(told(mail.subject, (values["plan"],)), said) if said else (None, "")
    state, comment = state_of(said, word, doubt, values.get("error", ""))
    done = job(
        state,
        comment,
        times=placed(
            mail,
            local(values.get("start", "")),
            local(values.get("end", "")),
            length(values.get("duration", "")),
        ),
        type=JobType.Backup,
        plan=values["plan"].split("\t")[0],
        counts=one_object(state),
    )
    return Reading(jobs=(done,))


RULE: Final = Rule(
    name="nakivo",
    sender="NAKIVO Backup & Replication",
    languages="English",
    wording="the states of a job in its documentation of the command line. No whole mail could be found: what does not "
    "name job and status by labels is kept unread",
    in_words=True,
    matches=_matches,
    read=_read,
)
