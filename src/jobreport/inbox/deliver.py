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
"""At most so many characters are kept of the reason why a delivery could not be read."""


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

    A delivery is recognised as repeated by its `content`, such as its body, and by what came `beside` it; only the
    content becomes part of a job's record. `through` is the address by which it came, None if it came by none. If that
    is no longer an address of the inbox, nothing is stored (`Recorded.known`). If a stored delivery is read again,
    `again` is its ID.
    """
    check_number(len(reading.jobs))
    jobs = filed(inbox, reading, content, at, beside)
    log = partial(settle, inbox, _said(inbox, reading.log, at)) if reading.log else None
    return store.deliver(inbox.tenant, Delivery(inbox=inbox.inbox, through=through, jobs=jobs, log=log, again=again))


def _said(inbox: Inbox, text: str, at: int) -> Arrival:
    """Returns a comment on the plan in the form of a `log` ping with this text, which has the same effect."""
    fresh = partial(new_unique_job_id, inbox.type, at)
    return arrival_of(Ping(signal=Signal.LOG, message=text), Body(), method="POST", at=at, fresh=fresh)


def words_of(why: str) -> str:
    """Returns the reason why a delivery could not be read, made safe to store: it may quote what a stranger wrote."""
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
    """Stores a whole delivery that came at `at` (ticks) and that nobody could read. `about` is JSON that is needed
    besides `content` to read it again; it contains no credentials. `beside` is as for `deliver`.
    `form` is the sender's form, which the address named; empty: none.

    A delivery that is repeated on the same day, with the same form, content and `beside`, is stored once. Raises
    UnreadFullError if the limit for stored deliveries is reached: then the sender must be asked to try again later.
    """
    known_by = msgspec.json.encode((at // ticks.PER_DAY, form, beside))
    digest = hashlib.sha256(known_by + content).digest()
    unread = Unreadable(kind=kind, form=form, why=words_of(why), about=about, content=content, digest=digest)
    return store.deliver(inbox.tenant, Delivery(inbox=inbox.inbox, through=through, unread=unread))
