"""Any question of the query language: the exact total and the right jobs, by page number and from place to place."""

from collections.abc import Callable

import pytest
from example_jobs import MINUTE, START, done, not_started, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import QUERIES, VARIED, move_limits_to_jobs, naive, naive_ids

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from jobreport.store import Store
from jobreport.store.query import pages
from jobreport.store.query.costs import FEW
from jobreport.store.query.search import Bounds
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def store(shared_store: Store) -> Store:
    """Each test asks about its own tenant."""
    return shared_store


def ids(store: Store, tenant: int, query: JobQuery) -> list[str]:
    return [line.job_id for line in store.list_jobs(tenant, query).lines]


def list_ids(store: Store, tenant: int, sort: Sort = Sort(), **where: object) -> list[str]:  # noqa: B008 - frozen
    """The IDs of all that match, in order."""
    page = store.list_jobs(tenant, JobQuery(where=JobFilter(**where), sort=sort, size=10_000))
    assert page.total == len(page.lines)
    assert page.next is None
    return [line.job_id for line in page.lines]


def walked(store: Store, tenant: int, query: JobQuery, total: int) -> list[str]:
    """The IDs of all pages, each after the last one's end."""
    every: list[str] = []
    place = query.after
    while True:
        page = store.list_jobs(tenant, replace(query, after=place))
        assert page.total == total
        assert len(page.lines) == query.size or page.next is None
        every += [line.job_id for line in page.lines]
        if page.next is None:
            return every
        place = page.next


@LAWS
@given(
    kept=VARIED,
    queries=st.lists(QUERIES, min_size=1, max_size=4),
    near=st.booleans(),
    few=st.sampled_from([0, 3, FEW]),
)
def test_any_jobs_and_any_question_give_what_reading_all_of_them_gives(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], queries: list[JobQuery], near: bool, few: int
) -> None:
    tenant = new_tenant()
    store.record(tenant, [job.evolve(comments="before", plan="before", observed=1) for job in kept[::2]])
    store.record(tenant, kept)
    store.record(new_tenant(), kept)
    for asked in queries:
        query = replace(asked, where=move_limits_to_jobs(asked.where, kept)) if near else asked
        expected = naive_ids(kept, NOW, query)
        for page in range(len(expected) // query.size + 2):
            first = page * query.size
            with store.reading() as connection:
                found = pages.find(connection, tenant, replace(query, page=page), NOW, bounds=Bounds(few=few))
            assert found.total == len(expected)
            assert [line.job_id for line in found.lines] == expected[first : first + query.size]
            assert (found.next is None) == (first + query.size >= len(expected))
        assert walked(store, tenant, query, len(expected)) == expected


@LAWS
@given(kept=VARIED.filter(bool), query=QUERIES, few=st.sampled_from([0, FEW]), data=st.data())
def test_after_the_place_of_any_job_come_those_that_come_after_it_though_it_is_gone(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], query: JobQuery, few: int, data: st.DataObject
) -> None:
    tenant = new_tenant()
    store.record(tenant, kept)
    every = naive(kept, NOW, query)
    if not every:
        return
    position = data.draw(st.integers(0, len(every) - 1))
    place = store.list_jobs(tenant, replace(query, size=position + 1)).next
    if place is None:
        return
    assert place.job_id == every[position].job_id
    other = new_tenant()
    store.record(other, [job for job in kept if job.job_id != place.job_id])
    with store.reading() as connection:
        rest = pages.find(connection, other, replace(query, after=place, size=10_000), NOW, bounds=Bounds(few=few))
    assert [line.job_id for line in rest.lines] == [job.job_id for job in every[position + 1 :]]
    assert (rest.total, rest.next) == (len(every) - 1, None)


def test_of_several_codes_a_job_has_one(store: Store, tenant: int) -> None:
    store.record(
        tenant,
        [
            done("vm", service=ServiceType.VM, type=JobType.Backup),
            done("ec2", service=ServiceType.AmazonEC2, type=JobType.EC2Backup),
            done("aks", service=ServiceType.AKS, type=JobType.Backup, state=JobState.Failed),
        ],
    )
    assert list_ids(store, tenant, services=(ServiceType.VM, ServiceType.AKS)) == ["vm", "aks"]
    assert list_ids(store, tenant, types=(JobType.Backup, JobType.EC2Backup)) == ["vm", "ec2", "aks"]
    assert list_ids(store, tenant, states=(JobState.Failed, JobState.Exception)) == ["aks"]
    assert list_ids(store, tenant, services=(ServiceType.VM, ServiceType.AKS), states=(JobState.Failed,)) == ["aks"]


def test_a_plan_is_found_by_its_very_name(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a", plan="nightly"), done("b", plan="Nightly"), done("c", plan="nightly web")])
    assert list_ids(store, tenant, plans=("nightly",)) == ["a"]
    assert list_ids(store, tenant, plans=("nightly", "Nightly")) == ["b", "a"]
    assert list_ids(store, tenant, plans=("night",)) == []


@pytest.mark.parametrize(
    ("term", "job_ids"),
    [
        ("SPACE", ["latin"]),
        ("Straße", ["german"]),
        ("STRASSE", ["german"]),
        ("%", ["percent"]),
        ("_", []),
        ("İ", ["turkish"]),
        ("i", ["turkish", "percent"]),
        ("\0", []),
    ],
)
def test_comments_hold_a_text_whatever_its_case_and_language(
    store: Store, tenant: int, term: str, job_ids: list[str]
) -> None:
    comments = {"latin": "No Space left", "german": "Straße voll", "percent": "I: 90%", "turkish": "İ", "none": ""}
    store.record(tenant, [done(name, comments=text) for name, text in comments.items()])
    assert list_ids(store, tenant, comments=term) == sorted(job_ids, reverse=True)
    store.record(tenant, [done(name, observed=NOW + 1) for name in comments])
    assert list_ids(store, tenant, comments=term) == []


def test_a_job_lasts_from_its_start_and_one_that_runs_until_now(store: Store, tenant: int, clock: Clock) -> None:
    store.record(
        tenant,
        [
            done("short", finish=START + MINUTE - 1),
            done("minute"),
            running("running"),
            running("waiting", state=JobState.Waiting, start=NOW - MINUTE),
            not_started("due", start=START),
        ],
    )
    assert list_ids(store, tenant, min_duration=MINUTE) == ["waiting", "running", "minute"]
    assert list_ids(store, tenant, min_duration=MINUTE + 1) == ["running"]
    clock.pass_by(1)
    assert list_ids(store, tenant, min_duration=MINUTE + 1) == ["waiting", "running"]


def test_no_successful_job_has_a_failed_object(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a"), done("b", state=JobState.Exception, failed=2), running("c", failed=1)])
    assert list_ids(store, tenant, min_failed=1) == ["c", "b"]
    assert list_ids(store, tenant, min_failed=2) == ["b"]
    assert list_ids(store, tenant, min_failed=1, states=(JobState.Successful,)) == []
    assert list_ids(store, tenant, min_failed=1, states=(JobState.Successful, JobState.Exception)) == ["b"]


@pytest.mark.parametrize(
    ("key", "ended"),
    [
        (SortKey.FINISH, ["slow", "first", "last"]),
        (SortKey.DURATION, ["last", "first", "slow"]),
        (SortKey.FAILED, ["last", "slow", "first"]),
    ],
)
def test_jobs_that_have_not_ended_come_last_in_either_direction(
    store: Store, tenant: int, key: SortKey, ended: list[str]
) -> None:
    store.record(
        tenant,
        [
            done("slow", start=START - 99, finish=START + 1, failed=5, state=JobState.Exception),
            done("first", start=START - 9, finish=START + 2, failed=7, state=JobState.Exception),
            done("last", start=START, finish=START + 3, failed=0, state=JobState.Exception),
            running("runs", start=START + 4, failed=9),
            running("older", start=START + 3),
            not_started("due", start=START + 5),
        ],
    )
    assert list_ids(store, tenant, Sort(key, descending=False)) == [*ended, "older", "runs", "due"]
    assert list_ids(store, tenant, Sort(key)) == [*ended[::-1], "due", "runs", "older"]


def test_the_place_of_a_job_that_is_not_due_at_a_known_time_is_where_it_is_filed(store: Store, tenant: int) -> None:
    store.record(tenant, [not_started("due"), done("before"), done("after", start=NOW + 1, finish=NOW + 2)])
    page = store.list_jobs(tenant, JobQuery(size=2))
    assert [line.job_id for line in page.lines] == ["after", "due"]
    assert page.next is not None
    assert (page.next.filed, page.next.job_id) == (NOW, "due")
    assert ids(store, tenant, JobQuery(after=page.next)) == ["before"]


def test_a_place_far_from_every_job_is_one_too(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"FB{number}", start=START - number * ticks.PER_DAY) for number in range(9)])
    page = store.list_jobs(tenant, JobQuery(size=4))
    assert page.next is not None
    place = page.next._replace(job_id="", filed=START - 4 * ticks.PER_DAY)
    assert ids(store, tenant, JobQuery(after=place)) == ["FB5", "FB6", "FB7", "FB8"]
