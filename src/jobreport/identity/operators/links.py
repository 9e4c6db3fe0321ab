"""Links that sign an operator in once, for the first sign-in or instead of a lost password.

A link is used up when somebody presses the button on its page, not when the page is loaded: programs that look at the
links in a mail would use it up otherwise.
"""

import hashlib
import secrets
from typing import Final

from jobreport.identity.operators import accounts
from jobreport.identity.operators.accounts import OperatorError
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, Actor, AuditEntry
from jobreport.store import Store
from jobreport.store.registry import audit_log, operator_links, operators
from jobreport.store.registry.operators import Operator

PREFIX: Final = "jrl_"
"""Lets a leaked token be recognised."""


def create(store: Store, name: str, *, minutes: int, by: Actor = ITSELF) -> tuple[Operator, str]:
    """Makes a link that signs this operator in once, in the next `minutes`. Earlier links of this operator end. Returns
    the operator, and the link's token, which cannot be shown again.

    Raises OperatorError if there is no such operator, it is disabled, or signs in by a provider.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    with store.writing() as transaction:
        operators.lock(transaction)
        found = accounts.require_own(accounts.require(transaction, name))
        if found.disabled:
            raise OperatorError(f"the operator {found.name} is disabled, and a link would sign in nobody")
        now = store.clock()
        expires = now + minutes * 60 * ticks.PER_SECOND
        operator_links.end_all(transaction, found.number)
        operator_links.add(transaction, hash_token(token), found.number, expires)
        entry = AuditEntry(
            tenant=SERVICE,
            at=now,
            actor=by,
            action=Action.OperatorLink,
            target=f"operator:{found.name}",
            detail={"expires": ticks.to_iso(expires, digits=0)},
        )
        audit_log.append(transaction, entry)
    return found, token


def owner(store: Store, token: str) -> Operator | None:
    """Returns whom the link with this token signs in; None if it was used, has expired, or the account is disabled."""
    with store.reading() as transaction:
        number = operator_links.find(transaction, hash_token(token), store.clock())
        found = None if number is None else operators.by_number(transaction, number)
    return found if found and not found.disabled else None


def use(store: Store, token: str) -> Operator | None:
    """Uses the link up, and returns what `owner` would."""
    with store.writing() as transaction:
        number = operator_links.use(transaction, hash_token(token), store.clock())
        found = None if number is None else operators.by_number(transaction, number)
    return found if found and not found.disabled else None


def hash_token(token: str) -> bytes:
    """Returns the hash under which a link is stored. One round of SHA-256 is enough: a token has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
