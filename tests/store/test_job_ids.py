"""IDs: those of nameless jobs, of which no two are alike however many come at once; and looking for known ones."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from example_jobs import START, done, not_started
from sqlalchemy import select
from store_contents import list_job_ids

from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.schema.jobs import job as table

STAMP = f"{ticks.to_datetime(START):%Y%m%d%H%M%S}"
FORM = re.compile(rf"FB{STAMP}\d{{3}}")


@pytest.fixture
def store(shared_store: Store) -> Store:
    """Each test asks about its own tenant."""
    return shared_store


def test_a_nameless_job_gets_an_id_in_the_publishers_form(store: Store, tenant: int) -> None:
    recorded = store.record(tenant, [done("")])
    assert (recorded.created, len(recorded.job_ids)) == (1, 1)
    assert FORM.fullmatch(recorded.job_ids[0])
    assert list_job_ids(store, tenant) == list(recorded.job_ids)


def test_a_nameless_job_that_is_not_due_is_named_after_its_receipt(store: Store, tenant: int) -> None:
    (job_id,) = store.record(tenant, [not_started("")]).job_ids
    assert job_id.startswith(f"FB{ticks.to_datetime(store.clock()):%Y%m%d%H%M%S}")


def test_the_same_nameless_job_twice_is_two_jobs(store: Store, tenant: int) -> None:
    recorded = store.record(tenant, [done(""), done("")])
    assert recorded.created == 2
    assert len(set(recorded.job_ids)) == 2


def test_ids_come_back_in_the_order_of_the_request(store: Store, tenant: int) -> None:
    recorded = store.record(tenant, [done("a"), done("", plan="second"), done("c")])
    assert recorded.job_ids[0::2] == ("a", "c")
    history = store.history(tenant, recorded.job_ids[1])
    assert history is not None
    assert history.current.job.plan == "second"


def test_a_taken_id_is_never_given_again(store: Store, tenant: int, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = iter([1, 2, 3, 1, 3, 4])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(digits))
    stored, in_request, free, free_too = (f"FB{STAMP}00{number}" for number in (1, 2, 3, 4))
    store.record(tenant, [done(stored)])
    assert store.record(tenant, [done(""), done(in_request)]).job_ids == (free, in_request)
    assert store.record(tenant, [done("")]).job_ids == (free_too,)
    assert list_job_ids(store, tenant) == [free_too, free, in_request, stored]


def test_a_second_that_has_no_id_left_goes_on_with_a_longer_form(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"FB{STAMP}{number:03d}") for number in range(1000)])
    (job_id,) = store.record(tenant, [done("")]).job_ids
    assert re.fullmatch(rf"FB{STAMP}\d{{3}}-[a-z2-7]{{10}}", job_id)


def test_three_thousand_nameless_jobs_of_one_second_are_all_kept(store: Store, tenant: int) -> None:
    recorded = store.record(tenant, [done("") for _ in range(3000)])
    assert recorded.created == len(set(recorded.job_ids)) == len(list_job_ids(store, tenant)) == 3000
    assert sum(bool(FORM.fullmatch(job_id)) for job_id in recorded.job_ids) > 900


def test_fifty_writers_in_the_same_second_each_get_an_id_of_their_own(store: Store, tenant: int) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda number: store.record(tenant, [done("", plan=str(number))]), range(50)))
    ids = [job_id for answer in answers for job_id in answer.job_ids]
    assert len(set(ids)) == 50
    assert set(list_job_ids(store, tenant)) == set(ids)
    assert all(map(FORM.fullmatch, ids))


def test_known_jobs_are_looked_up_one_by_one_however_many_there_are(store: Store, tenant: int) -> None:
    of_ids = select(table.c.job_id).where(table.c.tenant == tenant, any_of(table.c.job_id))
    with store.reading() as connection:
        if store.is_shared:
            pytest.skip("the plans of PostgreSQL depend on what is in the table")
        text, array = str(of_ids.compile(connection)), dialect_of(connection).array(["a", "b"])
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", (tenant, array)).all()
    assert "SEARCH job USING COVERING INDEX job_key (tenant=? AND job_id=?)" in [row.detail for row in plan]
