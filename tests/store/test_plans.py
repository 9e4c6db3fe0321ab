"""SQLite reads each statement from the index that is meant, in order if it can be; statistics change nothing."""

import shutil
from contextlib import closing
from itertools import product
from pathlib import Path
from random import Random

import pytest
from example_jobs import START, done
from sqlalchemy import Connection, text

from jobreport.contract.summary_answer import Tallies
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import Clock, JobFilter, Sort, SortKey
from jobreport.model.summary import Key, SummaryQuery
from jobreport.store import Store, open_store
from jobreport.store.db import SQLITE
from jobreport.store.db.prepared import Prepared
from jobreport.store.jobs.record import REFERRED
from jobreport.store.query import conditions, statements, texts
from jobreport.store.query.conditions import Shape
from jobreport.store.query.indexes import Index
from jobreport.store.query.series import of_job
from jobreport.store.query.summaries import aggregates, by_cause
from jobreport.store.query.texts import Texts

JOBS = 4000
INDEXES = {
    Index.TIME: ("job_filed", "tenant=?"),
    Index.PAIR: ("job_service_type", "tenant=? AND service=? AND type=?"),
    Index.STATE: ("job_state", "tenant=? AND state=?"),
    Index.COMMENTED: ("job_commented", "tenant=?"),
    Index.FAILING: ("job_failing", "tenant=?"),
    Index.SUBJECT: ("job_subject", "tenant=? AND subject=?"),
}
RANGE = {"since": START - 30 * ticks.PER_DAY, "until": START}
FILTERS = [
    *(
        JobFilter(services=services, types=types, states=states, **times)
        for services, types, states, times in product(
            ((), (ServiceType.VM,), (ServiceType.VM, ServiceType.AmazonEC2)),
            ((), (JobType.Backup,)),
            ((), (JobState.NotStarted,), (JobState.Failed, JobState.Exception)),
            ({}, RANGE),
        )
    ),
    *(
        JobFilter(services=services, **others)
        for services, others in product(
            ((), (ServiceType.VM,)), ({"comments": "no"}, {"min_failed": 1}, {"plans": ("nightly",)})
        )
    ),
]
SHAPES = list(
    dict.fromkeys(
        shape._replace(by=index)
        for shape in (conditions.shape_of(SQLITE, where) for where in FILTERS)
        for index in conditions.indexes_for(shape)
    )
)
SORTS = "USE TEMP B-TREE FOR ORDER BY"


@pytest.fixture(scope="module", params=["without statistics", "with statistics"])
def filled_file(request: pytest.FixtureRequest, new_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with many jobs, which each test takes a copy of: to fill it takes far longer than a test."""
    file = Path(shutil.copy(new_file, tmp_path_factory.mktemp("filled")))
    with closing(open_store(f"sqlite:///{file}")) as store:
        store.record(store.tenant_id("acme", create=True) or 0, varied_jobs())
        if request.param == "with statistics":
            with store.writing() as connection:
                connection.execute(text("ANALYZE"))
    return file


@pytest.fixture
def store_url(filled_file: Path, tmp_path: Path) -> str:
    """These are of SQLite alone."""
    return f"sqlite:///{shutil.copy(filled_file, tmp_path)}"


def varied_jobs() -> list[Job]:
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
                comments="" if number % 20 else "no",
                failed=0 if state is JobState.Successful else number % 2,
            )
        )
    return jobs


def plan(connection: Connection, statement: Prepared) -> list[str]:
    """What SQLite would do with the table of jobs."""
    sql = statement.sql(connection)
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?"))
    lines = [row[3] for row in rows]
    # Subjects are looked up by their tenant, beside the jobs.
    return [line for line in lines if "job" in line or "page" in line or SORTS in line]


def reads(shape: Shape, *, covered: bool, after: str = "") -> str:
    """How a plan names a look into the index of the shape, in its stretch of time."""
    name, columns = INDEXES[shape.by]
    since = " AND filed>?" if shape.since else ""
    until = " AND filed<?" if shape.until else ""
    return f"SEARCH job USING {'COVERING ' if covered else ''}INDEX {name} ({columns}{after or since + until})"


def is_covered(shape: Shape) -> bool:
    """Whether the index has all that the filters look at."""
    rows = shape.others - {"plans"} - ({"min_failed"} if shape.by is Index.FAILING else set())
    return not rows


def page(shape: Shape, sort: Sort = Sort(), *, after: bool = False, by_key: bool) -> Prepared:  # noqa: B008 - frozen
    return statements.page(shape, sort, after=after, by_key=by_key, each_pair=False)


def test_a_job_is_found_by_its_reference_without_reading_other_references(store: Store) -> None:
    with store.reading() as connection:
        assert plan(connection, REFERRED) == ["SEARCH job USING INDEX job_reference (tenant=? AND reference=?)"]


def test_counting_reads_the_index_alone_where_it_has_the_filters(store: Store) -> None:
    with store.reading() as connection:
        for shape in SHAPES:
            assert plan(connection, statements.count(shape)) == [reads(shape, covered=is_covered(shape))], shape


@pytest.mark.parametrize("descending", [True, False])
def test_a_near_page_reads_its_rows_and_no_others(store: Store, descending: bool) -> None:
    with store.reading() as connection:
        for shape in filter(lambda shape: shape.in_order, SHAPES):
            found = plan(connection, page(shape, Sort(descending=descending), by_key=False))
            assert found == [reads(shape, covered=False)], shape


@pytest.mark.parametrize("descending", [True, False])
def test_a_page_after_a_position_is_read_from_there_on(store: Store, descending: bool) -> None:
    beyond = " AND (filed,job_id)<(?,?)" if descending else " AND (filed,job_id)>(?,?)"
    with store.reading() as connection:
        for shape in SHAPES:
            if shape.in_order and not shape.since and not shape.until:
                found = plan(connection, page(shape, Sort(descending=descending), after=True, by_key=False))
                assert found == [reads(shape, covered=False, after=beyond)], shape


@pytest.mark.parametrize("descending", [True, False])
def test_a_far_page_skips_in_the_index_and_sorts_itself_at_most(store: Store, descending: bool) -> None:
    with store.reading() as connection:
        for shape in SHAPES:
            found = plan(connection, page(shape, Sort(descending=descending), by_key=True))
            within, behind = found[: found.index("SCAN page")], found[found.index("SCAN page") + 1 :]
            # The index of subjects has no job IDs.
            covered = is_covered(shape) and shape.by is not Index.SUBJECT
            sorts = [] if shape.in_order else [SORTS]
            assert within == ["MATERIALIZE page", reads(shape, covered=covered), *sorts], shape
            assert behind == ["SEARCH job USING INTEGER PRIMARY KEY (rowid=?)", SORTS], shape


@pytest.mark.parametrize("key", [key for key in SortKey if key is not SortKey.START])
def test_any_other_order_is_sorted_by_keys_and_reads_the_rows_of_its_page_alone(store: Store, key: SortKey) -> None:
    shape = conditions.shape_of(SQLITE, JobFilter())
    with store.reading() as connection:
        found = plan(connection, page(shape, Sort(key), after=True, by_key=True))
    assert found[:3] == ["MATERIALIZE page", reads(shape, covered=False), SORTS]


def test_whether_any_reference_or_special_id_has_a_term_is_read_once_from_their_own_indexes(store: Store) -> None:
    with store.reading() as connection:
        found = plan(connection, texts.SPECIAL)
        assert "SEARCH special USING COVERING INDEX job_folded_id (tenant=? AND folded_id>?)" in found
        assert "SEARCH special USING COVERING INDEX job_reference (tenant=? AND reference>?)" in found
        assert not any(line.startswith("SCAN") for line in found)
        for shape in SHAPES:
            without = shape._replace(texts=Texts.EITHER, ascii_term=True, candidates=texts.PLAIN)
            found = plan(connection, statements.count(without))
            assert found[0].replace("COVERING ", "") == reads(shape, covered=False), shape
            assert not any("special" in line for line in found)


@pytest.mark.parametrize("ascii_term", [False, True])
def test_a_search_walks_the_index_that_is_meant(store: Store, ascii_term: bool) -> None:
    with store.reading() as connection:
        for shape in SHAPES:
            either = shape._replace(texts=Texts.EITHER, ascii_term=ascii_term)
            for statement, ordered in (
                (statements.count(either), False),
                (statements.count_by_day(either), False),
                (statements.keys(either, Sort(), ordered=True), True),
                (page(either, by_key=True), True),
                (page(either, Sort(descending=False), by_key=True), True),
            ):
                found = [line for line in plan(connection, statement) if line != "MATERIALIZE page"]
                assert found[0].replace("COVERING ", "") == reads(shape, covered=False), shape
                assert SORTS in found or not ordered or shape.in_order
                assert not any(line.startswith(("SCAN job", "SCAN special")) for line in found), found


def test_a_search_gathers_by_subjects_and_by_numbers(store: Store) -> None:
    with store.reading() as connection:
        for shape in SHAPES:
            described = shape._replace(by=Index.SUBJECT, texts=Texts.DESCRIBED)
            wanted = reads(described, covered=False)
            for statement in (
                statements.keys(described, Sort()),
                statements.count(described),
                statements.count_by_day(described),
            ):
                assert plan(connection, statement)[0].replace("COVERING ", "") == wanted, shape
            for candidates in ("numbers", "parts"):
                named = shape._replace(by=Index.NUMBER, texts=Texts.NAMED, ascii_term=True, candidates=candidates)
                found = plan(connection, statements.keys(named, Sort()))
                assert "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)" in found
                assert "SCAN job" not in found


@pytest.mark.parametrize("later", [False, True])
def test_the_job_before_and_the_one_after_are_read_from_the_index_of_subjects(store: Store, later: bool) -> None:
    of_subject = "SEARCH job USING INDEX job_subject (tenant=? AND subject=? AND "
    with store.reading() as connection:
        beyond = plan(connection, of_job.nearest_by_subject(later))
        at_once = plan(connection, of_job.nearest_at(later))
    # Only jobs of the same moment are sorted.
    assert beyond == [f"{of_subject}filed{'>' if later else '<'}?)"]
    assert at_once == [f"{of_subject}filed=?)", SORTS]


def test_groups_by_cause_read_no_job_but_those_that_have_one(store: Store) -> None:
    query = SummaryQuery(by=(Key.CAUSE,), where=JobFilter(services=(ServiceType.VM,), **RANGE))
    of_all, of_causes = by_cause.parts(query, Tallies(3))
    assert of_all.query.is_kept
    shape = conditions.shape_of(SQLITE, query.where)._replace(by=of_causes.by)
    groups = aggregates.GroupShape(shape, 0, Clock.STARTED, (Key.CAUSE,), aggregates.Sums())
    with store.reading() as connection:
        found = plan(connection, aggregates.of_jobs(groups))
    assert len(found) == 1
    assert found[0].startswith("SEARCH job USING COVERING INDEX job_cause (")
