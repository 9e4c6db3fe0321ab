"""Which jobs run far longer than usual, of several tenants at once."""

from collections.abc import Callable

from example_jobs import done, running

from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.query.series.long_runs import long_runs
from strategies import NOW

HOUR = 3600 * ticks.PER_SECOND


def test_what_runs_three_times_as_long_as_usual_and_an_hour_more_is_told(
    store: Store, new_tenant: Callable[[], int]
) -> None:
    hangs, patient = new_tenant(), new_tenant()
    for tenant, took in ((hangs, HOUR // 10), (patient, 2 * HOUR)):
        days = [NOW - day * ticks.PER_DAY for day in range(1, 6)]
        store.record(tenant, [done(f"{day}", plan="p", start=day, finish=day + took) for day in days])
        store.record(tenant, [running("now", plan="p", start=NOW - 3 * HOUR)])
        # What never ran before has no usual, and what names nothing has no series.
        store.record(tenant, [running(f"{plan}-", plan=plan, start=NOW - 9 * HOUR) for plan in ("first", "")])
    with store.reading() as connection:
        found = long_runs(connection, [hangs, patient], NOW)
        later = long_runs(connection, [hangs, patient], NOW + 4 * HOUR)
    assert {tenant: [one.job_id for one in several] for tenant, several in found.items()} == {hangs: ["now"]}
    assert (found[hangs][0].start, found[hangs][0].usual) == (NOW - 3 * HOUR, HOUR // 10)
    assert later.keys() == {hangs, patient}
