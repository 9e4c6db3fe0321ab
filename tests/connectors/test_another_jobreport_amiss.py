"""An endpoint that speaks the job report and is not as it should be, or reads us as we read it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clocks import Clock
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.another_jobreport import KIND, Settings
from jobreport.connectors.kinds.another_jobreport.jobs import their_id
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.store import Store
from jobs import AUGUST, DAY, job
from serving import READ, App, Server


@pytest.fixture(scope="module")
def reader(server: Server) -> App:
    host = server.url.removeprefix("http://")
    app = server.app("circling-jobreport")
    every = [job(name, serviceType="VM", jobType="Backup") for name in ("vm", f"us:{host}:vm")]
    assert app.write(every).status_code == 200
    return server.app("circling-jobreport", READ)


@pytest.fixture
def secret(reader: App, tmp_path: Path) -> str:
    (tmp_path / "secret").write_text(reader.secret)
    return str(tmp_path / "secret")


class Circle(BaseHTTPRequestHandler):
    """Gives pages without end: the same one, or two in turn."""

    pages = 1
    given = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).given += 1
        first = self.given % self.pages * 500
        one = {"failedCount": 0, "successfulCount": 1, "skippedCount": 0, "totalCount": 1, "state": 2, "comments": ""}
        one |= {"startTime": AUGUST, "finishTime": AUGUST, "duration": 0}
        jobs = [one | {"jobId": str(number)} for number in range(first, first + 500)]
        self._answer(200, msgspec.json.encode({"totalCount": 10**9, "jobs": jobs}))

    def do_GET(self) -> None:
        self._answer(404, b"<html>not here</html>")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *about: Any) -> None:
        """Says nothing."""


def test_a_job_whose_id_is_too_long_here_is_found_by_its_record_and_is_not_gone_without() -> None:
    long = Job(
        job_id="0123456789ab:of-it",
        service=ServiceType.VM,
        type=JobType.Backup,
        state=JobState.InProgress,
        start=AUGUST,
        raw='{"jobId":"all of it"}',
    )
    assert their_id(long, "cloud") == "all of it"
    with pytest.raises(CannotReadError, match="cannot be asked for again"):
        their_id(long.evolve(raw="{}"), "cloud")


def test_two_that_read_each_other_do_not_hand_on_for_ever_what_came_back(
    reader: App, secret: str, store: Store, tenant: int, clock: Clock
) -> None:
    clock.now = AUGUST + 3 * DAY
    host = reader.server.url.removeprefix("http://")
    settings = Settings(url=reader.server.url, client_id=reader.client_id, client_secret_file=secret)
    wanted = Configured(name="cloud", kind=KIND, every=300, tenant="default", settings=settings)
    assert collect(store, tenant, wanted).whole
    assert store.history(tenant, f"{host}:vm") is not None
    assert store.history(tenant, f"{host}:us:{host}:vm") is None


@pytest.mark.parametrize(
    ("pages", "said"), [(1, "gives the same page again and again"), (2, "its jobs come again after 1,000")]
)
def test_a_list_of_generation_1_that_goes_in_a_circle_is_told(
    reader: App, secret: str, store: Store, tenant: int, clock: Clock, pages: int, said: str
) -> None:
    clock.now = AUGUST + 3 * DAY
    handler = type("Circle", (Circle,), {"pages": pages})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as opened:
        threading.Thread(target=opened.serve_forever, args=(0.02,), daemon=True).start()
        settings = Settings(
            url=f"http://127.0.0.1:{opened.server_port}",
            client_id=reader.client_id,
            client_secret_file=secret,
            token_url=f"{reader.server.url}/connect/token",
        )
        wanted = Configured(name="cloud", kind=KIND, every=300, tenant="default", settings=settings)
        found = collect(store, tenant, wanted)
        opened.shutdown()
    assert said in found.streams[0].error
