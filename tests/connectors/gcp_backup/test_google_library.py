"""Google's own library lists the log of the server that stands for Google, so its author alone does not judge it."""

from pathlib import Path

import pytest
from fakes.google_cloud import JOBS, PROJECT, Google, entry
from fakes.loopback import serving
from google.cloud import logging
from google.oauth2 import service_account

from clocks import Clock
from jobreport.model import ticks

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@pytest.fixture
def google(clock: Clock) -> Google:
    found = Google(clock)
    found.page = 2
    begun = clock.now - 2000 * ticks.PER_SECOND
    found.entries = [entry(number, begun, "RUNNING") for number in range(5)]
    found.entries += [entry(number, begun, "SUCCESSFUL") for number in range(4)]
    return found


@pytest.mark.parametrize("empty_first", [False, True])
def test_the_library_reads_every_page_and_each_transition_as_they_were_written(
    google: Google, tmp_path: Path, empty_first: bool
) -> None:
    google.empty_first = empty_first
    with serving(google.answer) as url:
        file = google.account(tmp_path, url)
        signed = service_account.Credentials.from_service_account_file(file, scopes=[_SCOPE])
        client = logging.Client(
            project=PROJECT, credentials=signed, client_options={"api_endpoint": url}, _use_grpc=False
        )
        filter_ = f'logName="projects/{PROJECT}/logs/{JOBS}" AND timestamp>="2020-01-01T00:00:00Z"'
        listed = [*client.list_entries(filter_=filter_, page_size=100)]
    assert google.faults == []
    assert all(isinstance(one, logging.StructEntry) for one in listed)
    written = {one["insertId"]: one for one in google.entries}
    assert {one.insert_id: one.payload for one in listed} == {name: one["jsonPayload"] for name, one in written.items()}
    assert {one.insert_id: ticks.from_datetime(one.timestamp) for one in listed} == {
        name: ticks.from_iso(one["timestamp"]) for name, one in written.items()
    }
    assert len(listed) == len(written)
