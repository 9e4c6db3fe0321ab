"""Finds what is new about incidents, and queues messages on the channels that the rules name.

One look reads the news, and what a rule wanted to see again later. Its result and the messages are stored in one
transaction for each tenant. So a killed process neither loses a message nor sends it twice, and several processes may
look at the same time.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.model.incident import MAINTAINED, Incident, rank
from jobreport.model.incident_groups import WINDOW, Common, Group, Notice, bundled, has_grown, joined
from jobreport.model.judgement import Verdict
from jobreport.model.notify_rule import REPEAT, Rule
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.query.series.by_number import these
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import deliveries, incidents, notices
from jobreport.store.watch.notices import Of
from jobreport.watch.incident_messages import Messages

_AGAIN: Final = 60 * ticks.PER_SECOND
"""After so long a rule looks again whether a series has failed often enough."""
_MOST: Final = 2_000
"""So much news is looked at together."""


def tell(store: Store, rules: Sequence[Rule], public_url: str = "", channels: Collection[str] = ()) -> Iterator[int]:
    """Looks once at the incidents of all tenants, a transaction a step; gives how many deliveries come of each.
    `channels` are the names of all that there are: what was told on one that no rule names any more is closed there.
    """
    now = store.clock()
    with store.reading() as transaction:
        working = incidents.with_work(transaction, now)
    for number in sorted(working):
        # News apart, so that nobody who writes waits for very much of it.
        while True:
            with store.writing() as transaction:
                look = _begun(transaction, number, rules, public_url, channels, now)
                more = look.at_news() if look else False
            yield 0
            if not more:
                break
        if look:
            with store.writing() as transaction:
                again = _begun(transaction, number, rules, public_url, channels, now)
                made = again.at_what_is_due() if again else 0
            yield made


def _begun(
    transaction: Transaction, number: int, rules: Sequence[Rule], public_url: str, channels: Collection[str], now: int
) -> "_Look | None":
    """Returns a look at a tenant, whose lock is then held; None if the tenant is not in use."""
    locks.lock(transaction, number)
    tenant = tenants.by_number(transaction, number)
    if tenant is None or tenant.unusable():
        return None
    by_name = {rule.name: rule for rule in rules}
    return _Look(transaction, tenant, by_name, Messages(tenant, by_name, channels, public_url, now), now)


class _Look:
    def __init__(
        self, transaction: Transaction, tenant: Tenant, rules: Mapping[str, Rule], messages: Messages, now: int
    ) -> None:
        self._transaction, self._tenant, self._now = transaction, tenant, now
        self._number = tenant.number
        self._rules, self._messages = rules, messages
        self._quiet = {rule.name: rule.quiet_until(now) for rule in rules.values()}
        self._groups: dict[str, Group] = {}

    def at_news(self) -> bool:
        """Takes a part of the news: finds the rules that fit, and has rules that told of these incidents before look
        again. Returns whether there is more news.
        """
        found = incidents.news(self._transaction, self._number, _MOST)
        known = notices.of_incidents(self._transaction, self._number, [one.incident for one in found])
        before = [replace(each, due=self._now) for those in known.values() for each in those]
        notices.change(self._transaction, self._number, before)
        new = (each for one in found if one.waits for each in self._fitting(one, known.get(one.incident, ())))
        notices.add(self._transaction, self._number, new)
        incidents.have_read(self._transaction, found)
        return len(found) == _MOST

    def at_what_is_due(self) -> int:
        """Lets each rule look at the incidents that are due for it. Returns how many deliveries come of that."""
        due = sorted(notices.due(self._transaction, self._number, self._now), key=lambda of: of.notice.rule)
        self._groups = {one.group: one for one in notices.open_groups(self._transaction, self._number)}
        for name, those in groupby(due, lambda of: of.notice.rule):
            self._at_rule(self._rules.get(name), [*those])
        for group in [*self._groups.values()]:
            if 0 < group.due <= self._now and not group.closed:
                self._repeat(group)
        deliveries.add(self._transaction, self._messages.deliveries)
        return len(self._messages.deliveries)

    def _fitting(self, one: Incident, before: Iterable[Notice]) -> Iterator[Notice]:
        """Gives a notice for each rule that fits an incident and has none of it yet, with those channels of the rule
        that no other rule has told of it.
        """
        about = {each.rule for each in before}
        served = {channel for each in before for channel in each.channels}
        for rule in self._rules.values():
            if rule.name not in about and rule.fits(self._tenant.name, one):
                channels = tuple(channel for channel in rule.channels if channel not in served)
                served.update(channels)
                if channels:
                    first = Notice(incident=one.incident, rule=rule.name, channels=channels, due=self._now)
                    # What needs nobody to look at it again is ready as it comes.
                    yield self._ready(rule, first) if rule.is_ripe(one, 1) else first

    def _at_rule(self, rule: Rule | None, those: list[Of]) -> None:
        """Tells what a rule has to tell about these. A rule that was removed only tells when what it told is over."""
        quiet = self._quiet[rule.name] if rule else 0
        before = [of for of in those if of.notice.told]
        new = [of for of in those if not of.notice.told]
        notices.forget(self._transaction, self._number, [of.notice for of in new if of.incident.closed or rule is None])
        changed = [replace(of.notice, ready=0, due=quiet) for of in before if not (rule and _is_maintained(of))]
        if rule:
            changed += [self._ready(rule, of.notice) for of in before if _is_maintained(of)]
            changed += self._readied(rule, [of for of in new if not of.incident.closed])
        known = {of.notice.incident: of.notice for of in those}
        notices.change(self._transaction, self._number, (one for one in changed if one != known[one.incident]))
        if quiet:
            return
        if rule:
            self._tell_worse(rule, [of for of in before if _is_worse(of) and not _is_maintained(of)])
            if any(each.ready and each.due <= self._now for each in changed):
                self._tell_new(rule)
        self._tell_closed({of.notice.group for of in before if of.incident.closed})

    def _ready(self, rule: Rule, one: Notice) -> Notice:
        ready = one.ready or self._now
        return replace(one, ready=ready, due=max(ready + WINDOW, self._quiet[rule.name]))

    def _readied(self, rule: Rule, new: Sequence[Of]) -> Iterator[Notice]:
        """Gives for each of these, which were not told yet, the time from which they may be told."""
        ripening = [of.incident.series for of in new] if rule.after > 1 else []
        listed = these(self._transaction, self._number, ripening) if ripening else []
        failures = {one.number: one.status.not_good for one in listed}
        for of in new:
            if not of.incident.waits:
                yield replace(of.notice, ready=0, due=0)
            elif not rule.is_ripe(of.incident, failures.get(of.incident.series, 1)):
                yield replace(of.notice, ready=0, due=self._now + _AGAIN)
            else:
                yield self._ready(rule, of.notice)

    def _tell_new(self, rule: Rule) -> None:
        """Tells all that is ready, in as few messages as it takes."""
        ready = notices.ready(self._transaction, self._number, rule.name)
        notices.change(
            self._transaction,
            self._number,
            [replace(of.notice, ready=0, due=0) for of in ready if not of.incident.waits],
        )
        waiting = sorted((of for of in ready if of.incident.waits), key=lambda of: of.notice.channels)
        for channels, those in groupby(waiting, lambda of: of.notice.channels):
            here = [*those]
            maintained = [of for of in here if _is_maintained(of)]
            if len(maintained) > 1 or any(of.notice.told for of in maintained):
                self._tell_maintained(rule, channels, maintained)
                here = [of for of in here if not _is_maintained(of)]
            mine = {of.incident.incident: of for of in here}
            into = self._joined(rule, channels, mine)
            for bundle in bundled(of.incident for name, of in mine.items() if name not in into):
                group = self._new_group(rule, channels, bundle.common, bundle.key)
                self._keep(rule, self._messages.opened(group, bundle.incidents))
                into |= {one.incident: group.group for one in bundle.incidents}
            self._have_told(rule.name, [(mine[name].incident, group) for name, group in into.items()])
            self._tell_grown(rule, {*into.values()})

    def _tell_maintained(self, rule: Rule, channels: tuple[str, ...], those: Sequence[Of]) -> None:
        """Tells in one message what is still bad when a maintenance window ends. What was told before the window stays
        in its group.
        """
        before = [group for of in those if (group := self._groups.get(of.notice.group))]
        new = self._new_group(rule, channels, Common.TENANT, "")
        group = max(before, key=lambda one: (one.size, one.begun, one.group), default=new)
        self._keep(rule, self._messages.after_maintenance(group, [of.incident for of in those]))
        self._have_told(rule.name, [(of.incident, of.notice.group or group.group) for of in those])

    def _new_group(self, rule: Rule, channels: tuple[str, ...], common: Common, key: str) -> Group:
        return Group(
            tenant=self._number,
            group=secrets.token_hex(8),
            rule=rule.name,
            channels=channels,
            common=common,
            key=key,
            begun=self._now,
        )

    def _joined(self, rule: Rule, channels: tuple[str, ...], mine: dict[str, Of]) -> dict[str, str]:
        """Returns the group that each of these incidents joins, by the incident's ID, if the group may still grow."""
        of_rule = [one for one in self._groups.values() if one.rule == rule.name and one.channels == channels]
        if not of_rule:
            return {}
        waiting = notices.open_in(self._transaction, self._number, [one.group for one in of_rule])
        alive = [one for one in of_rule if waiting.get(one.group, notices.NONE).waiting]
        missed = any(of.incident.verdict is Verdict.MISSED for of in mine.values())
        places = self._places(one.group for one in alive if missed and one.common is Common.CAUSE)
        found = (
            (name, joined(of.incident, alive, self._now, rule.repeat or REPEAT, places)) for name, of in mine.items()
        )
        return {name: group.group for name, group in found if group}

    def _places(self, named: Iterable[str]) -> dict[str, set[str]]:
        """Returns where the open incidents of these groups are, by the ID of the group."""
        chosen = [*named]
        found = notices.in_groups(self._transaction, self._number, chosen) if chosen else {}
        return {name: {one.place for one in those} for name, those in found.items()}

    def _tell_grown(self, rule: Rule, named: set[str]) -> None:
        sizes = notices.open_in(self._transaction, self._number, named)
        for name, size in sizes.items():
            if has_grown(group := self._groups[name], size.waiting):
                those = notices.in_groups(self._transaction, self._number, [name])[name]
                self._keep(rule, self._messages.grown(group, [one for one in those if one.waits]))

    def _tell_worse(self, rule: Rule, those: Sequence[Of]) -> None:
        by_group = sorted(those, key=lambda of: of.notice.group)
        for name, some in groupby(by_group, lambda of: of.notice.group):
            again = [*some]
            self._have_told(rule.name, [(of.incident, name) for of in again])
            if group := self._groups.get(name):
                self._keep(rule, self._messages.worse(group, [of.incident for of in again]))

    def _tell_closed(self, named: set[str]) -> None:
        going_on = notices.open_in(self._transaction, self._number, named) if named else {}
        for name in named - going_on.keys():
            if group := self._groups.get(name):
                those = notices.all_in(self._transaction, self._number, name)
                self._keep(None, self._messages.closed(group, those))

    def _repeat(self, group: Group) -> None:
        rule = self._rules.get(group.rule)
        if rule is None:
            self._keep(None, replace(group, due=0))
        elif quiet := self._quiet[rule.name]:
            self._keep(None, replace(group, due=quiet))
        else:
            those = notices.in_groups(self._transaction, self._number, [group.group]).get(group.group, [])
            waiting = [one for one in those if one.waits]
            self._keep(rule, self._messages.repeated(group, waiting) if waiting else group)

    def _have_told(self, rule: str, those: Sequence[tuple[Incident, str]]) -> None:
        """Notes that incidents were told, each in its group."""
        together: dict[tuple[str, int], list[str]] = {}
        for one, group in those:
            together.setdefault((group, rank(one.severity)), []).append(one.incident)
        for (group, how), named in together.items():
            notices.have_told(self._transaction, self._number, rule, named, group, self._now, how)

    def _keep(self, rule: Rule | None, group: Group) -> None:
        """Stores a group as it is now, and when its rule wants the message repeated."""
        if rule:
            group = replace(group, due=self._now + rule.repeat if rule.repeat else 0)
        self._groups[group.group] = group
        notices.put_group(self._transaction, group)


def _is_maintained(of: Of) -> bool:
    """Whether an incident that nobody was told of comes out of a maintenance window."""
    one = of.incident
    return one.waits and one.back == MAINTAINED and one.returned > of.notice.told


def _is_worse(of: Of) -> bool:
    one = of.incident
    return one.waits and (rank(one.severity) > of.notice.rank or one.returned > of.notice.told)
