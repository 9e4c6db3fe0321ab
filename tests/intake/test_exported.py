"""What was exported can be imported again: the same jobs, with all that an export has of them."""

import io
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clocks import Clock
from jobreport.contract.job_row import Row
from jobreport.export.batches import Result
from jobreport.export.formats import FORMATS
from jobreport.intake.load import Loaded, load
from jobreport.intake.parse import parse
from jobreport.intake.source import Source
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import History, Store
from long import times
from reading import EVERY, row
from strategies import NOW, jobs

_PARTS = ["=1+1", "a;=1", "'", "''=", "\t=1", 'say "hi", twice\nand more', "\r\n", "-", "; ", "ü🙂", "\ufeff", " "]
TEXTS = st.lists(st.sampled_from(_PARTS), max_size=4).map("".join)
NAMES = st.sets(st.sampled_from(("comments", "description", "plan", "resource", "origin")))
JOBS, IDS = jobs(), TEXTS.filter(bool)


@st.composite
def odd_jobs(draw: st.DrawFn) -> Job:
    """A job with texts that a form may stumble over."""
    names = draw(NAMES)
    job = draw(JOBS).evolve(**{name: draw(TEXTS) for name in names})
    return job if draw(st.booleans()) else job.evolve(job_id=draw(IDS))


def exported(form: str, found: list[Job]) -> bytes:
    rows = [row(job) for job in found]
    return b"".join(FORMATS[form].encoder()(Result(len(rows), NOW, [rows] if rows else [])))


STEPS = {"csv": 1, "ndjson": 1, "parquet": 10, "xlsx": 10_000}
"""The steps in which each form has its times, in ticks."""


def fitting(job: Job) -> Job:
    """The job with what fits into a workbook: numbers of 15 digits, and times that stay in range when rounded."""
    last = ticks.YEAR_2200 - max(STEPS.values())
    return job.evolve(size=min(job.size, 10**15 - 1), start=min(job.start, last), finish=min(job.finish, last))


def near(found: Job, read: Job | None, step: int) -> Job | None:
    """The job that was read, with the times of the exported one where these are less than a step away."""
    exact = {name: getattr(found, name) for name in ("start", "finish", "observed")}
    return read and read.evolve(**{name: at for name, at in exact.items() if abs(at - getattr(read, name)) < step})


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=times(50))
@given(found=st.lists(odd_jobs(), max_size=6))
def test_exported_jobs_come_back_as_they_were(form: str, found: list[Job]) -> None:
    found = list(map(fitting, found))
    file = exported(form, found)
    read = list(parse(Source(io.BytesIO(file)), NOW))
    assert [line.faults for line in read] == [()] * len(found)
    # An export has no records of origins, and no word on how often one was to be seen or what came of a run.
    assert [near(job, line.job, STEPS[form]) for job, line in zip(found, read, strict=True)] == [
        job.evolve(raw="", heartbeat=0, made="") for job in found
    ]
    assert STEPS[form] > 1 or exported(form, [line.job for line in read if line.job]) == file


def new_tenant(store: Store) -> int:
    number = store.tenant_id(uuid.uuid4().hex, create=True)
    assert number is not None
    return number


def rows(store: Store, tenant: int) -> list[Row]:
    """What an export has of the store, ordered by ID: the time of receipt, which it has not, orders some of it."""
    with store.stream_jobs(tenant, JobQuery()) as found:
        return sorted(row for batch in found.batches() for row in batch)


def imported(store: Store, tenant: int, file: bytes) -> Loaded:
    loaded = Loaded()
    for _ in load(store, tenant, parse(Source(io.BytesIO(file)), store.clock()), loaded, lambda _: None):
        pass
    return loaded


@settings(max_examples=times(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    found=st.lists(odd_jobs(), max_size=4, unique_by=(lambda job: job.job_id, lambda job: job.reference or job.job_id)),
    form=st.sampled_from(sorted(FORMATS)),
    corrected=st.integers(0, 4),
    seconds=st.integers(0, 100_000),
)
def test_an_export_changes_nothing_where_it_came_from_and_gives_the_same_jobs_elsewhere(
    store: Store, clock: Clock, found: list[Job], form: str, corrected: int, seconds: int
) -> None:
    clock.now = NOW
    found = list(map(fitting, found))
    tenant, other = new_tenant(store), new_tenant(store)

    def everything() -> list[History | None]:
        return [store.history(tenant, job.job_id) for job in found]

    def assert_the_export_changes_nothing() -> None:
        before = everything()
        loaded = imported(store, tenant, file)
        assert (loaded.unchanged, loaded.stored, loaded.refused) == (len(found), len(found), 0)
        assert everything() == before

    store.record(tenant, found)
    store.record(tenant, [job.evolve(comments="corrected") for job in found[:corrected]])
    exported_rows = rows(store, tenant)
    file = b"".join(FORMATS[form].encoder()(Result(len(found), NOW, [exported_rows] if found else [])))
    clock.pass_by(seconds)
    assert_the_export_changes_nothing()
    store.fail_stalled_jobs()
    assert_the_export_changes_nothing()
    store.record(tenant, [job.evolve(comments="later", observed=NOW + STEPS[form]) for job in found])
    assert_the_export_changes_nothing()

    assert imported(store, other, file).created == len(found)
    assert STEPS[form] > 1 or rows(store, other) == exported_rows
    assert [row[0] for row in rows(store, other)] == [row[0] for row in exported_rows]


def test_a_line_of_an_export_that_was_edited_changes_what_it_has_and_nothing_else(store: Store) -> None:
    tenant = new_tenant(store)
    job = EVERY[-1].evolve(raw='{"a":1}', heartbeat=60, start=NOW, finish=NOW, comments="full disk", observed=NOW)
    store.record(tenant, [job])
    file = exported("csv", [job]).replace(b"full disk", b"disk replaced")
    assert imported(store, tenant, file).updated == 1
    history = store.history(tenant, job.job_id)
    assert history is not None
    assert history.current.job == job.evolve(comments="disk replaced")
