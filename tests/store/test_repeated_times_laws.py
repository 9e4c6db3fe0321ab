"""Whatever happens to jobs, a store answers as one in which each time is in full, as an older version wrote it."""

from collections.abc import Callable, Iterable, Sequence

from example_jobs import MINUTE, START, done, not_started, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select, update
from store_contents import delete_jobs, list_job_ids

from clocks import Clock
from jobreport.contract.job_row import JobRow
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.model.sees import Sees
from jobreport.model.series_query import SeriesQuery
from jobreport.model.stored_job import StoredJob
from jobreport.store import Store, Writer
from jobreport.store.admin.check import check
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.jobs.judging import Judging
from jobreport.store.jobs.naming import Names
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.repeated import HEARD, OBSERVED
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(6), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

# Few times, so that they meet: of the clock, of starts and ends, and the least that there is.
SEEN = st.sampled_from([0, 1, START, START + MINUTE, NOW, NOW + MINUTE])
ENDS = st.sampled_from([START, START + MINUTE, NOW])


def told(number: int, make: Callable[..., Job], seen: int, end: int, says: str) -> Job:
    """A report on one of few jobs, which may be corrected in each of its times alone."""
    job = make(f"FB{number}", observed=seen, plan="nightly", resource=f"web-{number % 2}", comments=says)
    return job.evolve(finish=end) if job.state.finished else job.evolve(heartbeat=60)


def joined(job: Job, sees: Sees) -> Job:
    """The same of a run that knows what it made, or of that in a list: both are one job, once that is known."""
    run = sees is Sees.RUNS
    reference = "" if run else f"restic:fc8:{job.job_id}"
    return job.evolve(job_id=f"{sees}-{job.job_id}", made=f"restic:{job.job_id}@web", reference=reference, sees=sees)


REPORTS = st.builds(
    told, st.integers(0, 2), st.sampled_from([running, done, done, not_started]), SEEN, ENDS, st.sampled_from(["", "x"])
)
JOINED = st.builds(joined, REPORTS, st.sampled_from([Sees.RUNS, Sees.RESULTS]))
WRITERS = st.sampled_from([Writer(), Writer(listing=True), Writer(from_export=True, time_step=10_000)])
Happening = tuple[list[Job], Writer] | Rule | int
WAITS = st.sampled_from([0, 1, 60, 300, -60])
RULES = st.builds(Rule, st.sampled_from([0, START + 1]), st.sampled_from([0, START + 1]))


def happenings(reports: st.SearchStrategy[Job]) -> st.SearchStrategy[list[Happening]]:
    """What happens to the jobs of a tenant: reports, time that passes, and retention."""
    request = st.tuples(st.lists(reports, min_size=1, max_size=4), WRITERS)
    return st.lists(request | request | WAITS | RULES, min_size=1, max_size=6)


def happen(store: Store, clock: Clock, tenants: Iterable[int], what: Happening) -> None:
    """Lets one thing happen, to each tenant alike."""
    if isinstance(what, int):
        clock.pass_by(what)
        store.fail_stalled_jobs()
        return
    for tenant in tenants:
        if isinstance(what, Rule):
            list(prune(store, tenant, what))
        else:
            store.record(tenant, *what)


def in_full(store: Store, tenant: int) -> None:
    """Gives the rows of a tenant the times that an older version would have written."""
    with store.writing() as connection:
        whole = {"observed": OBSERVED, "heard": HEARD}
        connection.execute(update(table).where(table.c.tenant == tenant).values(whole))


def answers(store: Store, tenant: int, at: int) -> dict[str, object]:
    """All that a store says of jobs, and of their series now and `at` a time."""
    with store.stream_jobs(tenant, JobQuery()) as stream:
        exported = [JobRow._make(row) for batch in stream.batches() for row in batch]
    series = [store.list_series(tenant, SeriesQuery(at=when)).series for when in (None, at)]
    (summary,) = store.tenants_summary({tenant})
    watched = select(table.c.job_id, table.c.deadline).where(table.c.tenant == tenant).order_by(table.c.job_id)
    with store.reading() as connection:
        deadlines = [tuple(row) for row in connection.execute(watched)]
    return {
        "exported": exported,
        "details": store.list_details(tenant, JobQuery()).rows,
        "histories": {job_id: store.history(tenant, job_id) for job_id in list_job_ids(store, tenant)},
        "series": [(one.number, one.status) for part in series for one in part],
        "summary": replace(summary, name=""),
        "deadlines": deadlines,
    }


@LAWS
@given(happened=happenings(REPORTS) | happenings(JOINED), at=st.sampled_from([START, NOW, NOW + MINUTE]))
def test_whatever_happens_all_is_answered_as_by_a_store_that_has_each_time_in_full(
    store: Store, clock: Clock, new_tenant: Callable[[], int], happened: list[Happening], at: int
) -> None:
    clock.now = NOW
    short, full = new_tenant(), new_tenant()
    for what in happened:
        happen(store, clock, (short, full), what)
        in_full(store, full)
        assert answers(store, short, at) == answers(store, full, at)
    assert check(store).sound
    delete_jobs(store, short, full)


class Remembered:
    """Keeps each job and each of its versions in Python, by the rules for reports alone."""

    def __init__(self) -> None:
        self.current: dict[str, StoredJob] = {}
        self.versions: dict[str, list[Job]] = {}

    def report(self, jobs: Sequence[Job], now: int) -> None:
        judging = Judging(self.current, Names.none(), Writer(), now)
        judging.judge(jobs)
        for job_id, new in judging.entries.items():
            old = self.current.get(job_id)
            if old and old.job.state.finished and not old.job.same_but_for_time(new.job):
                self.versions.setdefault(job_id, []).insert(0, old.job)
            self.current[job_id] = new


@LAWS
@given(requests=st.lists(st.tuples(WAITS, st.lists(REPORTS, min_size=1, max_size=4)), max_size=6))
def test_whatever_is_told_each_job_and_each_of_its_versions_has_its_own_times(
    store: Store, clock: Clock, tenant: int, requests: list[tuple[int, list[Job]]]
) -> None:
    delete_jobs(store, tenant)
    clock.now, memory = NOW, Remembered()
    for wait, jobs in requests:
        clock.pass_by(wait)
        store.record(tenant, jobs)
        memory.report(jobs, clock.now)
    assert sorted(list_job_ids(store, tenant)) == sorted(memory.current)
    for job_id, expected in memory.current.items():
        found = store.history(tenant, job_id)
        assert found
        assert found.current == expected
        assert [one.job for one in found.versions] == memory.versions.get(job_id, [])
