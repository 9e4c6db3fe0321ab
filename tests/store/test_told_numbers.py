"""What a monitoring system is told: what reading all jobs, all series and all streams answers."""

from collections import Counter
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import VARIED
from naive_series import LAWS
from test_needs import AGES, KINDS, agree, every_now, mark_some, whole

from jobreport.model import ticks
from jobreport.model.good_copy_age import COPIES, Ages
from jobreport.model.job import Job
from jobreport.model.need import Kind, Standing
from jobreport.model.streams import Hole, StreamState
from jobreport.store import Store
from jobreport.store.query.job_numbers import job_numbers
from jobreport.store.query.series.last_successes import last_successes, oldest_copy
from jobreport.store.registry import connector_freshness, connectors
from jobreport.store.registry.connectors import Key
from jobreport.watch.numbers import numbers_of
from jobreport.watch.series_now import special
from strategies import NOW

EVERY = 300
TIMES = st.sampled_from([0, NOW - ticks.PER_DAY, NOW - 900 * ticks.PER_SECOND - 1, NOW - 900 * ticks.PER_SECOND, NOW])
STREAMS = st.builds(StreamState, stream=st.sampled_from("abc"), added=TIMES, looked=TIMES, watermark=TIMES)
CONNECTORS = st.dictionaries(
    st.sampled_from(["aws", "azure"]),
    st.tuples(
        st.lists(STREAMS, unique_by=lambda one: one.stream, max_size=3),
        st.booleans(),
        st.lists(st.sampled_from([NOW - 5, NOW - 3]), unique=True),
    ),
)


@LAWS
@given(jobs=VARIED, more=VARIED)
def test_jobs_are_counted_by_their_codes_also_when_some_change(
    store: Store, new_tenant: Callable[[], int], jobs: list[Job], more: list[Job]
) -> None:
    tenant, other = new_tenant(), new_tenant()
    store.record(other, more)
    known = {}
    for several in (jobs, [replace(job, size=1) for job in jobs], more):
        store.record(tenant, [job for job in several if job.job_id not in known or known[job.job_id] == job])
        known = {**{job.job_id: job for job in several}, **known}
        with store.reading() as transaction:
            found = job_numbers(transaction, [tenant, other])
        expected = Counter((job.service, job.type, job.state) for job in known.values())
        assert {one[:3]: one.jobs for one in found[tenant]} == expected
        assert sum(one.jobs for one in found[other]) == len({job.job_id for job in more})


@LAWS
@given(both=st.tuples(VARIED, VARIED), ages=AGES, kinds=KINDS, most=st.integers(0, 5))
def test_series_are_told_as_each_of_them_stands(
    store: Store,
    new_tenant: Callable[[], int],
    both: tuple[list[Job], list[Job]],
    ages: Ages,
    kinds: list[Kind | None],
    most: int,
) -> None:
    both_of = {new_tenant(): jobs for jobs in both}
    for tenant, jobs in both_of.items():
        store.record(tenant, jobs)
        agree(store, tenant, ages)
        mark_some(store, tenant, kinds)
    of = [whole(store, tenant) for tenant in both_of]
    with store.reading() as transaction:
        counted = numbers_of(transaction, special(transaction, of, NOW))
        for tenant in both_of:
            stand = every_now(store, tenant)
            every = [one.series for one in stand]
            numbers = counted[tenant]
            expected = Counter(one.standing for one in stand)
            assert numbers.well == expected.pop(None, 0)
            assert numbers.standing == expected
            retired = {one.series.number for one in stand if one.standing is Standing.RETIRED}
            assert numbers.retired == retired
            left = [one for one in every if one.number not in retired]
            listed = last_successes(transaction, tenant, most, retired)
            in_order = sorted(left, key=lambda one: (one.status.good_finish, one.number))
            assert [(one.series, one.good_finish, one.plan) for one in listed] == [
                (one.number, one.status.good_finish, one.plan) for one in in_order[:most]
            ]
            copies = [one.status.good_finish for one in left if one.type in COPIES and one.status.good_finish]
            assert oldest_copy(transaction, tenant, retired) == min(copies, default=0)


@LAWS
@given(told=CONNECTORS)
def test_connectors_are_told_as_their_streams_stand(
    store: Store, new_tenant: Callable[[], int], told: dict[str, tuple[list[StreamState], bool, list[int]]]
) -> None:
    tenant = new_tenant()
    with store.writing() as transaction:
        for name, (streams, has_error, holes) in told.items():
            key = Key(tenant, name)
            connectors.claim(transaction, key, "exec", EVERY, "me", NOW, NOW + 1)
            for stream in streams:
                connectors.put_stream(transaction, key, stream)
            for begins in holes if streams else ():
                connectors.add_hole(transaction, key, Hole(stream="a", begins=begins, ends=NOW, found=NOW))
            connectors.release(transaction, key, "me", "cannot be reached" if has_error else "")
    with store.reading() as transaction:
        found = connector_freshness.of_each(transaction, [tenant], NOW)
        expected = connectors.standings(transaction, tenant)
    assert [one.connector for one in found] == [one.connector.connector for one in expected]
    for one, standing in zip(found, expected, strict=True):
        assert one.complete_until == standing.complete_until
        assert one.no_data == standing.has_no_data(NOW)
        assert one.holes == len(standing.holes)
