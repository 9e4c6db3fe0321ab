"""A run that both a report of Duplicati and the connector tell of is one job, whichever comes first."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from collected_jobs import Jobs
from duplicati_looks import Look
from fakes.duplicati.duplicati_server import MACHINE, Server

from clocks import Clock
from jobreport.identity import inboxes
from jobreport.inbox.deliver import deliver
from jobreport.inbox.webhooks.duplicati import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.store import Recorded, Store
from jobreport.store.registry import tenants
from webhook_samples import delivery

Tell = Callable[..., Recorded]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def tell(store: Store, tenant: int, clock: Clock) -> Tell:
    """Posts the report of a run with this result, as JSON or as text in a form."""
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found is not None
    settings = inboxes.Settings(service=ServiceType.FileShare, type=JobType.FileBackup)
    inbox, _ = inboxes.create(store, "duplicati", settings, tenant=found.name, secret=None)

    def tell(data: dict[str, Any], form: str = "JSON", exception: str | None = None) -> Recorded:
        clock.pass_by(1)
        posted = (
            delivery(urlencode({"message": text(data)}), FORM)
            if form == "text"
            else delivery({"Data": data, "Extra": EXTRA, "LogLines": [], "Exception": exception})
        )
        return deliver(store, inbox, read(posted), posted.body, clock.now)

    return tell


EXTRA = {
    "OperationName": "Backup",
    "machine-id": MACHINE,
    "machine-name": "pc-1",
    "backup-name": "pc-1 local files",
    "backup-id": "DB-2",
}


def text(data: dict[str, Any]) -> str:
    """The same as text: its times are in the sender's language, and in seconds."""
    lines = [f"Duplicati Backup report for pc-1 local files ({MACHINE}, DB-2, pc-1)", ""]
    for name, value in data.items():
        if name.endswith("Time"):
            seconds = (ticks.from_iso(value) - ticks.UNIX_EPOCH) // ticks.PER_SECOND
            value = f"02/03/2026 23:04:31 ({seconds})"
        if not isinstance(value, list | dict):
            lines.append(f"{name}: {value}")
    return "\n".join(lines)


@pytest.mark.parametrize("form", ["JSON", "text"])
@pytest.mark.parametrize("first", ["report", "log"])
@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, JobState.Successful),
        ({"ParsedResult": "Warning"}, JobState.Exception),
        ({"ParsedResult": "Fatal", "ExaminedFiles": 0}, JobState.Failed),
    ],
)
def test_what_both_tell_is_one_job_with_one_id_and_one_reference(
    server: Server,
    look: Look,
    jobs: Jobs,
    tell: Tell,
    clock: Clock,
    form: str,
    first: str,
    told: dict[str, Any],
    state: JobState,
) -> None:
    clock.now += 1_234_567  # within a second
    data = server.ended(**told)
    if first == "report":
        tell(data, form)
    assert look().whole
    if first == "log":
        tell(data, form)
    for _ in range(2):
        (job,) = jobs()
        assert (job.state, job.plan, job.resource) == (state, "pc-1 local files", "pc-1")
        assert job.reference.startswith(f"duplicati:{MACHINE}:DB-2:Backup:")
        assert job.job_id.startswith("inbox-" if first == "report" else "duplicati:")
        assert tell(data, form).created == 0
        look()


def test_a_failure_that_is_reported_with_its_exception_is_the_one_of_the_log(
    server: Server, look: Look, jobs: Jobs, tell: Tell
) -> None:
    data = server.ended(ParsedResult="Fatal", ExaminedFiles=0)
    server.failed("403 Forbidden")
    tell(data, exception="System.Net.WebException: 403 Forbidden\n at Duplicati.Main")
    look()
    assert [job.state for job in jobs()] == [JobState.Failed]
    assert json.loads(jobs()[0].raw)["ParsedResult"] == "Fatal"
