"""Applies new rules to incidents that are open already: each open incident that a new rule fits is treated as news.

A rule is new if it never had anything to tell. What another rule has told on the same channels is not told again.
"""

from collections.abc import Sequence

from jobreport.model.notify_rule import Rule
from jobreport.store import Store
from jobreport.store.db import locks
from jobreport.store.registry import tenants
from jobreport.store.watch import incidents, told


def look(store: Store, rules: Sequence[Rule]) -> int:
    """Makes the open incidents that fit a new rule news again. Returns how many there are."""
    with store.reading() as transaction:
        known = told.rules(transaction)
        new = [rule for rule in rules if rule.name not in known]
        if not new:
            return 0
        names = {one.number: one.name for one in tenants.list_tenants(transaction)}
        going_on = incidents.going_on(transaction)
    found = 0
    for number in sorted(going_on):
        fitting = [one for one in going_on[number] if any(rule.fits(names.get(number, ""), one) for rule in new)]
        if fitting:
            with store.writing() as transaction:
                locks.lock(transaction, number)
                incidents.make_news(transaction, fitting)
            found += len(fitting)
    return found
