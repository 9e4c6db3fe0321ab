"""`jobreport check`: says what is wrong, by exit code, table and JSON, and repairs it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.store import open_store
from jobs import AUGUST, MINUTE
from serving import command, typed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "jobs.db"
    with closing(open_store(f"sqlite:///{found}")) as store:
        job = Job(
            job_id="FB1",
            service=ServiceType.VM,
            type=JobType.Backup,
            state=JobState.Failed,
            start=AUGUST,
            finish=AUGUST + MINUTE,
            successful=5,
            total=5,
            plan="nightly",
            resource="srv-a",
        )
        tenant = store.tenant_id("acme", create=True) or 0
        store.record(tenant, [job.evolve(job_id=f"FB{number:05d}", description="x" * 500) for number in range(200)])
    return found


def spoil(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_a_sound_store_is_exit_0(path: Path) -> None:
    done = command("check", "--store", f"sqlite:///{path}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Jobs: 200; tenants: 1; all that is kept of them is right" in done.stdout


def test_what_differs_is_named_and_repaired(path: Path) -> None:
    store = f"sqlite:///{path}"
    spoil(path, "UPDATE job_count SET jobs = 7 WHERE service = 1 AND type = -1 AND state = 16")
    shown = typed("check", "--store", store)
    assert shown.returncode == 1
    for word in ("acme", "2024-08-22", "VM", "any", "Failed", "7", "200", "jobs", "wrong numbers: 1", "--repair"):
        assert word in shown.stdout
    listed = typed("check", "--store", store, "--json")
    assert listed.returncode == 1
    difference = {"tenant": "acme", "day": "2024-08-22", "serviceType": 1, "jobType": -1, "state": 16}
    assert json.loads(listed.stdout)["differences"] == [difference | {"what": "jobs", "kept": 7, "true": 200}]
    repaired = typed("check", "--store", store, "--repair", "--json")
    assert (repaired.returncode, json.loads(repaired.stdout)["repaired"]) == (0, 1)
    assert typed("check", "--store", store).returncode == 0


def test_a_wrong_sum_and_a_series_that_stands_otherwise_are_named_and_repaired(path: Path) -> None:
    store = f"sqlite:///{path}"
    spoil(path, "UPDATE job_sum SET total = 9")
    spoil(path, "UPDATE series SET not_good = 3, newest_id = '[red]'")
    shown = typed("check", "--store", store)
    assert shown.returncode == 1
    for word in ("total", "9", "nightly", "srv-a", "not_good", "3", "200", "[red]", "FB00199", "wrong numbers: 3"):
        assert word in shown.stdout
    listed = json.loads(typed("check", "--store", store, "--json").stdout)
    assert [(one["what"], one["state"], one["kept"], one["true"]) for one in listed["differences"]] == [
        ("total", -1, 9, 1000)
    ]
    about = {"tenant": "acme", "series": 1, "plan": "nightly", "resource": "srv-a"}
    assert listed["series"] == [
        about | {"what": "newest_id", "kept": "[red]", "true": "FB00199"},
        about | {"what": "not_good", "kept": 3, "true": 200},
    ]
    repaired = typed("check", "--store", store, "--repair", "--json")
    assert (repaired.returncode, json.loads(repaired.stdout)["repaired"]) == (0, 3)
    assert typed("check", "--store", store).returncode == 0


def test_a_search_index_that_misses_jobs_is_named_and_made_anew(path: Path) -> None:
    store = f"sqlite:///{path}"
    spoil(path, "INSERT INTO job_gram (job_gram) VALUES ('delete-all')")
    shown = typed("check", "--store", store)
    assert shown.returncode == 1
    assert "the search index is wrong" in shown.stdout
    assert "--repair" in shown.stdout
    listed = typed("check", "--store", store, "--json")
    assert (listed.returncode, json.loads(listed.stdout)["searchIndex"]) == (1, "wrong")
    repaired = typed("check", "--store", store, "--repair", "--json")
    assert (repaired.returncode, json.loads(repaired.stdout)["searchIndex"]) == (0, "rebuilt")
    assert typed("check", "--store", store).returncode == 0
    assert "FB00007" in typed("jobs", "--tenant", "acme", "--search", "B00007", "--store", store).stdout


def test_jobs_without_their_subject_are_exit_1_and_not_repaired(path: Path) -> None:
    spoil(path, "DELETE FROM subject")
    done = typed("check", "--repair", "--store", f"sqlite:///{path}")
    assert done.returncode == 1
    assert "Jobs of acme whose description is lost: 200" in done.stdout
    assert "jobreport restore" in done.stdout
    listed = typed("check", "--json", "--store", f"sqlite:///{path}")
    assert json.loads(listed.stdout)["jobsWithoutSubject"] == {"acme": 200}


def test_a_damaged_file_is_exit_1_and_not_repaired(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        # The index is there twice under one root, so its entries no longer fit the table's.
        connection.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'job_filed') "
            "WHERE name = 'job_service_type'"
        )
        connection.commit()
    done = typed("check", "--repair", "--store", f"sqlite:///{path}")
    assert done.returncode == 1
    assert "damaged" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = typed("check", "--store", f"sqlite:///{tmp_path}/none.db")
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "there is no store" in done.stderr
