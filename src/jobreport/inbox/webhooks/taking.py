"""Stores a webhook that came to an inbox: the jobs that it tells of, or the delivery itself if nobody can read it."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.inbox.deliver import deliver, keep
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.registry import Forms
from jobreport.model.unread import Unread
from jobreport.store import Recorded, Store, Through
from jobreport.store.registry.inboxes import Inbox

_NAMES: Final = ("idempotency-key", "webhook-id", "svix-id")
"""The headers in which senders name a delivery, so that it is known when they try again."""
_SECRET: Final = re.compile(r"auth|cookie|token|secret|passw|signature|api-?_?key|access-?_?key", re.IGNORECASE)
"""What is in the name of a header or a parameter whose value is a secret."""
MOST_HEADERS: Final = 100
"""So many headers are looked at."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook that came at `at` (ticks), to be read in the form of this name. `through` is the address by which it
    came.
    """

    form: str
    delivery: Delivery
    at: int
    through: Through | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a webhook. `jobs` is how many it tells. `ignored` and `unread` say in words why there is none: it
    is no report of a job, or nobody could read it, and so it is kept.
    """

    known: bool
    jobs: int = 0
    ignored: str = ""
    unread: str = ""


class _About(msgspec.Struct, frozen=True):
    """What is kept of an unread webhook beside its body."""

    method: str
    headers: dict[str, str]
    query: list[tuple[str, str]]


def delivery_of(
    method: str, headers: Sequence[tuple[str, str]], query: Sequence[tuple[str, str]], body: bytes
) -> Delivery:
    """Returns a request as a delivery, without what may be a secret in its headers and its query."""
    kept = {name.lower(): value for name, value in headers[:MOST_HEADERS] if not _SECRET.search(name)}
    return Delivery(
        method=method,
        headers=kept,
        query=tuple(pair for pair in query if not _SECRET.search(pair[0])),
        content_type=kept.get("content-type", "").partition(";")[0].strip().lower(),
        body=body,
    )


def take(store: Store, forms: Forms, inbox: Inbox, arrival: Arrival) -> Taken:
    """Stores what a webhook tells, or the webhook. It is on disk when this returns.

    Raises UnreadFullError if it cannot be read, and as much is kept as may be.
    """
    one = arrival.delivery
    try:
        reading = forms.read(arrival.form, one)
        done = _delivered(store, inbox, reading, arrival)
    except UnreadableError as error:
        about = _About(one.method, dict(one.headers), list(one.query))
        kept = keep(
            store,
            inbox,
            one.body,
            arrival.at,
            kind="webhook",
            why=error.whole,
            form=arrival.form,
            about=msgspec.json.encode(about).decode(),
            beside=_beside(one),
            through=arrival.through,
        )
        return Taken(known=kept.known, unread=str(error))
    return Taken(known=done.known, jobs=len(reading.jobs), ignored=reading.ignored)


def again(store: Store, forms: Forms, inbox: Inbox, unread: Unread) -> Recorded:
    """Stores what a webhook tells that was kept unread until now. Raises UnreadableError if nobody can read it yet."""
    about = msgspec.json.decode(unread.about, type=_About)
    one = delivery_of(about.method, [*about.headers.items()], about.query, unread.content)
    arrival = Arrival(form=unread.form, delivery=one, at=unread.received)
    return _delivered(store, inbox, forms.read(unread.form, one), arrival, again=unread.unread)


def _delivered(store: Store, inbox: Inbox, reading: Reading, arrival: Arrival, *, again: str = "") -> Recorded:
    one = arrival.delivery
    name = next((one.headers[header] for header in _NAMES if one.headers.get(header)), "")
    if name:
        # With the body: a sender that gives all of them one name would else lose all but the first.
        word = hashlib.sha256(name.encode("utf-8", "replace") + b"\0" + one.body).hexdigest()[:32]
        jobs = [
            job if job.key else msgspec.structs.replace(job, key=f"{word}.{number}" if number else word)
            for number, job in enumerate(reading.jobs)
        ]
        reading = msgspec.structs.replace(reading, jobs=tuple(jobs))
    return deliver(
        store, inbox, reading, one.body, arrival.at, beside=_beside(one), through=arrival.through, again=again
    )


def _beside(one: Delivery) -> bytes:
    """Returns what is the same beside the body when it is delivered again."""
    return msgspec.json.encode(one.query) if one.query else b""
