"""Reads the mails that cron sends with a command's output, as the runner would read the output of that tool.

Cron tells no exit status, and sends such a mail if there is any output at all, good or bad. So a job is a success only
if its tool counts what it did, and says that it came to its end.
"""

import re
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import job
from jobreport.inbox.pings.body import BodyReader
from jobreport.inbox.pings.outcome import outcome_of
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.tool import shown_by, tool_of
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal

_SUBJECT: Final = re.compile(r"Cron <([^<>@\s]{1,64})@([^<>\s]{1,255})> ?(.{1,1000})", re.DOTALL)
_GOOD: Final = frozenset({JobState.Successful, JobState.Skipped})


def _matches(mail: Mail) -> bool:
    return _SUBJECT.match(mail.subject) is not None


def _read(mail: Mail) -> Reading:
    subject = _SUBJECT.match(mail.subject)
    assert subject is not None
    command = next((found for line in mail.text.splitlines() if (found := shown_by(line))), ())
    if not command:
        raise UnreadableError("the command's output is that of no tool that is known")
    reader = BodyReader(command)
    reader.feed(mail.text.encode("utf-8", "replace"))
    body = reader.end()
    outcome, tool = outcome_of(Ping(signal=Signal.SUCCESS), body, "POST"), tool_of(command)
    state, doubt = outcome.state, ""
    if state in _GOOD and not body.counts:
        state, doubt = JobState.Exception, f"{tool.name} counts nothing here, and cron tells no exit status"
    about = tool.subject(command)
    done = job(
        mail,
        state,
        doubt,
        outcome.comments,
        service=about.service,
        type=about.type,
        plan=subject[3],
        resource=subject[2],
        description=f"cron, as {subject[1]}",
        counts=outcome.counts,
    )
    return Reading(jobs=(done,))


RULE: Final = Rule(
    name="cron",
    sender="cron (`Cron <user@host> command`, with the output of a tool that the runner knows)",
    languages="those of the tool",
    wording="the source of Vixie cron and cronie; outputs as the runner reads them",
    matches=_matches,
    read=_read,
)
