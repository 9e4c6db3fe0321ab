"""Reading a Google project: transitions that are merged, a log that is empty, rights, tokens, pages to the end."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.google_cloud import EVENTS, JOBS, PROJECT, Google, entry, run
from fakes.loopback import serving

from clocks import Clock
from jobreport.connectors.collect import PassResult, collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.gcp_backup import KIND, Settings
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store


@pytest.fixture
def google(clock: Clock) -> Google:
    return Google(clock)


@pytest.fixture
def wanted(google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Configured]]:
    """A connector to the project; whatever Google answers is held against its types."""
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with serving(google.answer) as url:
        account = google.account(tmp_path, url)

        def wanted(*lists: str, **more: Any) -> Configured:
            told = {"project": PROJECT, "lists": lists or ("backup-and-dr",), "logging_url": url, "sql_url": url}
            settings = Settings(**told | {"credentials_file": account} | more)
            return Configured(name="google", kind=KIND, every=300, tenant="default", settings=settings)

        yield wanted
    assert google.faults == []


@pytest.fixture
def look(store: Store, tenant: int, clock: Clock, wanted: Callable[..., Configured]) -> Callable[..., PassResult]:
    def look(*lists: str, **more: Any) -> PassResult:
        clock.pass_by(60)
        return collect(store, tenant, wanted(*lists, **more))

    return look


@pytest.fixture
def jobs(store: Store, tenant: int) -> Callable[[], dict[str, Job]]:
    def jobs() -> dict[str, Job]:
        found = {}
        for line in store.list_jobs(tenant, JobQuery(size=1000)).lines:
            history = store.history(tenant, line.job_id)
            assert history is not None
            found[line.job_id.rpartition(":")[2]] = history.current.job
        return found

    return jobs


Look = Callable[..., PassResult]
Jobs = Callable[[], dict[str, Job]]


def test_the_transitions_of_a_job_are_one_job_and_the_latest_counts(
    google: Google, look: Look, jobs: Jobs, clock: Clock
) -> None:
    begun = clock.now - 2000 * ticks.PER_SECOND
    google.page = 2
    google.empty_first = True
    google.entries = [entry(1, begun, "SUCCESSFUL"), *(entry(number, begun, "RUNNING") for number in (1, 2, 3))]
    assert look().whole
    assert {name: job.state for name, job in jobs().items()} == {
        "j-1": JobState.Successful,
        "j-2": JobState.InProgress,
        "j-3": JobState.InProgress,
    }
    clock.pass_by(20 * 3600)
    # An entry that came in long after its time, and one that the log has lost.
    google.entries = [one for one in google.entries if one["jsonPayload"]["jobId"] != "j-3"]
    google.entries.append(entry(2, begun, "FAILED", errorMessage="no"))
    assert look().whole
    assert jobs()["j-2"].comments == "no"
    assert "not listed any more" in jobs()["j-3"].comments
    assert not any(looked.updated for looked in look().streams)


def test_a_job_of_which_another_told_meanwhile_is_looked_at_again(
    store: Store, tenant: int, google: Google, look: Look, jobs: Jobs, clock: Clock
) -> None:
    begun = clock.now - 2000 * ticks.PER_SECOND
    google.entries = [entry(1, begun, "RUNNING")]
    assert look().whole
    clock.pass_by(20 * 3600)
    assert look().whole
    running = jobs()["j-1"]
    store.record(tenant, [running.evolve(raw="another's words", comments="half", observed=running.observed + 1)])
    google.entries.append(entry(1, begun, "FAILED"))
    assert look().whole
    assert jobs()["j-1"].state is JobState.Failed


def test_a_log_of_which_there_is_nothing_is_no_data(google: Google, look: Look) -> None:
    google.logs = {EVENTS}
    (looked,) = look().streams
    assert looked.error.startswith(f"{PROJECT} has no log of backup-and-dr: either nothing ran")
    google.logs.add(JOBS)
    assert look().whole


def test_all_backup_runs_of_all_instances_are_read(google: Google, look: Look, jobs: Jobs, clock: Clock) -> None:
    google.page = 2
    google.runs = [run(number, clock.now - number * ticks.PER_DAY) for number in range(5)]
    google.runs.append(run(5, clock.now, "RUNNING", instance="customers"))
    assert look("cloud-sql").whole
    assert len(jobs()) == 6
    google.runs = [run(1, clock.now - ticks.PER_DAY, "DELETED")]
    assert look("cloud-sql").whole
    found = jobs()
    assert found["1579605933819"].state is JobState.Successful
    assert "not listed any more" in found["1579605933823"].comments


def test_events_of_appliances_are_read_where_they_are_asked_for(google: Google, look: Look, jobs: Jobs) -> None:
    told = {"jobName": "Job_1", "appName": "vm-2", "appType": "GCPInstance", "errorMessage": "no details"}
    google.logs.add(EVENTS)
    google.entries = [entry(1, google.now() - ticks.PER_DAY, log=EVENTS) | {"jsonPayload": told}]
    assert look("backup-and-dr", "appliances").whole
    assert [(job.state, job.resource) for job in jobs().values()] == [(JobState.Failed, "vm-2")]


def test_each_right_is_asked_for_and_what_is_denied_is_no_data_of_its_list_alone(
    google: Google, wanted: Callable[..., Configured], look: Look, clock: Clock
) -> None:
    google.denied = {"backupRuns": "IAM_PERMISSION_DENIED"}
    tried = trial(wanted("backup-and-dr", "cloud-sql"), clock.now)
    assert [(right.name, right.held) for right in tried.rights] == [
        ("logging.logEntries.list", True),
        ("logging.logs.list", True),
        ("cloudsql.backupRuns.list", False),
    ]
    errors = [looked.error for looked in look("backup-and-dr", "cloud-sql").streams]
    assert errors == ["", f"access denied for cloudsql.backupRuns.list in {PROJECT}"]
    google.denied = {"/logs": "IAM_PERMISSION_DENIED"}
    looked, _ = look("backup-and-dr", "cloud-sql").streams
    assert looked.error.endswith(f"that may be all that it ever has: access denied for logging.logs.list in {PROJECT}")
    google.entries = [entry(1, clock.now - 2000 * ticks.PER_SECOND)]
    assert look("backup-and-dr", "cloud-sql").whole
    google.denied = {"entries": "SERVICE_DISABLED"}
    errors = [looked.error for looked in look("backup-and-dr", "cloud-sql").streams]
    assert errors == [f"logging.googleapis.com is not enabled in {PROJECT}", ""]


def test_a_token_is_asked_for_anew_when_it_is_not_taken_any_more(google: Google, look: Look) -> None:
    google.lasts = 1
    assert look().whole
    assert google.tokens == 2


def test_credentials_that_are_not_there_are_told(look: Look, tmp_path: Path) -> None:
    (looked,) = look(credentials_file=str(tmp_path / "none.json")).streams
    assert looked.error.endswith("(FileNotFoundError): credentials_file")
    (looked,) = look(credentials_file="").streams
    assert looked.error.startswith("no credentials for Google are found (DefaultCredentialsError): GOOGLE_APPL")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"project": "1234567"}, "project must be a project's ID"),
        ({"lists": ("backups",)}, "lists must name some of"),
        ({"lists": ()}, "lists must name some of"),
        ({"sql_url": "http://sql.example.com"}, "sql_url must begin with https"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(**{"project": PROJECT} | more)


def test_the_smallest_role_has_the_rights_that_the_kind_needs() -> None:
    role = (Path(__file__).parents[3] / "deploy/roles/gcp-backup.sh").read_text(encoding="utf-8")
    given = role.partition("--permissions=")[2].split()[0].split(",")
    assert sorted(given) == sorted(right.name for right in KIND.rights)
