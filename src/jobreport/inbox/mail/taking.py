"""Stores a mail that came to an inbox: the jobs that it tells of, or the whole mail if nobody can read it.

The same mail may come more than once, if its sender got no answer or a process was killed before it moved the mail
away. So a job without an ID of its run is recognised by the mail's own ID, date and words.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Final

import msgspec

from jobreport.inbox.deliver import deliver, keep
from jobreport.inbox.mail.message import Mail, MailError, parse
from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.model import ticks
from jobreport.model.unread import Unread
from jobreport.store import Recorded, Store, Through
from jobreport.store.registry.inboxes import Inbox

Rules = Callable[[Mail], Reading]
"""What reads mails. Raises UnreadableError for one that it does not read."""

_MOST_TEXT: Final = 30_000
"""The characters of a mail's text that stay in the record of its jobs."""
_ENVIRONMENT: Final = re.compile(rb"^X-Cron-Env:.*\r?\n(?:[ \t].*\r?\n)*", re.IGNORECASE | re.MULTILINE)
"""Headers in which some crons send the environment of the command, with all passwords in it."""
_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_LATE: Final = 3 * ticks.PER_DAY
_EARLY: Final = 300 * ticks.PER_SECOND
"""A mail is dated truly if it was written at most so long (ticks) before it came, or after that by a clock that is
wrong."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it came, at `at` (ticks), without the secret by which it did: that is `through`, None if it came by
    none.
    """

    content: bytes
    at: int
    through: Through | None = None


def take(store: Store, rules: Rules, inbox: Inbox, arrival: Arrival) -> Recorded:
    """Stores what a mail tells, or the mail. It is on disk when this returns.

    Raises MailError if it is beyond a limit; UnreadFullError if it cannot be read, and as much is kept as may be.
    """
    mail = parse(arrival.content)
    try:
        return _delivered(store, rules, inbox, mail, arrival)
    except UnreadableError as error:
        content = without_environment(arrival.content)
        return keep(store, inbox, content, arrival.at, kind="mail", why=str(error), through=arrival.through)


def again(store: Store, rules: Rules, inbox: Inbox, unread: Unread) -> Recorded:
    """Stores what a mail tells that was kept unread until now. Raises UnreadableError if nobody can read it still."""
    try:
        mail = parse(unread.content)
    except MailError as error:
        raise UnreadableError(str(error)) from None
    arrival = Arrival(content=unread.content, at=unread.received)
    return _delivered(store, rules, inbox, mail, arrival, again=unread.unread)


def without_environment(content: bytes) -> bytes:
    """Returns a mail without the headers in which cron tells the environment of its command."""
    end = found.start() + 1 if (found := _HEAD.search(content)) else len(content)
    return _ENVIRONMENT.sub(b"", content[:end]) + content[end:]


def _delivered(store: Store, rules: Rules, inbox: Inbox, mail: Mail, arrival: Arrival, *, again: str = "") -> Recorded:
    reading = rules(mail)
    record = _record(mail)
    word = hashlib.sha256(record).hexdigest()[:32] if mail.message_id or mail.date else ""
    jobs = [_completed(job, mail, arrival.at, word, number) for number, job in enumerate(reading.jobs)]
    told = msgspec.structs.replace(reading, jobs=tuple(jobs))
    return deliver(store, inbox, told, record, arrival.at, through=arrival.through, again=again)


def _completed(job: ReportedJob, mail: Mail, at: int, word: str, number: int) -> ReportedJob:
    """Returns a job with what the mail says of it that its text leaves out: which run it is, and when it ended."""
    key = job.key or (f"{word}.{number}" if number else word)
    start, finish = job.start, job.finish
    if max(start, finish) > at + _EARLY:
        # Its sender's clock is ahead. Such a job would be the last of its series until that time has come.
        start = finish = 0
    elif job.state.finished and not finish and at - _LATE <= mail.date <= at + _EARLY:
        finish = min(mail.date, at)
    return msgspec.structs.replace(job, key=key, start=start, finish=finish)


def _record(mail: Mail) -> bytes:
    """Returns what is the same of a mail however often it comes, as JSON; the raw record of its jobs."""
    said = {
        "from": mail.sender,
        "subject": mail.subject,
        "date": ticks.to_iso(mail.date, digits=0) if mail.date else "",
        "messageId": mail.message_id,
        "text": mail.text if len(mail.text) <= _MOST_TEXT else _ends(mail.text),
        "attachments": mail.attachments,
    }
    return msgspec.json.encode({"mail": {name: value for name, value in said.items() if value}})


def _ends(text: str) -> str:
    """Returns the beginning and the end of a text that is too long for a record."""
    half = _MOST_TEXT // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters]\n{text[-half:]}"
