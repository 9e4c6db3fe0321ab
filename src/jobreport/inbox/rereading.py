"""Reads again what could not be read when it came, since there may now be a form, a mapping or a rule for it."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from jobreport.inbox.deliver import words_of
from jobreport.inbox.mail import taking as mails
from jobreport.inbox.mail.taking import Rules
from jobreport.inbox.report import UnreadableError
from jobreport.inbox.webhooks import taking as webhooks
from jobreport.inbox.webhooks.registry import Forms
from jobreport.model.unread import Kind, Unread
from jobreport.store import Recorded, Store, StoreError
from jobreport.store.registry import inboxes, unread
from jobreport.store.registry.inboxes import Inbox

Reader = Callable[[Store, Inbox, Unread], Recorded]
"""Stores what a kept delivery of its kind tells, and lets it go. Raises UnreadableError if nobody can read it yet."""


def readers_of(forms: Forms, rules: Rules) -> Mapping[Kind, Reader]:
    """Returns what reads a kept delivery of each kind: a webhook in its form, a mail by the rules."""
    return {
        "webhook": lambda store, inbox, kept: webhooks.again(store, forms, inbox, kept),
        "mail": lambda store, inbox, kept: mails.again(store, rules, inbox, kept),
    }


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
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one whose reading fails must not keep the others unread
            told = error.whole if isinstance(error, UnreadableError) else f"its reading failed ({type(error).__name__})"
            why = words_of(told)
            if why != kept.why:
                with store.writing() as transaction:
                    unread.explain(transaction, tenant, one, why)
            yield ReadAgain(one, inbox.name, why=why)
        else:
            yield ReadAgain(one, inbox.name, jobs=done.created + done.changed + done.same)
