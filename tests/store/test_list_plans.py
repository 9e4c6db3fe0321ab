"""SQLite reads a page of any question from the index that is meant, from the place on, and sorts only where it must."""

import re
from collections.abc import Iterator

import pytest
from keeping import START, done
from sqlalchemy import Connection, text

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.query import Sort, SortKey
from jobreport.store import Store
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import pages
from jobreport.store.query.conditions import Codes, Kind, Texts
from jobreport.store.query.indexes import Access

FAILED, EXCEPTION = int(JobState.Failed), int(JobState.Exception)
PAIR = ("job_service_type", "tenant=? AND service=? AND type=?")
SORTS = "USE TEMP B-TREE FOR ORDER BY"
# The ways that have the jobs in order -> the index, what is looked up in it, and a kind that goes so.
ORDERED = {
    Access.TIME: ("job_filed", "tenant=?", Kind(Access.TIME, "sqlite", Codes((1, 32), (1,), (2,)))),
    Access.PAIR: (
        "job_service_type",
        "tenant=? AND service=? AND type=?",
        Kind(Access.PAIR, "sqlite", Codes((1,), (1,))),
    ),
    Access.STATE: ("job_state", "tenant=? AND state=?", Kind(Access.STATE, "sqlite", Codes(state=(FAILED,)))),
    Access.COMMENTED: ("job_commented", "tenant=?", Kind(Access.COMMENTED, "sqlite", more=frozenset({"comments"}))),
    Access.FAILING: ("job_failing", "tenant=?", Kind(Access.FAILING, "sqlite", more=frozenset({"min_failed"}))),
}
OTHERS = {
    Access.PAIRS: (
        "job_service_type",
        "tenant=? AND service=? AND type=?",
        Kind(Access.PAIRS, "sqlite", Codes((1, 32))),
    ),
    Access.STATE: ("job_state", "tenant=? AND state=?", Kind(Access.STATE, "sqlite", Codes(state=(EXCEPTION, FAILED)))),
    Access.SUBJECT: (
        "job_subject",
        "tenant=? AND subject=?",
        Kind(Access.SUBJECT, "sqlite", more=frozenset({"plans"})),
    ),
}


@pytest.fixture
def store_url(file_url: str) -> str:
    """These are of SQLite alone."""
    return file_url


@pytest.fixture(params=["without statistics", "with statistics"])
def connection(request: pytest.FixtureRequest, store: Store, tenant: int) -> Iterator[Connection]:
    jobs = [
        done(
            f"FB{number}",
            state=JobState.Failed if number % 20 == 0 else JobState.Successful,
            start=START - number * ticks.PER_DAY // 50,
            comments="" if number % 20 else "no",
            failed=0 if number % 20 else 1,
            plan=f"plan {number % 50}",
        )
        for number in range(2000)
    ]
    store.record(tenant, jobs)
    if request.param == "with statistics":
        with store.writing() as connection:
            connection.execute(text("ANALYZE"))
    with store.reading() as connection:
        yield connection


def plan(connection: Connection, statement: Prepared) -> list[str]:
    """What SQLite would do with the table of jobs."""
    sql = statement.sql(connection)
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?"))
    return [row[3] for row in rows if re.search(r"\bjob\b|TEMP B-TREE|page", row[3])]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("way", ORDERED, ids=lambda way: way.name)
def test_a_page_is_read_from_its_place_on_and_nothing_is_sorted(
    connection: Connection, way: Access, descending: bool
) -> None:
    index, columns, kind = ORDERED[way]
    kind = kind._replace(sort=Sort(descending=descending))
    assert plan(connection, pages.rows_of(kind, by_key=False)) == [f"SEARCH job USING INDEX {index} ({columns})"]
    beyond = "(filed,job_id)<(?,?)" if descending else "(filed,job_id)>(?,?)"
    found = plan(connection, pages.rows_of(kind._replace(after=True), by_key=False))
    assert found == [f"SEARCH job USING INDEX {index} ({columns} AND {beyond})"]


@pytest.mark.parametrize("way", OTHERS, ids=lambda way: way.name)
def test_other_pages_gather_by_the_index_and_sort_keys_alone(connection: Connection, way: Access) -> None:
    index, columns, kind = OTHERS[way]
    found = plan(connection, pages.rows_of(kind, by_key=True))
    covering = "" if way is Access.SUBJECT else "COVERING "
    assert found[:3] == ["MATERIALIZE page", f"SEARCH job USING {covering}INDEX {index} ({columns})", SORTS]
    assert "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)" in found


@pytest.mark.parametrize("key", [key for key in SortKey if key is not SortKey.START])
def test_any_other_order_is_sorted_by_keys_and_reads_the_rows_of_its_page_alone(
    connection: Connection, key: SortKey
) -> None:
    kind = Kind(Access.TIME, "sqlite", sort=Sort(key), after=True)
    found = plan(connection, pages.rows_of(kind, by_key=True))
    assert found[:3] == ["MATERIALIZE page", "SEARCH job USING INDEX job_filed (tenant=?)", SORTS]


@pytest.mark.parametrize("kinds", [ORDERED, OTHERS], ids=["ordered", "others"])
def test_counting_reads_the_index_alone_but_for_texts(
    connection: Connection, kinds: dict[Access, tuple[str, str, Kind]]
) -> None:
    for way, (index, columns, kind) in kinds.items():
        covering = "" if way is Access.COMMENTED else "COVERING "
        wanted = [f"SEARCH job USING {covering}INDEX {index} ({columns})"]
        assert plan(connection, pages.number_of(kind)) == wanted
        either = kind._replace(texts=Texts.EITHER)
        found = plan(connection, pages.number_of(either))
        assert found[0].replace("COVERING ", "") == wanted[0].replace("COVERING ", "")
        assert not any(line.startswith("SCAN job") for line in found), found
