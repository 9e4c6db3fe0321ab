"""The index of ID parts in a file names just the jobs that a search may find, whatever was done to them; a check sees
where it does not, and a repair makes it anew."""

from collections.abc import Callable

import pytest
from example_jobs import START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text
from store_contents import delete_jobs, list_job_ids

from jobreport.model.job import fold
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.derived import trigrams
from jobreport.store.schema.jobs import numbered_job
from strategies import NOW

LAWS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
IDS = st.text(st.sampled_from("aAbB\xdf\u0130\u212a\x1f\"'\uffff\U0010ffff😀"), min_size=1, max_size=8)
DEEDS = st.lists(st.tuples(st.sampled_from(["record", "record", "prune"]), st.lists(IDS, min_size=1, max_size=6)))


@pytest.fixture
def store_url(file_url: str) -> str:
    """These are of SQLite alone."""
    return file_url


def jobs_of(store: Store) -> dict[int, str]:
    """The folded IDs of all jobs, by their numbers."""
    with store.reading() as connection:
        rows = connection.execute(select(numbered_job.c.id, numbered_job.c.job_id))
        return {number: fold(job_id) for number, job_id in rows}


@LAWS
@given(deeds=DEEDS, terms=st.lists(IDS, min_size=1, max_size=5))
def test_it_follows_the_jobs_through_changes_pruning_and_return(
    store: Store, new_tenant: Callable[[], int], deeds: list[tuple[str, list[str]]], terms: list[str]
) -> None:
    tenant = new_tenant()
    observed = 1
    for deed, ids in deeds:
        observed += 1
        if deed == "prune":
            # Among them finished ones that are pruned, and unfinished ones that stay.
            list(prune(store, tenant, Rule(START + 1, START + 1)))
            continue
        made = (done if len(one) % 2 else running for one in ids)
        jobs = [make(one, observed=observed) for make, one in zip(made, ids, strict=True)]
        store.record(tenant, list({job.job_id: job for job in jobs}.values()))
    there = jobs_of(store)
    with store.reading() as connection:
        assert trigrams.is_consistent(connection)
        for term in [*map(fold, terms), *(job_id[-4:] for job_id in there.values())]:
            found = candidates(connection, term)
            wanted = {number for number, job_id in there.items() if term in job_id}
            if found is None:
                assert len(term) < 3
            else:
                assert wanted <= set(found) <= there.keys()
                if 3 <= len(term) <= 5:
                    padded = {number for number, job_id in there.items() if term in job_id + "\x7f" * 4}
                    assert set(found) == padded
            if found == []:
                assert not wanted
    delete_jobs(store, tenant)
    assert jobs_of(store) == {}


def candidates(connection: Connection, term: str) -> list[int] | None:
    """The numbers of the jobs that the index names."""
    found = trigrams.candidates(connection, term, 10**6)
    return None if found is None else found.numbers


@pytest.fixture
def filled(store: Store, tenant: int) -> Store:
    store.record(tenant, [done(f"FB{number:05d}", description=f"d{number % 7}") for number in range(300)])
    store.record(tenant, [done(f"Größe {number}") for number in range(50)])
    return store


def spoil(store: Store, *statements: str) -> None:
    with store.writing() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.create_function("parts", 1, trigrams.text_of)
        for statement in statements:
            connection.execute(text(statement))


LAST = "(SELECT max(id) FROM job)"
FORGET = "INSERT INTO job_gram (job_gram, rowid, job_id) SELECT 'delete', id, {} FROM job WHERE {}"
KEEP = "INSERT INTO job_gram (rowid, job_id) SELECT {}, {} FROM job WHERE {}"
TEXT = "parts(job_id)"


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["INSERT INTO job_gram (job_gram) VALUES ('delete-all')"], id="empty"),
        pytest.param([FORGET.format(TEXT, "id = 17")], id="a job is missing"),
        pytest.param([FORGET.format(TEXT, f"id = {LAST}")], id="the last job is missing"),
        pytest.param([KEEP.format("id", TEXT, "id = 17")], id="a job is there twice"),
        pytest.param([KEEP.format("id + 1000", TEXT, "id = 17")], id="a job that is none"),
        pytest.param([FORGET.format(TEXT, "id = 17"), KEEP.format("id", "parts('abc')", "id = 17")], id="another text"),
        pytest.param(
            [FORGET.format(TEXT, f"id = {LAST}"), KEEP.format("id", "parts('xxxxxxx99')", f"id = {LAST}")],
            id="another text of the same length, of the last job",
        ),
        pytest.param(
            ["INSERT INTO job_gram (job_gram) VALUES ('delete-all')", KEEP.format(f"id % {LAST} + 1", TEXT, "1")],
            id="all numbers off by one",
        ),
        pytest.param(["UPDATE job SET job_id = 'FB9' WHERE id = 17"], id="a job got another ID"),
        pytest.param(["UPDATE job SET reference = 'aws:1' WHERE id = 17"], id="a job got a reference"),
        pytest.param(["DELETE FROM job_gram_data WHERE id = 1"], id="no totals"),
        pytest.param(["UPDATE job_gram_data SET block = x'ffff' WHERE id = 1"], id="broken totals"),
    ],
)
def test_an_index_that_does_not_agree_is_found_and_made_anew(filled: Store, tenant: int, statements: list[str]) -> None:
    spoil(filled, *statements)
    found = check(filled)
    assert found.unsearchable
    assert not found.sound
    assert found.repairable
    assert check(filled, repair=True) == found
    assert check(filled).sound
    with filled.reading() as connection:
        for number, job_id in jobs_of(filled).items():
            assert number in (candidates(connection, job_id) or [])


def test_a_store_stays_searchable_after_a_repair(filled: Store, tenant: int) -> None:
    spoil(filled, "INSERT INTO job_gram (job_gram) VALUES ('delete-all')")
    check(filled, repair=True)
    filled.record(tenant, [done("FB99999")])
    list(prune(filled, tenant, Rule(NOW, NOW)))
    assert jobs_of(filled) == {}
    filled.record(tenant, [done("new")])
    assert check(filled).sound
    assert list_job_ids(filled, tenant, search="NEW") == ["new"]
