"""Several at once on one store: each job once, right counts, one watch, and answers that are of one moment."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from example_jobs import done, running
from store_contents import count_jobs, list_job_ids

from clocks import Clock
from jobreport.model.catalog import JobState
from jobreport.store import Store
from strategies import NOW


def test_a_tenant_that_many_make_at_once_is_one(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: store.tenant_id("acme", create=True), range(16)))
    assert len(set(made)) == 1
    assert store.tenant_id("acme") == made[0]
    assert store.tenant_id("other") is None


def test_many_writers_of_the_same_jobs_make_each_once(store: Store, tenant: int) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: store.record(tenant, [done("a"), done("b")]), range(16)))
    assert sum(answer.created for answer in answers) == 2
    assert sum(answer.unchanged for answer in answers) == 30
    assert list_job_ids(store, tenant) == ["b", "a"]


def test_a_total_and_its_page_are_of_the_same_moment(store: Store, tenant: int) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            store.record(tenant, [done(f"{number}-{twin}") for twin in range(5)])
            number += 1

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        try:
            for _ in range(100):
                assert len(list_job_ids(store, tenant)) % 5 == 0
        finally:
            stop.set()
        writer.result()


def counted(store: Store, tenant: int) -> list[int]:
    """The kept total of each state, and the number of jobs that are found in it."""
    numbers = [len(list_job_ids(store, tenant, states=(state,))) for state in JobState]
    assert sum(numbers) == count_jobs(store, tenant)
    return numbers


def test_writers_that_change_the_same_jobs_in_any_order_leave_the_newest_truth_and_right_counts(
    store: Store, tenant: int
) -> None:
    names = [f"FB{number}" for number in range(20)]
    finished = [JobState.Successful, JobState.Failed, JobState.Exception, JobState.Stopped]

    def write(writer: int) -> None:
        order = random.Random(writer)
        for round_ in range(5):
            moment = NOW + 10 * round_ + writer
            some = order.sample(names, 12)
            state = order.choice(finished)
            store.record(tenant, [done(name, state=state, observed=moment, comments=f"{moment}") for name in some])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sum(counted(store, tenant)) == len(list_job_ids(store, tenant)) == len(names)
    for name in names:
        history = store.history(tenant, name)
        assert history is not None
        observed = history.current.job.observed
        assert observed >= max((version.job.observed for version in history.versions), default=0)


def test_new_ids_that_many_ask_for_at_once_are_all_different(store: Store, tenant: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: store.record(tenant, [done("")] * 30), range(8)))
    made = [job_id for answer in answers for job_id in answer.job_ids]
    assert len(set(made)) == len(made) == 240
    assert set(list_job_ids(store, tenant)) == set(made)


def test_the_watch_and_the_writers_do_not_hold_each_other_up(
    store: Store, new_tenant: Callable[[], int], clock: Clock
) -> None:
    tenants = [new_tenant() for _ in range(3)]
    store.fail_stalled_jobs()
    for tenant in tenants:
        store.record(tenant, [running(f"FB{number}", heartbeat=1) for number in range(50)])

    def listen(_: int) -> int:
        clock.pass_by(5)
        return store.fail_stalled_jobs()

    def speak(turn: int) -> None:
        for tenant in tenants:
            store.record(tenant, [running(f"FB{turn}", heartbeat=86_400, observed=clock() + turn + 1)])

    with ThreadPoolExecutor(8) as pool:
        spoken = [pool.submit(speak, turn) for turn in range(25)]
        presumed = sum(pool.map(listen, range(10)))
        for one in spoken:
            one.result()
    presumed += sum(listen(turn) for turn in range(4))
    # Only silent ones were presumed; who spoke runs again.
    assert presumed >= 75
    for tenant in tenants:
        totals = dict(zip(JobState, counted(store, tenant), strict=True))
        assert (totals[JobState.Failed], totals[JobState.InProgress]) == (25, 25)


def test_of_many_watches_that_beat_at_once_one_does(store: Store, tenant: int, clock: Clock) -> None:
    store.fail_stalled_jobs()
    store.record(tenant, [running(f"FB{number}", heartbeat=1) for number in range(20)])
    clock.pass_by(5)
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(lambda _: store.fail_stalled_jobs(), range(8))) == [0] * 7 + [20]
