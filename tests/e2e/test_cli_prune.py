"""`jobreport prune`: says first what would go, deletes by --yes, and is a job in the report itself."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobreport.clock import now_ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery
from jobreport.store import Store, open_store
from jobs import DAY, MINUTE
from serving import command, typed

AGES = {"new": 1, "old": 100, "older": 500, "ancient": 2000}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/jobs.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    now = now_ticks()
    with closing(open_store(url)) as opened:
        for tenant in ("acme", "zeta"):
            jobs = [
                Job(
                    job_id=f"{name} {state.name}",
                    service=ServiceType.VM,
                    type=JobType.Backup,
                    state=state,
                    start=now - days * DAY,
                    finish=now - days * DAY + MINUTE if state.finished else 0,
                )
                for name, days in AGES.items()
                for state in (JobState.Successful, JobState.Failed, JobState.InProgress)
            ]
            opened.record(opened.tenant_id(tenant, create=True) or 0, jobs)
        yield opened


def ids(store: Store, tenant: str) -> set[str]:
    number = store.tenant_id(tenant) or 0
    found = store.list_jobs(number, JobQuery(size=100)).lines
    return {line.job_id for line in found} - {job.job_id for job in reports(store, tenant)}


def reports(store: Store, tenant: str) -> list[Job]:
    """The jobs by which prune told what it did."""
    number = store.tenant_id(tenant) or 0
    where = JobFilter(services=(ServiceType.Common,), types=(JobType.Retention,))
    found = (store.history(number, line.job_id) for line in store.list_jobs(number, JobQuery(where=where)).lines)
    return [history.current.job for history in found if history]


def test_without_yes_nothing_is_deleted(url: str, store: Store) -> None:
    done = command("prune", "--keep", "400d", "--keep-failed", "3y", "--store", url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "To delete: 6 jobs. Nothing is deleted yet; --yes does it." in done.stdout
    assert len(ids(store, "acme")) == len(ids(store, "zeta")) == 12
    assert reports(store, "acme") == []


def test_what_is_old_goes_and_the_run_is_a_job_of_each_tenant(url: str, store: Store) -> None:
    words = ["prune", "--keep", "400d", "--keep-failed", "3y", "--yes", "--store", url]
    done = typed(*words, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tenants"] == [
        {"tenant": name, "jobs": 12, "due": 3, "deleted": 3} for name in ("acme", "zeta")
    ]
    gone = {"older Successful", "ancient Successful", "ancient Failed"}
    everything = {f"{name} {state}" for name in AGES for state in ("Successful", "Failed", "InProgress")}
    assert ids(store, "acme") == ids(store, "zeta") == everything - gone
    for tenant in ("acme", "zeta"):
        (job,) = reports(store, tenant)
        assert (job.state, job.successful, job.total) == (JobState.Successful, 3, 3)
        assert job.finish >= job.start
    assert typed("check", "--store", url).returncode == 0
    again = typed(*words)
    assert "Deleted: 0 jobs." in again.stdout
    assert [job.state for job in reports(store, "acme")] == [JobState.Skipped, JobState.Successful]


def test_one_tenant_alone(url: str, store: Store) -> None:
    done = typed("prune", "--keep", "30d", "--tenant", "acme", "--yes", "--store", url)
    assert done.returncode == 0
    assert "Deleted: 6 jobs." in done.stdout
    assert len(ids(store, "acme")) == 6
    assert len(ids(store, "zeta")) == 12
    assert reports(store, "zeta") == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "--keep"),
        (["--keep", "x"], 2, "--keep"),
        (["--keep", "2y", "--keep-failed", "400d"], 2, "--keep-failed"),
        (["--keep", "2y", "--tenant", "nobody"], 1, "nobody"),
    ],
)
def test_what_cannot_be_done_is_said(url: str, store: Store, words: list[str], code: int, said: str) -> None:
    done = typed("prune", *words, "--yes", "--store", url)
    assert (done.returncode, said in done.stderr) == (code, True)
    assert len(ids(store, "acme")) == 12


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = typed("prune", "--keep", "1y", "--store", f"sqlite:///{tmp_path}/none.db")
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
