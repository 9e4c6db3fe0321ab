"""Reads again what could not be read when it came: there may be a form, a mapping or a rule for it by now."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from jobreport.inbox.report import UnreadableError
from jobreport.model.unread import Kind, Unread
from jobreport.store import Recorded, Store
from jobreport.store.registry import inboxes, unread
from jobreport.store.registry.inboxes import Inbox

Reader = Callable[[Store, Inbox, Unread], Recorded]
"""Stores what a kept delivery of its kind tells, and lets it go. Raises UnreadableError if nobody can read it yet."""


class ReadAgain(msgspec.Struct, frozen=True):
    """What became of a kept delivery: its jobs; or `why` it is still unread."""

    unread: str
    inbox: str
    jobs: int = 0
    why: str = ""


def read_again(
    store: Store, readers: Mapping[Kind, Reader], tenant: int, ids: tuple[str, ...] | None = None
) -> Iterator[ReadAgain]:
    """Reads what is kept unread of a tenant, or what is kept under these IDs, one after the other, first come first."""
    with store.reading() as transaction:
        wanted = unread.ids(transaction, tenant) if ids is None else ids
        known = {one.inbox: one for one in inboxes.list_inboxes(transaction, tenant)}
    for one in wanted:
        with store.reading() as transaction:
            kept = unread.get(transaction, tenant, one)
        if kept is None or kept.inbox not in known:  # somebody else was quicker
            continue
        inbox = known[kept.inbox]
        try:
            done = readers[kept.kind](store, inbox, kept)
        except UnreadableError as error:
            yield ReadAgain(one, inbox.name, why=str(error))
        else:
            yield ReadAgain(one, inbox.name, jobs=done.created + done.changed + done.same)
