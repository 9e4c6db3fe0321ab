"""A walk from page to page, while jobs arrive, change and are deleted, gives each job that stays exactly once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from example_jobs import MINUTE, START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import QUERIES, SORTS, VARIED, naive, varied_jobs

from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.query import JobQuery, Sort, SortKey
from jobreport.store import Store
from jobreport.store.admin.prune import Rule, prune
from long import times
from serving import until
from strategies import NOW


def pages(store: Store, tenant: int, query: JobQuery) -> Iterator[list[str]]:
    """The IDs of each page in turn; what is done between two of them is done between two requests."""
    place = None
    while True:
        page = store.list_jobs(tenant, replace(query, after=place))
        yield [line.job_id for line in page.lines]
        if page.next is None:
            return
        place = page.next


def read_jobs(store: Store, tenant: int, among: set[str]) -> dict[str, Job]:
    found = ((job_id, store.history(tenant, job_id)) for job_id in among)
    return {job_id: history.current.job for job_id, history in found if history}


def sort_position(job: Job, sort: Sort) -> tuple[object, ...]:
    """What decides where the job stands."""
    key = {SortKey.FINISH: job.finish, SortKey.DURATION: job.finish - job.start, SortKey.FAILED: job.failed}
    return (job.start, job.state.finished and key.get(sort.key), job.state.finished)


@settings(max_examples=times(20), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    before=VARIED,
    query=QUERIES | st.builds(JobQuery, sort=SORTS, size=st.just(2)),
    data=st.data(),
)
def test_each_job_that_stays_where_it_is_comes_exactly_once(
    store: Store, new_tenant: Callable[[], int], before: list[Job], query: JobQuery, data: st.DataObject
) -> None:
    tenant = new_tenant()
    store.record(tenant, before)
    names = {job.job_id for job in before}
    moments = [read_jobs(store, tenant, names)]
    came: Counter[str] = Counter()
    for page in pages(store, tenant, query):
        came.update(page)
        changed = set()
        for job in data.draw(st.lists(varied_jobs(), max_size=3)):
            store.record(tenant, [job.evolve(observed=NOW + len(moments))])
            changed.add(job.job_id)
        names |= changed
        if data.draw(st.booleans()) and data.draw(st.booleans()):
            before_when = NOW - data.draw(st.integers(0, 3)) * ticks.PER_DAY
            list(prune(store, tenant, Rule(before_when, before_when)))
            changed = names
        last = {job_id: job for job_id, job in moments[-1].items() if job_id not in changed}
        moments.append(last | read_jobs(store, tenant, changed))
        if len(moments) > 60:  # of jobs that come faster than they are read there is no end
            return
    stayed = [
        job
        for job_id, job in moments[0].items()
        if all(
            job_id in moment and sort_position(moment[job_id], query.sort) == sort_position(job, query.sort)
            for moment in moments
        )
    ]
    for job in stayed:
        matched = [bool(naive([moment[job.job_id]], NOW, query)) for moment in moments]
        if all(matched):
            assert came[job.job_id] == 1, job
        assert came[job.job_id] <= 1, job


@pytest.mark.parametrize(
    "sort", [Sort(), Sort(descending=False), Sort(SortKey.DURATION), Sort(SortKey.FINISH)], ids=str
)
def test_a_walk_beside_a_writer_misses_none_and_repeats_none(store: Store, tenant: int, sort: Sort) -> None:
    stays = [
        done(f"stays{number:03}", start=START - number * MINUTE, finish=START - number * MINUTE + number % 7 * MINUTE)
        for number in range(300)
    ]
    comes_and_goes = [
        done(f"gone{number:03}", start=START - 20 * ticks.PER_DAY + number, finish=START) for number in range(50)
    ]
    store.record(tenant, stays + comes_and_goes)
    stop = threading.Event()
    written = Counter[str]()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.record(
                tenant,
                [
                    # Not ahead of the walk for ever, which would not come to an end then.
                    running(f"new{number:05}", start=NOW - number % 200),
                    running("moves", start=START - number % 300 * MINUTE, observed=NOW + number),
                    # It changes, but not where it stands.
                    stays[number % 300].evolve(comments=f"{number}", observed=NOW + number),
                ],
            )
            if number % 5 == 0:
                for gone in prune(store, tenant, Rule(START - 10 * ticks.PER_DAY, START - 10 * ticks.PER_DAY)):
                    written["gone"] += gone
                store.record(tenant, comes_and_goes)
            written["rounds"] = number

    writer = threading.Thread(target=write)
    writer.start()
    try:
        came: Counter[str] = Counter()
        for page in pages(store, tenant, JobQuery(sort=sort, size=20)):
            came.update(page)
            seen = written["rounds"]
            until(lambda seen=seen: written["rounds"] > seen, "the writer")
        assert {job.job_id: came[job.job_id] for job in stays} == {job.job_id: 1 for job in stays}
        # What arrives is met once or not at all.
        assert all(times == 1 for name, times in came.items() if name.startswith("new"))
        until(lambda: written["gone"], "what goes")
    finally:
        stop.set()
        writer.join()
    assert written["gone"]
