"""Why a job is not good is stored with it: what its origin gives, or else what its comments tell."""

import pytest
from example_jobs import START, done
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive import cause_code, varied_jobs
from sqlalchemy import select, update
from store_contents import delete_jobs

from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.derived.causes import NONE
from jobreport.store.schema.jobs import cause as table
from jobreport.store.schema.jobs import job as job_table
from long import times

LAWS = settings(max_examples=times(15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
FULL = "write /srv/backup/17.bin: no space left on device"


def stored_causes(store: Store, tenant: int) -> dict[str, str]:
    """The code of the cause that each job of the tenant has in the store, by job ID; empty: it has none."""
    with store.reading() as connection:
        codes = dict(connection.execute(select(table.c.cause, table.c.code).where(table.c.tenant == tenant)).all())
        rows = connection.execute(select(job_table.c.job_id, job_table.c.cause).where(job_table.c.tenant == tenant))
        return {job_id: codes[number] if number else "" for job_id, number in rows}


def listed(store: Store, tenant: int, *codes: str) -> list[str]:
    found = store.list_jobs(tenant, JobQuery(where=JobFilter(causes=codes)))
    assert found.total == len(found.lines)
    return [line.job_id for line in found.lines]


@LAWS
@given(
    deliveries=st.lists(st.lists(varied_jobs(), max_size=6, unique_by=lambda job: job.job_id), max_size=5),
    rule=st.builds(Rule, before=st.sampled_from([0, START]), failed_before=st.sampled_from([0, START])),
)
def test_whatever_is_delivered_the_stored_cause_is_the_given_one_or_what_the_comments_tell(
    store: Store, tenant: int, deliveries: list[list[Job]], rule: Rule
) -> None:
    delete_jobs(store, tenant)
    for number, delivery in enumerate(deliveries, 1):
        store.record(tenant, [job.evolve(observed=number) for job in delivery])
    found = stored_causes(store, tenant)
    for job_id, code in found.items():
        history = store.history(tenant, job_id)
        assert history is not None
        assert code == cause_code(history.current.job)
    for _ in prune(store, tenant, rule):
        pass
    assert check(store).sound
    left = {code for code in stored_causes(store, tenant).values() if code}
    with store.reading() as connection:
        kept = connection.execute(select(table.c.code).where(table.c.tenant == tenant)).scalars().all()
    assert set(kept) == left


def test_a_cause_goes_when_the_job_turns_out_good_and_comes_with_a_correction(store: Store, tenant: int) -> None:
    failed = done("a", state=JobState.Failed, comments=FULL, observed=1)
    store.record(tenant, [failed])
    assert listed(store, tenant, "no-space") == ["a"]
    store.record(tenant, [failed.evolve(comments="permission denied", observed=2)])
    assert (listed(store, tenant, "no-space"), listed(store, tenant, "access-denied")) == ([], ["a"])
    store.record(tenant, [failed.evolve(cause="locked", observed=3)])
    assert listed(store, tenant, "locked", "access-denied") == ["a"]
    store.record(tenant, [failed.evolve(state=JobState.Successful, observed=4)])
    assert stored_causes(store, tenant) == {"a": ""}


def test_a_given_and_a_told_cause_are_found_by_one_code_and_an_unknown_code_finds_nothing(
    store: Store, tenant: int
) -> None:
    store.record(
        tenant,
        [
            done("given", state=JobState.Failed, cause="no-space"),
            done("told", state=JobState.Exception, comments=FULL),
            done("good", comments=FULL),
        ],
    )
    assert sorted(listed(store, tenant, "no-space")) == ["given", "told"]
    assert listed(store, tenant, "nothing-like-that") == []
    history = store.history(tenant, "given")
    assert history is not None
    assert history.current.job.cause == "no-space"


@pytest.mark.parametrize("wrong", [NONE, 77, "another"])
def test_a_wrong_cause_is_found_and_repaired(store: Store, tenant: int, wrong: int | str) -> None:
    store.record(
        tenant,
        [
            done("full", state=JobState.Failed, comments=FULL),
            done("denied", state=JobState.Failed, comments="permission denied"),
            done("good", comments=FULL),
        ],
    )
    right = stored_causes(store, tenant)
    with store.writing() as connection:
        number = wrong
        if wrong == "another":
            of_other = table.c.tenant == tenant, table.c.code == "access-denied"
            number = connection.execute(select(table.c.cause).where(*of_other)).scalar_one()
        mine = job_table.c.tenant == tenant, job_table.c.job_id.in_(["full", "good"])
        connection.execute(update(job_table).where(*mine).values(cause=number))
    (found,) = check(store, repair=True).causes
    assert found.jobs == (1 if wrong == NONE else 2)
    assert check(store).sound
    assert stored_causes(store, tenant) == right


def test_more_wrong_causes_than_are_read_at_a_time_are_all_repaired(store: Store, tenant: int) -> None:
    states = [JobState.Failed, JobState.Exception, JobState.Successful]
    jobs = [done(f"{state.name}", state=state, comments=FULL) for state in states]
    more = [done(f"more-{number:05d}", state=JobState.Failed, comments=FULL) for number in range(4_100)]
    store.record(tenant, [*jobs, *more])
    right = stored_causes(store, tenant)
    with store.writing() as connection:
        every = update(job_table).where(job_table.c.tenant == tenant)
        connection.execute(every.where(job_table.c.job_id >= "more").values(cause=NONE))
        connection.execute(every.where(job_table.c.job_id < "more").values(cause=-5))
    (found,) = check(store, repair=True).causes
    assert found.jobs == len(more) + len(states)
    assert check(store).sound
    assert stored_causes(store, tenant) == right
