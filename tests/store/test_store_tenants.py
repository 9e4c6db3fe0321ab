"""How tenants stand is told from what is kept, on every kind of store."""

from collections.abc import Callable

from example_jobs import START, done, not_started, running

from jobreport.model.catalog import JobState
from jobreport.model.tenant_summary import TenantSummary
from jobreport.store import Store


def test_each_tenant_has_a_row_that_its_series_bear_out(store: Store, new_tenant: Callable[[], int]) -> None:
    full, alone, silent = new_tenant(), new_tenant(), new_tenant()
    store.record(
        full,
        [
            done("a", plan="a", finish=START + 9),
            done("b", plan="b", start=START - 5, finish=START + 3),
            done("c", plan="b", state=JobState.Failed, start=START + 7, finish=START + 8),
            running("d", plan="d", start=START + 6),
            not_started("e", plan="d", start=START + 99),
        ],
    )
    store.record(alone, [done("x")])
    found = store.tenants_summary([full, alone, silent])
    by_jobs = {one.last_job: one for one in found}
    last = store.clock()
    assert by_jobs[START + 7] == TenantSummary(
        name=by_jobs[START + 7].name,
        series=3,
        not_good=1,
        never_good=1,
        oldest_good=START + 3,
        last_job=START + 7,
        last_report=last,
    )
    assert by_jobs[START] == TenantSummary(name=by_jobs[START].name, last_job=START, last_report=last)
    assert by_jobs[0] == TenantSummary(name=by_jobs[0].name)
    assert len(store.tenants_summary(None)) >= 3
