"""Several who tell of one backup tell of one job, by its reference: who sees most counts, and nothing told is lost."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from example_jobs import MINUTE, START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from store_contents import current_job, delete_jobs, list_job_ids

from clocks import Clock
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.store import ForeignJobError, History, Store, Writer
from jobreport.store.admin.check import check
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.schema.aliases import job_alias
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(20), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
SNAPSHOT = "restic:4fc8:d0e1"


def listed(job_id: str = "listed", **fields: Any) -> Job:
    """A result that somebody found in a list."""
    return done(job_id, **{"reference": SNAPSHOT, "sees": Sees.RESULTS} | fields)


def known(store: Store, tenant: int, job_id: str) -> History:
    found = store.history(tenant, job_id)
    assert found is not None
    return found


def aliases(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(job_alias)).scalar_one())


def test_a_second_report_with_the_same_reference_joins_the_first_job(store: Store, tenant: int) -> None:
    store.record(tenant, [done("first", reference=SNAPSHOT)])
    recorded = store.record(tenant, [done("second", reference=SNAPSHOT, observed=NOW + 1, comments="again")])
    assert (recorded.created, recorded.updated, recorded.job_ids) == (0, 1, ("first",))
    assert list_job_ids(store, tenant) == ["first"]
    assert current_job(store, tenant, "first").comments == "again"
    # The ID under which the other tells of it leads to the job, with a reference and without.
    assert current_job(store, tenant, "second").job_id == "first"
    assert store.record(tenant, [done("second", observed=NOW + 2)]).job_ids == ("first",)
    assert current_job(store, tenant, "first").reference == SNAPSHOT


def test_a_reference_that_is_the_id_is_found_as_it_and_goes_with_the_job(store: Store, tenant: int) -> None:
    store.record(tenant, [running(SNAPSHOT, reference=SNAPSHOT), running("other")])
    store.record(tenant, [done(SNAPSHOT, reference=SNAPSHOT), done("other", reference="other", observed=NOW + 1)])
    assert list_job_ids(store, tenant, search="4fc8:d0") == [SNAPSHOT]
    assert check(store).sound
    delete_jobs(store, tenant)
    assert check(store).sound


def test_a_report_without_an_id_finds_its_job_by_the_reference(store: Store, tenant: int) -> None:
    first = store.record(tenant, [done("", reference=SNAPSHOT)]).job_ids
    assert store.record(tenant, [done("", reference=SNAPSHOT)] * 2).job_ids == first * 2
    assert list_job_ids(store, tenant) == [*first]


def test_what_a_runner_said_is_never_changed_by_a_list(store: Store, tenant: int) -> None:
    partly = done("run", state=JobState.Exception, failed=1, reference=SNAPSHOT)
    store.record(tenant, [partly])
    recorded = store.record(tenant, [listed(observed=NOW + 9)])
    assert (recorded.unchanged, recorded.job_ids) == (1, ("run",))
    assert current_job(store, tenant, "run") == partly


def test_a_runner_counts_although_the_list_came_first_and_what_was_listed_is_kept(
    store: Store, tenant: int, clock: Clock
) -> None:
    store.record(tenant, [running("run", heartbeat=60)])
    store.record(tenant, [listed(observed=NOW + 9)])
    clock.pass_by(60)
    partly = done("run", state=JobState.Exception, failed=1, reference=SNAPSHOT)
    recorded = store.record(tenant, [partly])
    assert (recorded.created, recorded.updated, recorded.job_ids) == (0, 1, ("run",))
    assert list_job_ids(store, tenant) == ["run"]
    found = known(store, tenant, "listed")
    assert found.current.job == partly
    assert [(one.job.job_id, one.job.sees, one.replaced) for one in found.versions] == [
        ("listed", Sees.RESULTS, NOW + MINUTE)
    ]
    store.record(tenant, [listed(observed=NOW + 99)])
    assert current_job(store, tenant, "run") == partly
    assert check(store).sound


def test_of_a_job_whose_failure_was_only_presumed_a_list_may_tell(store: Store, tenant: int, clock: Clock) -> None:
    store.record(tenant, [running("run", reference=SNAPSHOT, heartbeat=1)])
    assert store.fail_stalled_jobs() == 0
    clock.pass_by(10)
    assert store.fail_stalled_jobs() == 1
    store.record(tenant, [listed(observed=clock.now)])
    found = known(store, tenant, "run")
    assert (found.current.job.state, found.current.job.sees) == (JobState.Successful, Sees.RESULTS)
    assert [one.presumed for one in found.versions] == [True]


def test_an_id_that_belongs_to_another_reference_makes_no_two_backups_one(store: Store, tenant: int) -> None:
    store.record(tenant, [done("same", reference="a:1")])
    (other,) = store.record(tenant, [done("same", reference="a:2", comments="other")]).job_ids
    assert sorted(list_job_ids(store, tenant)) == sorted(["same", other])
    assert store.record(tenant, [done("same", reference="a:2", comments="other")]).job_ids == (other,)
    assert current_job(store, tenant, "same").comments == ""


def test_the_same_reference_is_free_in_another_tenant(store: Store, tenant: int, new_tenant: Callable[[], int]) -> None:
    assert store.record(tenant, [done("one", reference=SNAPSHOT)]).created == 1
    assert store.record(new_tenant(), [done("two", reference=SNAPSHOT)]).created == 1


def test_a_reference_is_free_again_when_its_job_is_deleted(store: Store, tenant: int) -> None:
    store.record(tenant, [done("one", reference=SNAPSHOT)])
    store.record(tenant, [done("two", reference=SNAPSHOT)])
    list(prune(store, tenant, Rule(NOW, NOW)))
    assert aliases(store) == 0
    assert store.history(tenant, "two") is None
    assert store.record(tenant, [done("two", reference=SNAPSHOT)]).job_ids == ("two",)


def test_a_job_that_gets_its_reference_later_is_found_by_it(store: Store, tenant: int) -> None:
    store.record(tenant, [done("one")])
    store.record(tenant, [done("one", reference=SNAPSHOT)])
    assert list_job_ids(store, tenant, search="4FC8:D0") == ["one"]
    # A report that was observed before, or by one that sees less, may name it too.
    store.record(tenant, [done("two")])
    assert store.record(tenant, [listed("two", reference="aws:2", observed=1)]).updated == 1
    assert current_job(store, tenant, "two") == done("two", reference="aws:2")
    assert list_job_ids(store, tenant, search="aws:2") == ["two"]


# Who may tell of whose job

MINE = Writer(app="me", own_only=True)


def test_an_app_that_may_write_only_its_own_jobs_does_not_reach_anothers_by_a_reference(
    store: Store, tenant: int
) -> None:
    store.record(tenant, [done("theirs", reference=SNAPSHOT)], Writer(app="them"))
    store.record(tenant, [running("mine")], MINE)
    for job_id in ("new", "mine", ""):
        with pytest.raises(ForeignJobError) as caught:
            store.record(tenant, [done(job_id, reference=SNAPSHOT, comments="x")], MINE)
        assert caught.value.by_reference
    assert store.record(tenant, [listed("new")], MINE).unchanged == 1
    assert store.history(tenant, "new") is None
    assert current_job(store, tenant, "theirs") == done("theirs", reference=SNAPSHOT)


def test_its_run_counts_before_what_others_have_listed_and_is_its_own_then(store: Store, tenant: int) -> None:
    store.record(tenant, [listed()], Writer(app="lister"))
    with pytest.raises(ForeignJobError):
        store.record(tenant, [done("listed")], MINE)
    for comments in ("", "", "corrected"):
        store.record(tenant, [done("run", reference=SNAPSHOT, comments=comments)], MINE)
    found = known(store, tenant, "run").current
    assert (found.job.comments, found.job.sees, found.app) == ("corrected", Sees.RUNS, "me")
    assert store.record(tenant, [listed()], Writer(app="lister", own_only=True)).unchanged == 1


# Laws


@st.composite
def told(draw: st.DrawFn, backup: int, sees: Sees) -> list[Job]:
    """What one teller says of a backup, in the order in which it saw it. One that sees runs may learn at the end what
    the backup is called, and one that sees results may have no ID for it.
    """
    states = draw(st.lists(st.sampled_from([running, done]), min_size=1, max_size=3))
    states.sort(key=lambda make: make is done)
    late = sees is Sees.RUNS and draw(st.booleans())
    job_id = "" if sees is Sees.RESULTS and draw(st.booleans()) else f"{sees}-{backup}"
    return [
        make(
            job_id,
            reference="" if late and place < len(states) - 1 else f"r:{backup}",
            sees=sees,
            observed=NOW + draw(st.integers(0, 2)) * 10 + place,
            start=START + backup * MINUTE,
            finish=START + (backup + 1) * MINUTE if make is done else 0,
            plan=draw(st.sampled_from(["p", "q"])),
            comments=f"{backup}: {sees} {place}",
        )
        for place, make in enumerate(states)
    ]


@st.composite
def tellings(draw: st.DrawFn) -> list[list[Job]]:
    """All that up to three tellers say of one or two backups."""
    found = []
    for backup in range(draw(st.integers(1, 2))):
        tellers = draw(st.lists(st.sampled_from(Sees), min_size=1, unique=True))
        for sees in tellers:
            reports = draw(told(backup, sees))
            found.append([job.evolve(observed=NOW + place) for place, job in enumerate(reports)])
    return found


@LAWS
@given(told_of=tellings(), data=st.data())
def test_law_however_it_is_delivered_each_backup_is_one_job_as_the_one_that_sees_most_saw_it_last(
    store: Store, tenant: int, told_of: list[list[Job]], data: st.DataObject
) -> None:
    delete_jobs(store, tenant)
    every = [job for reports in told_of for job in reports]
    delivered = [*data.draw(st.permutations(every)), *data.draw(st.permutations(every))]
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=len(delivered)))
    past: set[Job] = set()
    for size in sizes:
        request, delivered = delivered[:size], delivered[size:]
        store.record(tenant, request)
        past |= {job for job in current_jobs(store, tenant) if job.state.finished}
    now = current_jobs(store, tenant)
    best = {job.reference: job for job in sorted((one[-1] for one in told_of), key=lambda one: -one.sees.rank)}
    assert {job.reference: nameless(job) for job in now} == {one: nameless(job) for one, job in best.items()}
    assert len(now) == len(best)
    for job in every:
        if job.job_id:
            assert known(store, tenant, job.job_id).current.job.reference in (job.reference or best)
    # What had ended once is still there, in the history of its backup, and only once.
    for job in now:
        versions = [nameless(one.job) for one in known(store, tenant, job.job_id).versions]
        kept = {nameless(one) for one in past if one.comments[0] == job.comments[0]}
        assert {*versions, nameless(job)} >= kept
    assert check(store).sound


def current_jobs(store: Store, tenant: int) -> Sequence[Job]:
    return [current_job(store, tenant, job_id) for job_id in list_job_ids(store, tenant)]


def nameless(job: Job) -> Job:
    """The job without its names, which are the first that it had."""
    return job.evolve(job_id="", reference="")
