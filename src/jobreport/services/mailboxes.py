"""Reads the mailboxes that `jobreport.toml` names, each by only one process of a store at a time."""

from collections.abc import Generator
from contextlib import closing
from typing import Final

import structlog
from anyio import CapacityLimiter

from jobreport.inbox.mail.collecting import Collector
from jobreport.inbox.mail.mailbox import Mailbox, MailboxError
from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.store.admin import leases

LEASE_SECONDS: Final = 180
"""How long nobody else reads a mailbox whose reader was killed: longer than a mail takes to be read."""

_log = structlog.get_logger()


def mailbox(store: Store, collector: Collector, one: Mailbox) -> Periodic:
    """Returns the service. It logs each reason why a mailbox cannot be read once, and when it can be again."""
    logged, lease = "", f"mailbox {one.name}"

    def look() -> Generator[None, None, None]:
        nonlocal logged
        if not leases.acquire(store, lease, LEASE_SECONDS):
            return
        reason, mails = "", 0
        try:
            with closing(collector.collect(one)) as steps:
                for _ in steps:
                    mails += 1
                    leases.extend(store, lease, LEASE_SECONDS)
                    yield
        except MailboxError as error:
            reason = str(error)
        finally:
            leases.release(store, lease)
        if reason != logged:
            logged = reason
            _log.warning("mailbox", mailbox=one.name, reason=reason or "it can be read again")
        if mails:
            _log.info("mailbox read", mailbox=one.name, mails=mails)

    return Periodic(f"mailbox {one.name} not read", one.every, look, threads=CapacityLimiter(1))
