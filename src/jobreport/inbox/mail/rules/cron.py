"""Reads the mails in which cron sends a command's output, as the runner reads the output of that tool.

Cron sends a mail for any output, good or bad. Debian's cron adds "(failed)" to the subject if the exit status is not 0;
others do not mention the status. So a job is a success only if its tool printed its counts and that it finished.
"""

import re
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import GOOD, job, lines
from jobreport.inbox.pings.body import BodyReader
from jobreport.inbox.pings.outcome import outcome_of
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.tool import command_of
from jobreport.inbox.pings.tool_runs import ToolRun
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal

_SUBJECT: Final = re.compile(r"Cron <([^<>@\s]{1,64})@([^<>\s]{1,255})> ?(.{1,1000})", re.DOTALL)
_FAILED: Final = " (failed)"
_COUNTING: Final = frozenset({"restic", "borg", "borgmatic", "rclone", "rsync", "azcopy", "duplicity", "robocopy"})
"""Tools that count what they did at their end. Of the others silence is the success, and cron sends no mail then."""
_BROKEN: Final = re.compile(
    r"^(?:Killed|Terminated|Aborted|Hangup|Bus error|Quit|Broken pipe|Traceback \(|Unable to|Cannot|Could not)\b"
    r"|Segmentation fault|\bcore dumped\b|\bGot error:|\bsending signal\b"
    r"|^(?![>{]).{1,200}: (?:[Pp]ermission denied|Operation not permitted|[Nn]o such file or directory|not found"
    r"|command not found|[Nn]o space left on device|Disk quota exceeded|Connection (?:refused|reset|timed out|closed)"
    r"|Input/output error|Read-only file system|Broken pipe|Access denied|syntax error|cannot |Could not "
    r"|target is busy|failed\b|fatal: )|^Connection (?:refused|reset|timed out|closed)"
    r"|^(?:[\w./-]{1,64}: )?(?:fatal|error|ERROR): "
)
"""What a shell, the system and common programs say when something fails. Names of files alone are nothing of it."""


def _matches(mail: Mail) -> bool:
    return _SUBJECT.match(mail.subject) is not None


def _read(mail: Mail) -> Reading:
    subject = _SUBJECT.match(mail.subject)
    assert subject is not None
    reader = BodyReader()
    reader.feed(mail.text.encode("utf-8", "replace"))
    body = reader.end()
    command = subject[3].removesuffix(_FAILED)
    failed = command != subject[3]
    if not body.runs and not failed:
        raise UnreadableError("the command's output is that of no tool that is known")
    # Which exit status it was is not told. So the output says how much failed, and if there is none of a tool, all did.
    signal = Signal.SUCCESS if body.runs else Signal.FAIL
    outcome = outcome_of(Ping(signal=signal), body, "POST")
    state, doubt = outcome.state, ""
    if state in GOOD and failed:
        state, doubt = JobState.Exception, "cron tells that the command failed"
    elif state in GOOD and (words := next(filter(_BROKEN.search, lines(mail)), "")):
        state, doubt = JobState.Exception, f"the output also says: {words}"
    elif state in GOOD and (silent := next((run.tool.name for run in body.runs if not _proves(run)), "")):
        state, doubt = JobState.Exception, f"{silent} counts nothing here, and cron tells no exit status"
    about = body.runs[0].tool.subject(command_of(body.runs[0].tool.name)) if body.runs else None
    done = job(
        state,
        doubt,
        outcome.comments,
        service=about.service if about else None,
        type=about.type if about else None,
        plan=command,
        resource=subject[2],
        description=f"cron, as {subject[1]}",
        counts=outcome.counts,
    )
    return Reading(jobs=(done,))


def _proves(run: ToolRun) -> bool:
    """Returns whether the output of a tool alone shows that it did its work."""
    counts = run.reader.counts()
    return run.tool.name in _COUNTING and bool(counts.successful or counts.skipped or counts.size)


RULE: Final = Rule(
    name="cron",
    sender="cron (`Cron <user@host> command`, with the output of a tool that the runner knows)",
    languages="those of the tool",
    wording="the sources of Vixie cron, cronie and Debian's cron; outputs as the runner reads them",
    tried="Debian's cron 3.0pl1 with borg, restic and rsync, good and failed, and with failures of other commands",
    matches=_matches,
    read=_read,
)
