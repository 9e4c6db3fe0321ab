"""The catalog of a real Bacula, whose director is run: what its jobs come to, and what became of them later."""

from collections.abc import Callable

import pytest
from bacula import Bacula
from bacula_configuration import DIRECTOR
from bareos_connector import wanted
from fakes.bareos_catalog import COLUMNS

from clocks import Running
from connecting import until
from jobreport.connectors.collect import PassResult, collect
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.model.job import Job
from jobreport.store import Store


@pytest.fixture
def clock() -> Running:
    """Bacula's clock is the real one."""
    return Running()


@pytest.fixture
def look(store: Store, tenant: int, director: Bacula) -> Callable[[], PassResult]:
    return lambda: collect(store, tenant, wanted(director=DIRECTOR, catalog=f"sqlite:///{director.catalog}"))


def by_plan(jobs: dict[str, Job]) -> dict[str, Job]:
    assert len({job.plan for job in jobs.values()}) == len(jobs)
    return {job.plan: job for job in jobs.values()}


def test_each_job_is_what_it_came_to_and_one_whose_data_moves_stays_one(
    director: Bacula, look: Callable[[], PassResult], jobs: Callable[[], dict[str, Job]]
) -> None:
    """One story, since each job of it takes a real director some tenths of a second."""
    director.type("run job=nightly yes")
    director.ended("nightly")
    director.type(
        *(f"run job={name} yes" for name in ("partly", "broken-after", "broken-before", "waits", "admin")),
        "run job=verify jobid=1 yes",
        "run job=unreachable yes",
    )
    director.ended("partly", "broken-after", "broken-before", "admin", "verify", "unreachable")
    director.type("restore client=here-fd fileset=Files select all done yes jobid=1")  # the volume is free only now
    director.ended("restore")
    until(lambda: director.status("waits") == "R", "waits runs")
    assert look().whole
    found = by_plan(jobs())
    assert {plan: (job.state, job.type, job.successful, min(job.failed, 1)) for plan, job in found.items()} == {
        "nightly": (JobState.Successful, JobType.FileBackup, 4, 0),
        "partly": (JobState.Exception, JobType.FileBackup, 4, 1),
        "broken-after": (JobState.Exception, JobType.FileBackup, 4, 1),
        "broken-before": (JobState.Failed, JobType.FileBackup, 0, 1),
        "unreachable": (JobState.Failed, JobType.FileBackup, 0, 1),
        "waits": (JobState.InProgress, JobType.FileBackup, 0, 0),
        "admin": (JobState.Successful, JobType.Retention, 1, 0),
        "verify": (JobState.Successful, JobType.Report, 4, 0),
        "restore": (JobState.Successful, JobType.FileRestore, 4, 0),
    }
    assert "No such file or directory" in found["partly"].comments
    assert "Connection refused" in found["unreachable"].comments
    assert "Child exited with code 1" in found["broken-after"].comments
    assert found["nightly"].resource == "here-fd"
    assert all(abs(job.start - Running()()) < 600 * ticks.PER_SECOND for job in found.values())

    director.open_gate()
    director.ended("waits")
    director.type("run job=copy jobid=1 yes")
    director.ended("copy")
    director.type("run job=migrate jobid=1 yes", "run job=waits yes")
    director.ended("migrate")
    until(lambda: director.status("waits") == "R", "waits runs")
    assert look().whole
    seen = jobs()
    assert len(seen) == 12  # with the copy, the migration and the new one that waits; what came of them is none
    assert sorted(job.state for job in seen.values() if job.plan == "waits") == [
        JobState.InProgress,
        JobState.Successful,
    ]

    director.end("dir", kill=True)
    director.start("dir")
    assert look().whole
    assert [job for job in jobs().values() if not job.state.finished] == []
    assert not any(looked.updated for looked in look().streams)


def test_our_own_catalog_has_the_columns_of_theirs(director: Bacula) -> None:
    for table, columns in COLUMNS.items():
        assert columns.keys() <= director.columns(table)


def test_a_trial_of_a_real_catalog_finds_nothing_missing(director: Bacula) -> None:
    tried = trial(wanted(director=DIRECTOR, catalog=f"sqlite:///{director.catalog}"), Running()())
    assert tried.whole
    assert [(stream.stream.name, stream.stream.remembers // ticks.PER_DAY) for stream in tried.streams] == [
        ("jobs", 90)
    ]
