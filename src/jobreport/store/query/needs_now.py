"""Reads how the series of one tenant stand together: exact numbers, and the worst of them for a page."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from jobreport.model.good_copy_age import COPIES, Ages
from jobreport.model.need import Need, Standing
from jobreport.store.query import attention, needs
from jobreport.store.query.copies import copies
from jobreport.store.query.needs import Judged


class NeedsNow(NamedTuple):
    """How the series of a tenant stand. `series` is the number of those that are judged: all but the `retired` ones.

    Of those that need somebody whom they do not have: `not_good` by the state of their newest job that has ended,
    `not_started` and `too_old` are the numbers, `needing` the first of them: those that leave copies before all others,
    each longest without a good copy first. `in_hands`: those that somebody has. `not_judged` and `no_rhythm` are the
    numbers of those that cannot be judged; `unjudged` has the first of the former.
    """

    series: int
    not_good: Mapping[int, int]
    not_started: int
    too_old: int
    needing: list[Judged]
    in_hands: list[Judged]
    not_judged: int
    unjudged: list[Judged]
    no_rhythm: int
    retired: int

    @property
    def need(self) -> int:
        """How many need somebody whom they do not have."""
        return sum(self.not_good.values()) + self.not_started + self.too_old


def needs_now(connection: Connection, tenant: int, ages: Ages, now: int, most: int) -> NeedsNow:
    """Returns how the series of the tenant stand at `now` (ticks), with at most so many of each list but `in_hands`."""
    of_it = needs.special(connection, {tenant: ages}, now).get(tenant, [])
    mine = {one.series.number for one in of_it}
    counted = attention.numbers(connection, tenant)
    not_good = dict(counted.not_good)
    for one in of_it:
        if one.base is Need.NOT_GOOD:
            not_good[one.series.status.ended_state] -= 1
    failing = attention.failing(connection, tenant, most + len(mine))
    never = attention.unjudged(connection, tenant, most + len(mine))
    old = copies(connection, {tenant: ages}, now).get(tenant)
    oldest = needs.these(connection, tenant, old.longest(now, most, mine)) if old else []
    _, late, once = old.numbers(now) if old else (0, 0, 0)
    plain = [one for one in (*failing, *oldest, *never) if one.number not in mine]
    judged = needs.plainly(connection, tenant, plain, ages, now)
    needing = [one for one in (*judged, *of_it) if one.standing is Standing.NEEDS_YOU]
    marked = [one for one in of_it if one.standing is Standing.NEEDS_YOU and one.need is Need.NOT_GOOD]
    for one in marked:
        state = one.series.status.ended_state
        not_good[state] = not_good.get(state, 0) + 1
    retired = sum(one.standing is Standing.RETIRED for one in of_it)
    unjudged = [one for one in (*judged, *of_it) if one.standing is Standing.NOT_JUDGED]
    return NeedsNow(
        series=counted.series - retired,
        not_good={state: number for state, number in not_good.items() if number},
        not_started=sum(one.need is Need.NOT_STARTED for one in needing),
        too_old=late
        - sum(one.base is Need.TOO_OLD for one in of_it)
        + sum(one.need is Need.TOO_OLD and one.standing is Standing.NEEDS_YOU for one in of_it),
        needing=sorted(needing, key=_longest)[:most],
        in_hands=sorted((one for one in of_it if one.standing is Standing.IN_HANDS), key=_longest),
        not_judged=counted.unjudged
        - sum(one.base is Need.NO_COPY for one in of_it)
        + sum(one.standing is Standing.NOT_JUDGED for one in of_it),
        unjudged=sorted(unjudged, key=_longest)[:most],
        no_rhythm=once
        - sum(one.base is Need.NO_RHYTHM for one in of_it)
        + sum(one.standing is Standing.NO_RHYTHM for one in of_it),
        retired=retired,
    )


def _longest(one: Judged) -> tuple[bool, int, int, int]:
    """Returns by what the lists are sorted. A clean-up, a restore or other work can wait for those that leave copies:
    while it fails, no data is without one.
    """
    status = one.series.status
    return one.series.type not in COPIES, status.good_finish, status.first, one.series.number
