"""Explains which expectations apply to a series and why, and how the series stands to them."""

from collections.abc import Sequence

import msgspec

from jobreport.contract.expectation import to_document
from jobreport.identity.tenants import readable
from jobreport.model import ticks
from jobreport.model.expectation import Expectation, pattern_words
from jobreport.model.good_copy_age import COPIES, Source
from jobreport.model.judging import moment
from jobreport.model.lengths import typed
from jobreport.store import Store, Transaction
from jobreport.store.query.series import runs
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import missed as missed_runs
from jobreport.store.watch import outages, verdicts
from jobreport.watch.expectations import ExpectationError, says
from jobreport.watch.facts import Judged, judged


class Explained(msgspec.Struct, frozen=True):
    """How a series stands, and by which expectations: `age`, `schedule` and `longest` are those that count (or None),
    `windows` all that have some, since those of each count. `others` fit as well.
    """

    found: Judged
    age: Expectation | None
    schedule: Expectation | None
    longest: Expectation | None
    windows: Sequence[Expectation]
    others: Sequence[Expectation]

    @property
    def lines(self) -> list[str]:
        """Returns it in words, a line each."""
        one, judgement = self.found.series, self.found.judgement
        return [
            f"series {one.number}: {' '.join(filter(None, (one.plan, one.resource)))}",
            f"{judgement.verdict}: {judgement.sentence}",
            f"age: {self._age}",
            f"schedule: {self._schedule}",
            *(f"longest: {typed(rule.longest)}, by {self._by(rule)}" for rule in (self.longest,) if rule),
            *(f"maintenance: by {self._by(rule)}" for rule in self.windows),
            *(f"fits too, and is less specific: {_named(rule)}" for rule in self.others),
        ]

    @property
    def _age(self) -> str:
        agreed = self.found.expected.agreed
        if self.age:
            return f"{typed(self.age.age)}, by {_named(self.age)}"
        if agreed and agreed.source is Source.DEFAULT:
            return f"{typed(agreed.age)}, a default from its runs"
        if self.found.series.type not in COPIES:
            return "none: it makes no copies"
        if self.schedule and not self.schedule.at:
            return "none: its schedule says when runs are due, and no default is guessed beside it"
        return "a default from its runs, once its copy is older than 26h"

    @property
    def _schedule(self) -> str:
        if not self.schedule:
            return "none: a run that does not start is seen once the last good copy is too old"
        due = self.found.due
        following = f"; next due {moment(due, self.found.expected.zone)}" if due else ""
        return f"by {_named(self.schedule)}{following}"

    def _by(self, rule: Expectation) -> str:
        return rule.name if rule in (self.age, self.schedule) else _named(rule)

    @property
    def document(self) -> dict[str, object]:
        """Returns it for scripts."""
        one, judgement = self.found.series, self.found.judgement
        return {
            "series": one.number,
            "plan": one.plan,
            "resource": one.resource,
            "verdict": judgement.verdict.value,
            "sentence": judgement.sentence,
            "due": ticks.to_iso(self.found.due, digits=0) if self.found.due else None,
            "age": msgspec.to_builtins(to_document(self.age)) if self.age else None,
            "schedule": msgspec.to_builtins(to_document(self.schedule)) if self.schedule else None,
            "longest": msgspec.to_builtins(to_document(self.longest)) if self.longest else None,
            "windows": [rule.name for rule in self.windows],
            "others": [rule.name for rule in self.others],
        }


def explained(store: Store, name: str, which: str) -> Explained:
    """Explains the series of this number or key. Raises TenantError, or ExpectationError if there is no such series."""
    tenant = readable(store, name)
    with store.reading() as transaction:
        return _explained(transaction, tenant, which, store.clock())


def _explained(transaction: Transaction, tenant: Tenant, which: str, now: int) -> Explained:
    found = runs.one_series(transaction, tenant.number, which)
    if found is None:
        raise ExpectationError(f"{tenant.name} has no series {which!r} with jobs: jobreport series lists them")
    numbers = [found.series.number]
    known = verdicts.kept(transaction, tenant.number, numbers)
    missed = missed_runs.of_series(transaction, tenant.number, numbers)
    (one,) = judged(transaction, tenant, numbers, known, missed, now, outages.every(transaction))
    series = one.series
    about = int(series.service), int(series.type), series.plan, series.resource, series.origin
    fitting = sorted((rule for rule in tenant.expectations if rule.fits(*about)), key=lambda rule: rule.rank)[::-1]
    # An age says nothing of a series that makes no copies.
    fitting = [rule for rule in fitting if series.type in COPIES or rule.is_schedule or rule.longest or rule.windows]
    age = next((rule for rule in fitting if rule.age), None) if series.type in COPIES else None
    schedule = next((rule for rule in fitting if rule.is_schedule), one.by)
    longest = next((rule for rule in fitting if rule.longest), None)
    windows = [rule for rule in fitting if rule.windows]
    counting = age, schedule, longest, *windows
    others = [rule for rule in fitting if rule not in counting]
    return Explained(one, age, schedule, longest, windows, others)


def _named(rule: Expectation) -> str:
    return f"{rule.name} ({pattern_words(rule)}: {says(rule)})"
