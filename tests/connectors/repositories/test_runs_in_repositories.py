"""A backup that both `jobreport run` and a connector to its repository report is one job, whichever comes first."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from repositories import call, configured, every_job, soon, sources

from clocks import Clock
from installed import installed
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.store import Store
from runs import Place, Recorder

UNREADABLE = "/proc/self/mem"
"""Nobody can read it, not even root: so a backup of it is not whole."""


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with closing(Recorder()) as found:
        yield found


class Host:
    """A machine with a repository, which backs up by `jobreport run` or by cron."""

    def __init__(self, place: Place, recorder: Recorder, connector: Configured, *backup: str, **variables: str) -> None:
        self.connector = connector
        self._place, self._recorder, self._backup, self._variables = place, recorder, backup, variables

    def run(self) -> list[Job]:
        """Backs up by `jobreport run`; returns all that it reports."""
        before = len(self._recorder.reports)
        environment = {"HOME": str(self._place.folder), **self._variables}
        self._place.call("run", "--plan", "nightly", "--", *self._backup, UNREADABLE, env=environment)
        return self._recorder.reports[before:]

    def cron(self) -> None:
        """Backs up without it."""
        call(*self._backup, folder=self._place.folder, **self._variables)


def with_restic(folder: Path, recorder: Recorder) -> Host:
    tool, repository, password = installed("restic", "restic"), str(folder / "repository"), folder / "password"
    password.write_text("correct horse")
    variables = {"RESTIC_REPOSITORY": repository, "RESTIC_PASSWORD_FILE": str(password)}
    call(tool, "init", folder=folder, **variables)
    connector = configured("restic", repository=repository, password_file=str(password))
    return Host(Place(folder, recorder.url), recorder, connector, tool, "backup", str(sources(folder)), **variables)


def with_borg(folder: Path, recorder: Recorder, *options: str) -> Host:
    tool, repository = installed("borg", "borgbackup"), str(folder / "repository")
    call(tool, "init", "--encryption=none", repository, folder=folder)
    backup = [tool, "create", *options, f"{repository}::" + "web-{now}", str(sources(folder))]
    variables = {"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes", "TZ": "Asia/Tokyo"}
    return Host(Place(folder, recorder.url), recorder, configured("borg", repository=repository), *backup, **variables)


HOSTS: dict[str, Callable[[Path, Recorder], Host]] = {
    "restic": with_restic,
    "borg, which tells all": lambda folder, recorder: with_borg(folder, recorder, "--json"),
    "borg, which tells the name": lambda folder, recorder: with_borg(folder, recorder, "--stats"),
}


@pytest.mark.parametrize("name", [*HOSTS])
def test_what_is_listed_after_its_run_is_that_run_with_its_state_and_counts(
    store: Store, tenant: int, clock: Clock, tmp_path: Path, recorder: Recorder, name: str
) -> None:
    host = HOSTS[name](tmp_path, recorder)
    clock.now = soon()
    told = host.run()[-1]
    store.record(tenant, [told])
    assert collect(store, tenant, host.connector).whole
    (found,) = every_job(store, tenant)
    assert found.reference.startswith(f"{host.connector.kind.name}:")
    assert found.evolve(reference="") == told.evolve(reference="")
    assert (found.state, found.sees, found.failed, found.plan) == (JobState.Exception, Sees.RUNS, 1, "nightly")


def test_what_is_listed_before_its_run_tells_its_end_is_that_run_and_what_cron_did_stands_alone(
    store: Store, tenant: int, clock: Clock, tmp_path: Path, recorder: Recorder
) -> None:
    host = with_restic(tmp_path, recorder)
    clock.now = soon()
    begun, *_, told = host.run()
    store.record(tenant, [begun])
    assert collect(store, tenant, host.connector).whole
    assert [(job.state, job.sees) for job in every_job(store, tenant)] == [
        (JobState.InProgress, Sees.RUNS),
        (JobState.Successful, Sees.RESULTS),
    ]
    store.record(tenant, [told])
    (found,) = every_job(store, tenant)
    assert (found.job_id, found.state, found.failed) == (told.job_id, JobState.Exception, 1)
    host.cron()
    assert collect(store, tenant, host.connector).whole
    assert [(job.state, job.sees) for job in every_job(store, tenant)] == [
        (JobState.Exception, Sees.RUNS),
        (JobState.Successful, Sees.RESULTS),
    ]
