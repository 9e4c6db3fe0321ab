"""Applies rules that are new or wider to incidents that are open already.

An open incident that a rule fits, and that it has not told, is treated as news. If a rule names one more channel, it
repeats there what goes on. What another rule has told on the same channels is not told again.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from jobreport.model.incident import Incident
from jobreport.model.incident_groups import Notice
from jobreport.model.notify_rule import Rule
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.registry import tenants
from jobreport.store.watch import incidents, notices


def look(store: Store, rules: Sequence[Rule]) -> int:
    """Has the rules look again at open incidents that they fit and have not told. Returns how many there are."""
    by_name = {rule.name: rule for rule in rules}
    with store.reading() as transaction:
        names = {one.number: one.name for one in tenants.list_tenants(transaction) if not one.unusable()}
        going_on = {number: those for number, those in incidents.going_on(transaction).items() if number in names}
        wanted = [
            number
            for number, those in going_on.items()
            if any(_found(by_name, names[number], those, _known(transaction, number, those)))
        ]
    found = 0
    for number in sorted(wanted):
        with store.writing() as transaction:
            locks.lock(transaction, number)
            those = incidents.going_on(transaction, number).get(number, [])
            news, wider = _found(by_name, names[number], those, _known(transaction, number, those))
            incidents.make_news(transaction, news)
            _widen(transaction, number, wider, store.clock())
        found += len({one.incident for one in news} | {one.incident for one in wider})
    return found


def _known(transaction: Transaction, tenant: int, those: Sequence[Incident]) -> Mapping[str, Sequence[Notice]]:
    return notices.of_incidents(transaction, tenant, [one.incident for one in those])


def _found(
    rules: Mapping[str, Rule], tenant: str, those: Sequence[Incident], known: Mapping[str, Sequence[Notice]]
) -> tuple[list[Incident], list[Notice]]:
    """Returns which of these a rule is about that has not told them, and what is told on more channels by now."""
    news, wider = list[Incident](), list[Notice]()
    for one in those:
        before = known.get(one.incident, ())
        served = {channel for each in before for channel in each.channels}
        about = {each.rule for each in before}
        fitting = (rule for rule in rules.values() if rule.name not in about and rule.fits(tenant, one))
        if one.waits and any({*rule.channels} - served for rule in fitting):
            news.append(one)
        for each in before:
            named = rules[each.rule].channels if each.rule in rules else ()
            if more := tuple(channel for channel in named if channel not in served):
                wider.append(replace(each, channels=(*each.channels, *more)))
                served.update(more)
    return news, wider


def _widen(transaction: Transaction, tenant: int, wider: Sequence[Notice], now: int) -> None:
    """Has these told on their channels: what was told before is repeated."""
    notices.widen(transaction, tenant, wider)
    more: dict[str, dict[str, None]] = {}
    for one in wider:
        more.setdefault(one.group, {}).update(dict.fromkeys(one.channels))
    for group in notices.open_groups(transaction, tenant):
        if channels := more.get(group.group):
            all_ = dict.fromkeys((*group.channels, *channels))
            notices.put_group(transaction, replace(group, channels=tuple(all_), due=now))
