"""What the rules read mails with: lines, labelled values, and the one way in which a job is made of them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.report import ReportedJob, known
from jobreport.inbox.values import pointed
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT32_MAX, TEXT_LIMITS
from jobreport.runner.redact import redact
from jobreport.runner.text import MAX_COMMENTS, clean, shorten, size_of
from jobreport.runner.tools.base import Counts

_LONGEST_LINE: Final = 2_000
"""Characters of a line that are looked at."""
BEGINNING: Final = 10_000
"""Characters of a text by which its sender is recognised."""
_DATE: Final = re.compile(
    r"[ _.(\[-]{0,2}(?<!\d)20\d\d[-_./]?[01]\d[-_./]?[0-3]\d(?:[T _-]{1,2}[0-2]\d[:._-]?[0-5]\d(?:[:._-]?[0-5]\d)?)?"
    r"(?!\d)[)\]]?",
    re.ASCII,
)
_SIZE: Final = re.compile(r"(\d[\d.,]{0,20}) ?([KMGTP]?)i?[BO]?(?:ytes?)?\b", re.IGNORECASE)
GOOD: Final = frozenset({JobState.Successful, JobState.Skipped})
"""The states of a job of which nothing is to be told."""


def lines(mail: Mail, most: int = -1) -> list[str]:
    """Returns the lines of a mail's text, without blanks at their ends, and cut where they are too long to count.

    `most`: the first so many characters are looked at. A printer's apostrophes are made plain ones.
    """
    text = mail.text if most < 0 else mail.text[:most]
    return [line[:_LONGEST_LINE].replace("\u2019", "'").strip() for line in text.splitlines()]


def labelled(text: Sequence[str], names: Mapping[str, str], *, below: bool = False) -> dict[str, str]:
    """Returns the values behind labels, such as `Backup Task: nightly`, or between tabs.

    `names` has what each label, in lower case, is called here. The first value of a name counts. `below`: a label may
    also stand alone, with its value in the next line that is not empty.
    """
    found: dict[str, str] = {}
    waiting = ""
    for line in text:
        if waiting and line:
            found.setdefault(waiting, line)
            waiting = ""
            continue
        label, _, value = line.partition("\t") if "\t" in line else line.partition(":")
        name = names.get(label.strip().rstrip(":").rstrip().casefold())
        if name is None:
            continue
        if value.strip():
            found.setdefault(name, value.strip())
        elif below:
            waiting = name
    return found


def number(text: str) -> int:
    """Returns a whole number as people write it: with commas, points or blanks between thousands; 0 if it is none."""
    digits = re.sub(r"[,.' ]", "", text.strip()[:40])
    return min(int(digits), INT32_MAX) if digits.isdecimal() else 0


def size(text: str) -> int:
    """Returns the bytes of a size such as `14.4 GB` or `1,5 Go`, by powers of 1024; 0 if it is none."""
    found = _SIZE.match(text.strip()[:60])
    return size_of(pointed(found[1]) + found[2]) if found else 0


def undated(name: str) -> str:
    """Returns a name without the date of a run in it, so that all runs of a plan have one name."""
    return _DATE.sub("", name).strip(" -_") or name.strip()


def key_of(mail: Mail, *parts: str) -> str:
    """Returns the key of one of several jobs in a mail: the mail's own ID, and what tells the jobs apart."""
    own = mail.message_id or hashlib.sha256(f"{mail.subject}\n{mail.date}\n{mail.text}".encode()).hexdigest()[:32]
    return "/".join((own, *parts))


def state_of(said: JobState | None, word: str, *doubts: str) -> tuple[JobState, str]:
    """Returns the state of a job, and what is to be said of it. `said` is the state by the mail's own `word`, None if
    that is not known. `doubts` are what else the mail tells against a success; empty ones count for nothing.
    """
    told = "; ".join(filter(None, doubts))
    if said is None:
        return known(said, word)
    if said in GOOD and told:
        return JobState.Exception, told
    return said, "" if said in GOOD else told


def agreed(subject: JobState | None, body: JobState | None) -> tuple[JobState | None, str]:
    """Returns the state on which subject and text of a mail agree, or what either of them says alone; and a doubt if
    one of them tells of a success and the other does not.
    """
    if subject is None or body is None or subject is body:
        return (body if body is not None else subject), ""
    if subject in GOOD or body in GOOD:
        return JobState.Exception, f"the subject says {subject.name}, and the text {body.name}"
    return body, ""


def job(
    state: JobState,
    *comments: str,
    times: tuple[int, int] = (0, 0),
    key: str = "",
    service: ServiceType | None = None,
    type: JobType | None = None,
    plan: str = "",
    resource: str = "",
    description: str = "",
    counts: Counts | None = None,
    reference: str = "",
) -> ReportedJob:
    """Returns a job as a mail tells of it: its texts cleaned, without secrets and as long as they may be.

    `times` are start and end in ticks, 0 where the mail tells of none. The other fields are ReportedJob's. A job of
    which some objects are good and some are not is an exception, whatever its mail calls it.
    """
    start, finish = times
    if counts is not None and _mixed(state, counts):
        state = JobState.Exception
    text = "\n".join(dict.fromkeys(filter(None, (one.strip() for one in comments))))
    return ReportedJob(
        state=state,
        key=key,
        reference=reference,
        start=start,
        finish=finish,
        service=service,
        type=type,
        plan=undated(_text(plan, "plan")) if plan else "",
        resource=_text(resource, "resource"),
        description=_text(description, "description"),
        comments=shorten(redact(clean(text)), MAX_COMMENTS),
        counts=counts,
    )


def _mixed(state: JobState, counts: Counts) -> bool:
    against = {JobState.Successful: counts.failed, JobState.Failed: counts.successful}
    return against.get(state, 0) > 0


def _text(text: str, field: str) -> str:
    return shorten(" ".join(redact(clean(text)).split()), TEXT_LIMITS[field])
