"""Stores what came to an inbox: the jobs that were read in it, or the delivery itself if nobody could read it.

Both are on disk when these functions return, so the sender may be answered then and forget what it sent.
"""

import hashlib
from functools import partial
from typing import Final

import msgspec

from jobreport.inbox.filing import filed
from jobreport.inbox.masking import masked
from jobreport.inbox.pings.body import Body
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.runs import Arrival, arrival_of, settle
from jobreport.inbox.report import Reading, check_number
from jobreport.model import ticks
from jobreport.model.job import new_unique_job_id
from jobreport.model.ping import Signal
from jobreport.model.unread import Kind, Unreadable
from jobreport.store import Delivery, Recorded, Store, Through
from jobreport.store.registry.inboxes import Inbox

MAX_WHY: Final = 1_000
"""The characters of the reason why a delivery could not be read that are kept."""


def deliver(
    store: Store,
    inbox: Inbox,
    reading: Reading,
    content: bytes,
    at: int,
    *,
    beside: bytes = b"",
    through: Through | None = None,
    again: str = "",
) -> Recorded:
    """Stores the jobs, or the comment on the plan, of a delivery that came at `at` (ticks). Raises UnreadableError if
    there are too many jobs.

    `content` is what is the same when it is delivered again, such as a body, and so is what came `beside` it, which
    does not become part of a job's record. `through` is the address by which it came, None if it came by none: if the
    address is not that of the inbox any more, nothing is stored (`Recorded.known`). `again` is the ID of a kept
    delivery that this one is.
    """
    check_number(len(reading.jobs))
    jobs = filed(inbox, reading, content, at, beside)
    log = partial(settle, inbox, _said(inbox, reading.log, at)) if reading.log else None
    return store.deliver(inbox.tenant, Delivery(inbox=inbox.inbox, through=through, jobs=jobs, log=log, again=again))


def _said(inbox: Inbox, text: str, at: int) -> Arrival:
    """Returns a text on the plan as the ping that does the same."""
    fresh = partial(new_unique_job_id, inbox.type, at)
    return arrival_of(Ping(signal=Signal.LOG, message=text), Body(), method="POST", at=at, fresh=fresh)


def words_of(why: str) -> str:
    """Returns the reason why a delivery could not be read as it is kept: it may repeat what a stranger wrote."""
    return masked(why[: 2 * MAX_WHY])[:MAX_WHY]


def keep(
    store: Store,
    inbox: Inbox,
    content: bytes,
    at: int,
    *,
    kind: Kind,
    why: str,
    form: str = "",
    about: str = "{}",
    beside: bytes = b"",
    through: Through | None = None,
) -> Recorded:
    """Keeps a delivery that came at `at` (ticks) and that nobody could read, whole; `about` is JSON that whoever reads
    it again needs beside `content`. Never with credentials in it. `beside` is as for `deliver`.

    The same content in the same form, with the same beside it, on the same day is kept once. Raises UnreadFullError if
    as much is kept as may be: then the sender must be asked to come again.
    """
    known_by = msgspec.json.encode((at // ticks.PER_DAY, form, beside))
    digest = hashlib.sha256(known_by + content).digest()
    unread = Unreadable(kind=kind, form=form, why=words_of(why), about=about, content=content, digest=digest)
    return store.deliver(inbox.tenant, Delivery(inbox=inbox.inbox, through=through, unread=unread))
