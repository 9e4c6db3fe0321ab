"""A client that another maker's tool writes from the running server's own document, and what it then reads there."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jobs import AUGUST, MINUTE, job, unfinished
from serving import READ_WRITE, App, Server

NAME = "generated_jobreport"


@pytest.fixture(scope="module")
def generated(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Imports a module of the generated package."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_bytes(server.http.get("/openapi.json").content)
    # Without its hooks, which format what nobody will read.
    (folder / "config.yaml").write_text("post_hooks: []\n")
    tool = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none"]
    files = ["--path", folder / "openapi.json", "--config", folder / "config.yaml", "--output-path", folder / NAME]
    done = subprocess.run([*tool, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    # It knows no NDJSON, and leaves out that one way of writing; nothing else may be beyond it.
    assert done.stderr.count("WARNING") == 1, done.stderr
    assert "Unsupported content type application/x-ndjson" in done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)

        def module(name: str) -> ModuleType:
            return importlib.import_module(f"{NAME}{name}")

        yield module
        for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
            del sys.modules[name]


@pytest.fixture
def filled(app: App) -> App:
    answer = app.write(
        [
            job("ok", serviceType="VM", jobType="Backup", startTime=AUGUST, successfulCount=3, totalCount=3),
            job("bad", serviceType="AKS", state="Failed", startTime=AUGUST + MINUTE, failedCount=2, comments="ß"),
            unfinished("run", "InProgress", serviceType="EntraExternalID", startTime=AUGUST + 2 * MINUTE),
        ]
    )
    assert answer.status_code == 200
    return app


@pytest.fixture
def client(generated: Any, filled: App) -> Any:
    return generated("").AuthenticatedClient(base_url=filled.server.url, token=filled.token)


def test_it_signs_in_with_the_documented_form(generated: Any, filled: App) -> None:
    form = generated(".models").TokenForm(
        grant_type="client_credentials", client_id=filled.client_id, client_secret=filled.secret, scope=READ_WRITE
    )
    answer = generated(".api.sign_in.connect_token").sync(
        client=generated("").Client(base_url=filled.server.url), body=form
    )
    assert (answer.token_type, answer.expires_in, answer.scope) == ("Bearer", 3600, READ_WRITE)


def test_it_reads_generation_1(generated: Any, client: Any) -> None:
    ask, models = generated(".api.job_report.public_api_get_all_job_details").sync, generated(".models")
    everything = ask(client=client, body=models.ReportJobRequestModel())
    assert [one.job_id for one in everything.jobs] == ["run", "bad", "ok"]
    body = models.ReportJobRequestModel(
        start_time=AUGUST,
        service_type=models.ProductModel.VM,
        job_type=models.JobType.BACKUP,
        pagination=models.PaginationModel(page_number=0, page_size=5),
    )
    (found,) = ask(client=client, body=body).jobs
    assert (found.state, found.start_time, found.duration) == (models.CommonStatus.SUCCESSFUL, AUGUST, MINUTE)
    assert (found.successful_count, found.total_count) == (3, 3)


def test_it_reads_generation_2(generated: Any, client: Any) -> None:
    find = generated(".api.job_report.backup_jobs_find")
    models = generated(".models")
    states = models.CommonStatus
    page = find.sync(client=client, state=[states.FAILED, states.IN_PROGRESS], sort=models.BackupJobsFindSort.START)
    assert [one.job_id for one in page.jobs] == ["bad", "run"]
    bad, running = page.jobs
    assert (bad.status, bad.comments, bad.duration) == (models.CommonStatus.FAILED, "ß", "00:01:00")
    assert bad.start_time == datetime(2024, 8, 22, 16, 1, 48, tzinfo=UTC)
    assert running.finish_time == datetime(1, 1, 1, tzinfo=UTC)
    first = find.sync(client=client, page_size=2)
    second = find.sync(client=client, page_size=2, skiptoken=first.next_link)
    assert [one.job_id for one in (*first.jobs, *second.jobs)] == ["run", "bad", "ok"]
    assert second.next_link == ""


def test_its_errors_are_the_documented_ones(generated: Any, client: Any, filled: App) -> None:
    find, models = generated(".api.job_report.backup_jobs_find"), generated(".models")
    refused = find.sync(client=client, page_size=10_001)
    assert isinstance(refused, models.Generation2Problem)
    assert [error.field for error in refused.errors] == ["pageSize"]
    assert refused.error_model.code == "BadRequest"
    stranger = generated("").AuthenticatedClient(base_url=filled.server.url, token="none")
    assert find.sync(client=stranger).status == 401
    report = generated(".api.job_report.public_api_get_all_job_details")
    assert report.sync(client=stranger, body=models.ReportJobRequestModel()).status == 401
