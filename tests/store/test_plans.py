"""SQLite reads each statement of the report from the index that is meant, sorted already; statistics change nothing."""

from itertools import product
from random import Random

import pytest
from keeping import START, done
from sqlalchemy import Connection, text

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import indexes, report, report_statements
from jobreport.store.query.indexes import Access, Shape

JOBS = 4000
INDEXES = {
    Access.TIME: ("job_filed", "tenant=?"),
    Access.PAIR: ("job_service_type", "tenant=? AND service=? AND type=?"),
    Access.STATE: ("job_state", "tenant=? AND state=?"),
    Access.PAIRS: ("job_service_type", "tenant=? AND service=? AND type=?"),
    Access.SUBJECT: ("job_subject", "tenant=? AND subject=?"),
}
QUERIES = [
    JobQuery(service=service, type=kind, state=state, since=since, until=until)
    for service, kind, state, since, until in product(
        (None, ServiceType.VM),
        (None, JobType.Backup),
        (None, JobState.NotStarted, JobState.Successful, JobState.Failed),
        (None, START - 30 * ticks.PER_DAY),
        (None, START),
    )
]
SHAPES = [indexes.shape(query, way, query.since, query.until) for query in QUERIES for way in indexes.ways(query)]
SUBJECT = "SEARCH subject USING PRIMARY KEY (tenant=? AND subject=?) LEFT-JOIN"
SORTS = "USE TEMP B-TREE FOR ORDER BY"


@pytest.fixture
def store_url(file_url: str) -> str:
    """These are of SQLite alone."""
    return file_url


@pytest.fixture(params=["without statistics", "with statistics"])
def filled(request: pytest.FixtureRequest, store: Store, tenant: int) -> Store:
    dice = Random(20241027)
    jobs: list[Job] = []
    for number in range(JOBS):
        state = dice.choice([*[JobState.Successful] * 20, *JobState])
        jobs.append(
            done(
                f"FB{number}" if number % 50 else f"Ü{number}",
                service=dice.choice([ServiceType.VM, ServiceType.VM, *ServiceType]),
                type=dice.choice([JobType.Backup, JobType.Backup, JobType.Restore, JobType.EC2Backup]),
                state=state,
                start=START - number * ticks.PER_DAY // 50,
                finish=START if state.finished else 0,
                description=f"machine {number % 200}",
            )
        )
    store.record(tenant, jobs)
    if request.param == "with statistics":
        with store.writing() as connection:
            connection.execute(text("ANALYZE"))
    return store


def plan(connection: Connection, statement: Prepared) -> list[str]:
    """What SQLite would do."""
    sql = statement.sql(connection)
    return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?"))]


def reads(shape: Shape, *, whole_rows: bool) -> str:
    """How a plan names a look into the index of the shape, in its stretch of time."""
    name, columns = INDEXES[shape.access]
    since = " AND filed>?" if shape.since else ""
    until = " AND filed<?" if shape.until else ""
    return f"SEARCH job USING {'' if whole_rows else 'COVERING '}INDEX {name} ({columns}{since}{until})"


def test_counting_reads_the_index_alone(filled: Store) -> None:
    with filled.reading() as connection:
        for shape in SHAPES:
            assert plan(connection, report.number_of(shape)) == [reads(shape, whole_rows=False)], shape


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_a_near_page_reads_its_rows_and_no_others(filled: Store, backwards: bool, whole: bool) -> None:
    subject = [SUBJECT] if whole else []
    with filled.reading() as connection:
        for shape in SHAPES:
            if shape.access is not Access.PAIRS:
                found = plan(connection, report.rows_of(shape, backwards=backwards, by_key=False, whole=whole))
                assert found == [reads(shape, whole_rows=True), *subject], shape


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_a_far_page_skips_in_the_index_and_sorts_itself_at_most(filled: Store, backwards: bool, whole: bool) -> None:
    with filled.reading() as connection:
        for shape in SHAPES:
            found = plan(connection, report.rows_of(shape, backwards=backwards, by_key=True, whole=whole))
            within, after = found[: found.index("SCAN page")], found[found.index("SCAN page") + 1 :]
            sorts = [SORTS] if shape.access is Access.PAIRS else []
            assert within == ["MATERIALIZE page", reads(shape, whole_rows=False), *sorts], shape
            subject = [SUBJECT] if whole else []
            assert after == ["SEARCH job USING INTEGER PRIMARY KEY (rowid=?)", *subject, SORTS], shape


@pytest.mark.parametrize("ascii_term", [False, True])
def test_a_search_walks_the_index_that_is_meant(filled: Store, ascii_term: bool) -> None:
    with filled.reading() as connection:
        for shape in SHAPES:
            kind = report_statements.Kind(shape, "sqlite", ascii_term)
            sorts = shape.access is Access.PAIRS
            for statement, ordered in (
                (report_statements.matching(kind), True),
                (report_statements.number_of(kind), False),
                (report_statements.days(kind), False),
                (report_statements.walk(kind, backwards=False), True),
                (report_statements.walk(kind, backwards=True), True),
            ):
                found = plan(connection, statement)
                assert found[0] == reads(shape, whole_rows=False), shape
                assert (SORTS in found) == (ordered and sorts), shape
                others = [line for line in found if not line.startswith("SCAN known VIRTUAL TABLE")]
                assert not any(line.startswith(("SCAN", "MATERIALIZE")) for line in others), found


def test_a_search_gathers_by_subjects_and_by_numbers(filled: Store) -> None:
    with filled.reading() as connection:
        for query in QUERIES:
            subject = indexes.shape(query, Access.SUBJECT, query.since, query.until)
            kind = report_statements.Kind(subject, "sqlite", ascii_term=True)
            assert plan(connection, report_statements.about(kind))[0] == reads(subject, whole_rows=True)
            assert plan(connection, report_statements.number_about(kind))[0] == reads(subject, whole_rows=False)
            assert plan(connection, report_statements.days_about(kind))[0] == reads(subject, whole_rows=False)
            number = indexes.shape(query, Access.NUMBER, query.since, query.until)
            for statement in (report_statements.only_numbered, report_statements.only_matched):
                found = plan(connection, statement(report_statements.Kind(number, "sqlite", ascii_term=True)))
                assert found[0] == "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"
                assert "SCAN job" not in found
