"""Counts and lists how the series of tenants stand, in numbers that add up. Series that are well are not read.

Somebody "has" a series if a person said "I have it", and that still holds (`model.need`). Such numbers begin with those
that are stored with the verdicts. They are then corrected for the few series that stand otherwise at this moment, such
as those that somebody has (`series_now.Special`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from jobreport.model.judgement import Verdict
from jobreport.model.need import BAD, Need, Standing, rank, standing_of
from jobreport.model.series_query import Series, SeriesQuery
from jobreport.store import Store, Transaction
from jobreport.store.query.series import by_standing, parameters
from jobreport.store.query.series.by_number import these
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus
from jobreport.store.watch import standing
from jobreport.store.watch.standing import Stand
from jobreport.watch.series_now import SeriesNow, Special, as_kept, series_then, special

_NEEDS: Final = {
    Standing.NEEDS_YOU: BAD,
    Standing.NOT_JUDGED: {Need.NO_COPY},
    Standing.NO_RHYTHM: {Need.NO_RHYTHM},
    Standing.MAINTENANCE: {Need.MAINTENANCE},
}
"""By which needs a series stands in which way, if nobody has said anything of it."""


class Numbers(NamedTuple):
    """How many series of a tenant stand in which way.

    `services`: how many are not retired, well or not, by the code of the service. `held`: how many need somebody, and
    somebody has them, by how they stand. `free`: all others that are not well. `retired`: which series no longer run,
    on purpose. `waiting`: how many were not judged yet, since too many are due at once.
    """

    services: Counter[int]
    free: Counter[Stand]
    held: Counter[Stand]
    retired: frozenset[int]
    waiting: int

    @property
    def series(self) -> int:
        """How many are not retired."""
        return self.services.total()

    @property
    def standing(self) -> Counter[Standing]:
        """How many stand in which way."""
        found = Counter({Standing.IN_HANDS: self.held.total(), Standing.RETIRED: len(self.retired)})
        for stand, number in self.free.items():
            found[standing_of(stand.need, None) or Standing.NEEDS_YOU] += number
        return +found

    @property
    def well(self) -> int:
        """How many are well."""
        return self.series - self.free.total() - self.held.total() - self.waiting

    @property
    def words(self) -> dict[str, int]:
        """The number of series for each way to stand, by the words of the API; also of those that are well or wait."""
        found = self.standing
        return {"well": self.well, **{one.value: found[one] for one in Standing}, "waiting": self.waiting}

    def needs(self) -> Counter[Need]:
        """Returns how many of those that nobody has stand in which way."""
        found = Counter[Need]()
        for stand, number in self.free.items():
            found[stand.need] += number
        return found

    def not_good(self, *, held: bool = False) -> Counter[int]:
        """Returns how many are not good, by the state of their newest job that has ended. Those that somebody has are
        counted only if `held`.
        """
        found = Counter[int]()
        for stand, number in (*self.free.items(), *(self.held.items() if held else ())):
            if stand.need is Need.NOT_GOOD:
                found[stand.state] += number
        return found


class NeedsNow(NamedTuple):
    """How the series of a tenant stand: the numbers, and the series themselves by what they need.

    `needing`: the first of those that need somebody while nobody has them; those that leave copies come first, and of
    these the longest without a good copy. `in_hands`: those that somebody has. `unjudged`: the first of those that
    never had a good run.
    """

    numbers: Numbers
    needing: list[SeriesNow]
    in_hands: list[SeriesNow]
    unjudged: list[SeriesNow]

    @property
    def series(self) -> int:
        """How many are not retired."""
        return self.numbers.series

    @property
    def need(self) -> int:
        """How many need somebody while nobody has them."""
        return self.numbers.standing[Standing.NEEDS_YOU]

    @property
    def not_judged(self) -> int:
        """How many never had a good run."""
        return self.numbers.standing[Standing.NOT_JUDGED]

    @property
    def no_rhythm(self) -> int:
        """How many have no known rhythm."""
        return self.numbers.standing[Standing.NO_RHYTHM]

    @property
    def maintenance(self) -> int:
        """How many are not well, but in a maintenance window."""
        return self.numbers.standing[Standing.MAINTENANCE]

    @property
    def retired(self) -> int:
        """How many no longer run, on purpose."""
        return len(self.numbers.retired)


def numbers(transaction: Transaction, of: Iterable[Tenant], now: int) -> dict[int, Numbers]:
    """Returns how the series of each tenant stand at `now` (ticks)."""
    return numbers_of(transaction, special(transaction, of, now))


def standing_by_name(
    store: Store, only: Collection[int] | None, *, suspended: bool = False
) -> dict[str, dict[str, int]]:
    """Returns how many series of each tenant stand in which way, by the tenant's name.

    `only` are the numbers of the tenants that are counted; None: all. Suspended ones are left out, unless `suspended`.
    """
    wanted = {TenantStatus.ACTIVE, TenantStatus.SUSPENDED} if suspended else {TenantStatus.ACTIVE}
    with store.reading() as transaction:
        every = [one for one in tenants.list_tenants(transaction) if one.status in wanted]
        listed = [one for one in every if only is None or one.number in only]
        found = numbers(transaction, listed, store.clock())
    return {one.name: found[one.number].words for one in listed}


def numbers_of(transaction: Transaction, specials: Mapping[int, Special]) -> dict[int, Numbers]:
    """Returns how the series of each tenant stand. `specials` are those that the stored verdicts count wrongly now."""
    kept, every = standing.counted(transaction, specials), standing.every(transaction, specials)
    return {tenant: _numbers(every[tenant], kept[tenant], one) for tenant, one in specials.items()}


def _numbers(every: Counter[int], kept: Counter[Stand], of: Special) -> Numbers:
    free, held = Counter(kept), Counter[Stand]()
    free.subtract(Stand(one.need, one.state, one.service) for one in of.was.values() if one.need)
    for one in of.are:
        if one.standing is Standing.IN_HANDS:
            held[_stand(one)] += 1
        elif one.standing not in (None, Standing.RETIRED):
            free[_stand(one)] += 1
    retired = [one.series for one in of.are if one.standing is Standing.RETIRED]
    services = every - Counter(int(one.service) for one in retired)
    return Numbers(services, +free, held, frozenset(one.number for one in retired), of.waiting)


def verdicts_of(
    transaction: Transaction, specials: Mapping[int, Special], of: Mapping[int, Numbers]
) -> dict[int, Counter[Verdict]]:
    """Returns how many series of each tenant have which verdict. One that was never judged has none."""
    found = standing.not_met(transaction, specials)
    for tenant, one in specials.items():
        counts = found[tenant]
        counts.subtract(kept.verdict for kept in one.was.values() if kept.verdict is not Verdict.MET)
        counts.update(each.judgement.verdict for each in one.are if each.judgement.verdict is not Verdict.MET)
        counts[Verdict.MET] = of[tenant].series + len(of[tenant].retired) - counts.total() - of[tenant].waiting
    return found


def _stand(one: SeriesNow) -> Stand:
    state = one.series.status.ended_state if one.need is Need.NOT_GOOD else 0
    return Stand(one.need, state, int(one.series.service))


def needs_now(transaction: Transaction, tenant: Tenant, of: Special, now: int, most: int) -> NeedsNow:
    """Returns how the series of the tenant stand at `now` (ticks), with at most so many of each list but `in_hands`.
    `of` are the series that stand otherwise now than the stored verdicts say.
    """
    found = numbers_of(transaction, {tenant.number: of})[tenant.number]
    return NeedsNow(
        found,
        _first(transaction, tenant, found, of, BAD, now, most),
        sorted((one for one in of.are if one.standing is Standing.IN_HANDS), key=_place),
        _first(transaction, tenant, found, of, {Need.NO_COPY}, now, most),
    )


def _first(
    transaction: Transaction, tenant: Tenant, found: Numbers, of: Special, needs: Collection[Need], now: int, most: int
) -> list[SeriesNow]:
    """Returns the first of the series that stand in one of these ways, and that nobody has."""
    listed = set[int]()
    for need in {stand.need for stand in found.free}.intersection(needs):
        # Special series are removed from what is read, so as many more are read.
        left_out = sum(one.need is need for one in of.was.values())
        listed |= {*standing.first(transaction, tenant.number, need, most + left_out)} - of.numbers
    rows = sorted(these(transaction, tenant.number, listed), key=lambda one: (rank(one.type, one.status), one.number))
    plain = as_kept(transaction, tenant, rows[:most], now)
    return sorted((*plain, *(one for one in of.are if one.need in needs and not one.holds)), key=_place)[:most]


def first_failing(transaction: Transaction, tenant: Tenant, now: int) -> list[Series]:
    """Returns the first series, in the order of `rank`, that is not good or did not start; empty if there is none.

    A series that somebody has may be the one, a retired one is not.
    """
    of = special(transaction, [tenant], now)[tenant.number]
    found = numbers_of(transaction, {tenant.number: of})[tenant.number]
    wanted = {Need.NOT_GOOD, Need.NOT_STARTED}
    several = _first(transaction, tenant, found, of, wanted, now, 1)
    several += [one for one in of.are if one.standing is Standing.IN_HANDS and one.need in wanted]
    return [one.series for one in sorted(several, key=_place)[:1]]


def _place(one: SeriesNow) -> tuple[int, int]:
    return rank(one.series.type, one.series.status), one.series.number


def well_again(transaction: Transaction, tenant: int, of: Special, failed: Collection[int]) -> list[int]:
    """Returns those of these series that need nobody now.

    `of` are the series that stand otherwise now than the stored verdicts say.
    """
    now = standing.of_these(transaction, tenant, failed) if failed else {}
    now |= dict.fromkeys(of.numbers, Need.WELL) | {one.series.number: one.need for one in of.are}
    return sorted(number for number in failed if now.get(number, Need.WELL) not in BAD)


def stand_so(transaction: Transaction, tenant: Tenant, wanted: Collection[Standing], now: int) -> dict[int, Standing]:
    """Returns the series of the tenant that stand in one of the `wanted` ways at `now` (ticks): how each stands, by
    its number.
    """
    of = special(transaction, [tenant], now)[tenant.number]
    needs = {need: one for one in wanted for need in _NEEDS.get(one, ())}
    found = dict[int, Standing]()
    if needs:
        kept = standing.numbers(transaction, tenant.number, needs)
        found = {number: needs[need] for number, need in kept.items() if number not in of.numbers}
    return found | {one.series.number: so for one in of.are if (so := one.standing) and so in wanted}


def count_standing(
    transaction: Transaction, tenant: Tenant, query: SeriesQuery, standings: Collection[Standing], now: int
) -> Counter[Standing]:
    """Returns how many of all series that match stand in each of these ways at `now` (ticks), or at the time that the
    query names.
    """
    where = query.where
    if query.at is not None:
        stood = by_standing.stood(transaction, tenant.number, where, query.at)
        then = series_then(transaction, tenant, stood, query.at)
        return Counter(so for one in then if (so := one.standing) and so in standings)
    asked = [one for one in standings if not where.standings or one in where.standings]
    if not parameters.names(where) and parameters.are_storable(where):
        counted = numbers(transaction, [tenant], now)[tenant.number].standing
        return +Counter({one: counted[one] for one in asked})
    chosen = stand_so(transaction, tenant, asked, now)
    return Counter(chosen[one] for one in by_standing.matching(transaction, tenant.number, where, chosen))
