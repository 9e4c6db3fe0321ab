"""An endpoint that speaks the job report as an origin: the same jobs, by each of the three ways to ask."""

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from clocks import Clock
from connecting import connect
from jobreport.client import JobReportClient
from jobreport.connectors.base import CannotReadError, Look, Stream
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.another_jobreport import KIND, Settings, generations
from jobreport.connectors.kinds.another_jobreport.generations import ByGeneration1, ByGeneration2, BySearch
from jobreport.connectors.kinds.another_jobreport.jobs import their_id
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.store import Store
from jobs import AUGUST, DAY, job, unfinished
from serving import READ, WRITE_OWN, App, Server

SINCE = AUGUST - DAY
SENT = [
    job("vm", serviceType="VM", jobType="Backup", plan="nightly", resource="db", description="the database", bytes=7)
    | {"reference": "aws:1", "sees": "objects"},
    job("aad", serviceType="AAD", jobType="AADBackup", state="Exception", failedCount=2, comments="two are locked"),
    job("devops", serviceType="AzureDevOps", jobType="DevOpsBackup", state="Failed"),
    job("setting", serviceType="APSetting", jobType="APSettingBackup"),
    job("common", serviceType="Common", jobType="Report"),
    job("later", serviceType="VM", jobType="Restore", startTime=AUGUST + DAY),
    unfinished("running", "InProgress", serviceType="VM", jobType="Backup"),
    unfinished("due", "NotStarted", serviceType="AKS", jobType="AKSBackup"),
]
CROWD = [
    unfinished("crowd-1", "InProgress", serviceType="VM", jobType="Backup", startTime=AUGUST - 3 * DAY),
    *(job(f"crowd-1{n}", serviceType="VM", jobType="Backup", startTime=AUGUST - 2 * DAY) for n in range(60)),
]
OLD = job("old", serviceType="VM", jobType="Backup", startTime=AUGUST - 2 * DAY)
NEWER_CODE = job("pg", serviceType="Common", jobType="AzurePostgreSQLBackup")


@pytest.fixture(scope="module")
def reader(server: Server) -> App:
    app = server.app("another-jobreport")
    assert app.write([*SENT, OLD, *CROWD, NEWER_CODE]).status_code == 200
    return server.app("another-jobreport", READ)


@pytest.fixture
def client(reader: App) -> Iterator[JobReportClient]:
    with JobReportClient(reader.server.url, reader.client_id, reader.secret) as opened:
        yield opened


def told(jobs: Iterator[Job]) -> dict[str, Job]:
    found = [*jobs]
    by_id = {their_id(one, "cloud"): one for one in found}
    assert len(by_id) == len(found)
    return by_id


@pytest.mark.parametrize("way", [BySearch, ByGeneration2, ByGeneration1])
def test_each_way_brings_the_same_jobs_with_their_services_types_states_and_counts(
    client: JobReportClient, way: type[BySearch | ByGeneration2 | ByGeneration1]
) -> None:
    found = told(way(client, "cloud").jobs(SINCE))
    assert found.keys() == {one["jobId"] for one in [*SENT, NEWER_CODE]}
    for sent in SENT:
        one = found[sent["jobId"]]
        assert (one.job_id, one.service.name, one.type.name, one.state.name) == (
            f"cloud:{sent['jobId']}",
            sent["serviceType"],
            sent["jobType"],
            sent["state"],
        )
        assert (one.failed, one.comments) == (sent.get("failedCount", 0), sent.get("comments", ""))
        start = 0 if one.state is JobState.NotStarted else sent["startTime"]
        assert abs(one.start - start) < ticks.PER_SECOND
        assert bool(one.finish) == one.state.finished
    newer = found["pg"]
    assert newer.service is ServiceType.Common
    assert newer.type is (JobType.Backup if way is ByGeneration1 else JobType.AzurePostgreSQLBackup)
    assert newer.comments == ("its origin does not tell its type" if way is ByGeneration1 else "")


@pytest.mark.parametrize("way", [BySearch, ByGeneration2, ByGeneration1])
def test_a_job_is_found_again_by_its_own_id_and_what_runs_says_the_same_as_before(
    client: JobReportClient, way: type[BySearch | ByGeneration2 | ByGeneration1]
) -> None:
    asked = way(client, "cloud")
    running = told(asked.jobs(SINCE))["running"]
    again = asked.again(running)
    assert again is not None
    assert again.evolve(observed=0) == running.evolve(observed=0)
    assert asked.again(running.evolve(raw="{}")) == again
    assert asked.again(running.evolve(job_id="cloud:runnin")) is None


@pytest.mark.parametrize("way", [BySearch, ByGeneration2, ByGeneration1])
def test_a_job_is_found_again_among_any_number_whose_ids_have_the_text_of_its_own(
    client: JobReportClient, way: type[BySearch | ByGeneration2 | ByGeneration1], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "_PAGE", 25)
    asked = way(client, "cloud")
    running = told(asked.jobs(AUGUST - 4 * DAY))["crowd-1"]
    again = asked.again(running)
    assert again is not None
    assert again.state is JobState.InProgress


def test_what_is_told_late_of_an_old_job_arrives_within_a_day(
    reader: App, secret: str, store: Store, tenant: int, clock: Clock
) -> None:
    clock.now = AUGUST + 3 * DAY
    settings = Settings(url=reader.server.url, client_id=reader.client_id, client_secret_file=secret)
    wanted = Configured(name="cloud", kind=KIND, every=300, tenant="default", settings=settings)
    assert collect(store, tenant, wanted).whole
    late = job("late", serviceType="VM", jobType="Backup", startTime=AUGUST - 10 * DAY)
    corrected = job("old", state="Exception", serviceType="VM", jobType="Backup", startTime=AUGUST - 2 * DAY)
    writer = reader.server.app("another-jobreport")
    assert writer.write([late, corrected]).status_code == 200
    host = reader.server.url.removeprefix("http://")
    for hours, there in ((1, False), (24, True)):
        clock.pass_by(hours * 3600)
        assert collect(store, tenant, wanted).whole
        assert (store.history(tenant, f"{host}:late") is not None) is there
    found = store.history(tenant, f"{host}:old")
    assert found is not None
    assert found.current.job.state is JobState.Exception


def test_another_jobreport_tells_what_a_job_is_about_its_bytes_and_its_reference(client: JobReportClient) -> None:
    one = told(BySearch(client, "cloud").jobs(SINCE))["vm"]
    assert (one.plan, one.resource, one.description, one.size) == ("nightly", "db", "the database", 7)
    assert (one.reference, one.sees) == ("aws:1", Sees.OBJECTS)


class Generation1Only(BaseHTTPRequestHandler):
    """Hands on what generation 1 has, and has nothing else."""

    behind = ""
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in ("Content-Type", "Authorization") if name in self.headers}
        with closing(connect(self.behind)) as http:
            answer = http.post(self.path, content=body, headers=headers)
        self._answer(answer.status_code, answer.content)

    def do_GET(self) -> None:
        self.asked.append(self.path.partition("?")[0])
        self._answer(404, b"<html>not here</html>")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *about: Any) -> None:
        """Says nothing."""


@pytest.fixture
def old_cloud(reader: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Generation1Only, "behind", reader.server.url)
    monkeypatch.setattr(Generation1Only, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Generation1Only) as opened:
        threading.Thread(target=opened.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{opened.server_port}"
        opened.shutdown()


@pytest.fixture
def secret(reader: App, tmp_path: Path) -> str:
    (tmp_path / "secret").write_text(f"{reader.secret}\n")
    return str(tmp_path / "secret")


def test_where_there_is_only_generation_1_that_is_asked_and_no_pair_of_a_service_without_jobs(
    reader: App, old_cloud: str, secret: str, store: Store, tenant: int, clock: Clock
) -> None:
    settings = Settings(
        url=old_cloud,
        client_id=reader.client_id,
        client_secret_file=secret,
        token_url=f"{reader.server.url}/connect/token",
    )
    clock.now = AUGUST + 3 * DAY
    wanted = Configured(name="cloud", kind=KIND, every=300, tenant="default", settings=settings)
    passed = collect(store, tenant, wanted)
    assert passed.whole, passed
    assert passed.streams[0].read >= len(SENT)
    asked = Generation1Only.asked
    assert asked[:2] == ["/api/search", "/backup/vm/jobs"]
    assert 11 < asked.count("/api/public/jobreport") < 11 * 35 / 2
    host = old_cloud.removeprefix("http://")
    found = store.history(tenant, f"{host}:aad")
    assert found is not None
    assert (found.current.job.state, found.current.job.origin) == (JobState.Exception, "jobreport/cloud")


def test_rights_that_are_missing_and_an_endpoint_that_is_none_are_told(
    server: Server, reader: App, secret: str, tmp_path: Path
) -> None:
    about = {"url": server.url, "client_id": reader.client_id, "client_secret_file": secret}
    with KIND.open(Settings(**about)) as good:
        assert [right.held for right in good.rights()] == [True]
    writer = server.app("another-jobreport", WRITE_OWN)
    (tmp_path / "writer").write_text(writer.secret)
    with KIND.open(
        Settings(**about | {"client_id": writer.client_id, "client_secret_file": f"{tmp_path}/writer"})
    ) as no:
        assert [right.held for right in no.rights()] == [False]
        with pytest.raises(CannotReadError, match="refused the app registration"):
            next(no.read(Stream(name="jobs"), Look(since=SINCE, now=AUGUST)))
    with KIND.open(Settings(**about | {"client_id": "nobody"})) as nobody, pytest.raises(CannotReadError):
        nobody.rights()
    with (
        pytest.raises(CannotReadError, match="/none cannot be read: No such file"),
        KIND.open(Settings(**about | {"client_secret_file": "/none"})),
    ):
        pass


def test_settings_without_an_address_or_without_credentials_are_refused() -> None:
    for wrong, said in (
        ({"url": "jobs.example.com"}, "url must be an address"),
        ({"url": "https://[jobs.example.com"}, "url must be an address"),
        ({"token_url": "https://me:secret@id.example.com/token"}, "token_url must be an address"),
        ({"token_url": "id.example.com"}, "token_url must be an address"),
        ({"client_id": ""}, "client_id must not be empty"),
        ({"client_secret_file": ""}, "one of client_secret_file and certificate"),
        ({"certificate": "b.pem"}, "one of client_secret_file and certificate"),
    ):
        with pytest.raises(ValueError, match=said):
            Settings(**{"url": "https://jobs.example.com", "client_id": "a", "client_secret_file": "s"} | wrong)
