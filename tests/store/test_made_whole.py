"""A run with a reference of its own that also knows the whole one of what it made: a list that has this tells of it."""

from typing import Any

from example_jobs import START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_contents import current_job, delete_jobs, list_job_ids

from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.store import Store, Writer
from jobreport.store.admin.check import check
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(20), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
SNAPSHOT = "restic:4fc8:2b65ea4f9235"
OPERATION = "backrest:4fc8:home:SNAPSHOT:1"


def ended(job_id: str = "run", **fields: Any) -> Job:
    """A run that says what it made, by its reference."""
    told = {"reference": OPERATION, "made": SNAPSHOT, "state": JobState.Exception, "failed": 1}
    return done(job_id, **told | fields)


def begun(job_id: str = "run", **fields: Any) -> Job:
    """The same run before its end: it has made nothing yet."""
    return running(job_id, **{"reference": OPERATION} | fields)


def listed(job_id: str = "listed", **fields: Any) -> Job:
    """What it made, in a list that has a short name for it too."""
    told = {"made": "restic:2b65ea4f@web-1", "reference": SNAPSHOT, "sees": Sees.RESULTS, "start": START + 1}
    return done(job_id, **told | fields)


def test_what_is_listed_after_its_run_is_that_run_and_changes_nothing(store: Store, tenant: int) -> None:
    store.record(tenant, [ended()])
    for _ in range(2):
        recorded = store.record(tenant, [listed(observed=NOW + 9)])
        assert (recorded.created, recorded.updated, recorded.job_ids) == (0, 0, ("run",))
    assert current_job(store, tenant, "run") == ended()
    assert current_job(store, tenant, "listed").job_id == "run"
    assert check(store).sound


def test_a_run_that_is_told_after_the_list_takes_what_that_told(store: Store, tenant: int) -> None:
    store.record(tenant, [listed(observed=NOW + 9)])
    for _ in range(2):
        assert store.record(tenant, [ended()]).job_ids == ("listed",)
        assert store.record(tenant, [listed(observed=NOW + 9)]).unchanged == 1
    assert current_job(store, tenant, "run") == ended("listed")
    assert list_job_ids(store, tenant, search="4fc8:home") == ["listed"]
    assert check(store).sound


def test_a_run_that_was_known_before_its_end_and_what_was_listed_meanwhile_become_one(
    store: Store, tenant: int
) -> None:
    store.record(tenant, [begun()])
    store.record(tenant, [listed(observed=NOW + 9)])
    assert sorted(list_job_ids(store, tenant)) == ["listed", "run"]
    store.record(tenant, [ended()])
    assert store.record(tenant, [listed(observed=NOW + 9)]).unchanged == 1
    assert list_job_ids(store, tenant) == ["run"]
    assert current_job(store, tenant, "listed") == ended()
    assert check(store).sound


def test_all_may_come_in_one_request(store: Store, tenant: int) -> None:
    assert store.record(tenant, [begun(), listed(), ended(), listed()]).job_ids[-1] == "run"
    assert list_job_ids(store, tenant) == ["run"]


def test_a_run_without_a_reference_of_its_own_takes_that_of_what_it_made(store: Store, tenant: int) -> None:
    store.record(tenant, [ended(reference="")])
    store.record(tenant, [listed()])
    assert current_job(store, tenant, "listed") == ended(reference=SNAPSHOT)
    delete_jobs(store, tenant)
    store.record(tenant, [listed(), ended(reference="")])
    assert current_job(store, tenant, "run") == ended("listed", reference=SNAPSHOT)


def test_runs_take_nothing_from_each_other(store: Store, tenant: int) -> None:
    store.record(tenant, [ended(reference=SNAPSHOT, made=""), ended("another")])
    assert sorted(list_job_ids(store, tenant)) == ["another", "run"]


def test_an_app_that_may_write_only_its_own_jobs_takes_what_others_only_listed_and_gives_nothing_away(
    store: Store, tenant: int
) -> None:
    mine = Writer(app="me", own_only=True)
    store.record(tenant, [listed()], Writer(app="them"))
    assert store.record(tenant, [ended()], mine).job_ids == ("listed",)
    delete_jobs(store, tenant)
    store.record(tenant, [ended()], Writer(app="them"))
    assert store.record(tenant, [listed()], mine).created == 1
    assert current_job(store, tenant, "run") == ended()


@LAWS
@given(data=st.data())
def test_law_in_whatever_order_all_are_heard_each_backup_is_one_job_as_its_run_told_it(
    store: Store, tenant: int, data: st.DataObject
) -> None:
    delete_jobs(store, tenant)
    every = []
    for number in range(2):
        names = {"reference": f"backrest:{number}", "made": f"restic:r:{number}"}
        run = ended(f"run-{number}", comments=f"{number}", **names)
        first = begun(run.job_id, reference=run.reference, observed=NOW - 1)
        found = listed(f"listed-{number}", observed=NOW + 9, made="", reference=run.made)
        # Its hook has another ID, and the same names.
        every += [first, run, found, run.evolve(job_id=f"hook-{number}"), first.evolve(job_id=f"hook-{number}")]
    delivered = [*data.draw(st.permutations(every)), *data.draw(st.permutations(every))]
    while delivered:
        size = data.draw(st.integers(1, 4))
        request, delivered = delivered[:size], delivered[size:]
        store.record(tenant, request)
    now = [current_job(store, tenant, job_id) for job_id in list_job_ids(store, tenant)]
    assert sorted((job.reference, job.made, job.comments, job.state, job.sees) for job in now) == [
        (f"backrest:{number}", f"restic:r:{number}", f"{number}", JobState.Exception, Sees.RUNS) for number in range(2)
    ]
    assert check(store).sound
