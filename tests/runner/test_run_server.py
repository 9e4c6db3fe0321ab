"""Runs against the real server: what becomes of them in the report, and what the client reads of it."""

import subprocess
from pathlib import Path

import pytest

from jobreport.client import JobReportClient, RequestRefusedError, SignInRefusedError
from jobreport.model.catalog import JobState
from runs import Place
from serving import PATIENCE, READ, WRITE_OWN, App, Server, typed, until


def place_for(app: App, folder: Path) -> Place:
    """A place from which runs report as `app`."""
    place = Place(folder, app.server.url)
    place.environment |= {"JOBREPORT_CLIENT_ID": app.client_id, "JOBREPORT_CLIENT_SECRET": app.secret}
    return place


def test_a_run_is_in_the_report_while_it_runs_and_when_it_has_ended(app: App, tmp_path: Path) -> None:
    place = place_for(app, tmp_path)
    with JobReportClient(app.server.url, app.client_id, app.secret) as client:
        with place.start("run", "--plan", "Größe", "--", "sh", "-c", "read x; exit 2", stdin=subprocess.PIPE) as run:
            (job,) = until(lambda: client.report({"searchText": "grösse"}).jobs)
            assert (job.state, job.finish_time) == (JobState.InProgress, 0)
            run.communicate(b"\n", timeout=PATIENCE)
        (ended,) = client.iter_report({})
    assert run.returncode == 2
    assert (ended.job_id, ended.state, ended.failed_count) == (job.job_id, JobState.Failed, 1)
    assert ended.duration == ended.finish_time - ended.start_time > 0
    kept = app.show(job.job_id).json()
    assert kept["plan"] == "Größe"
    assert kept["raw"]["exitCode"] == 2


def test_a_runner_needs_no_more_than_to_report_its_own(server: Server, tenant: str, tmp_path: Path) -> None:
    runner = server.app(tenant, WRITE_OWN)
    done = place_for(runner, tmp_path).call("run", "--", "true")
    assert (done.returncode, done.stderr) == (0, b"")
    with JobReportClient(server.url, runner.client_id, runner.secret) as client, pytest.raises(SignInRefusedError):
        client.report({})
    assert len(server.app(tenant).found()) == 1


def test_a_providers_runner_reports_for_the_tenant_that_it_names(server: Server, tenant: str, tmp_path: Path) -> None:
    app, provider = server.app(tenant), server.provider(tenant, f"{tenant}-2", make=(f"{tenant}-2",))
    place = place_for(provider, tmp_path)
    done = place.call("run", "--tenant", tenant, "--", "true")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(app.found()) == 1
    with JobReportClient(server.url, provider.client_id, provider.secret, tenant=tenant) as client:
        assert client.report({}).total_count == 1
    nameless = JobReportClient(server.url, provider.client_id, provider.secret)
    with nameless as client, pytest.raises(RequestRefusedError, match="Jobreport-Tenant"):
        client.report({})


def test_the_tenant_may_be_set_by_the_environment(server: Server, tenant: str, tmp_path: Path) -> None:
    app, provider = server.app(tenant), server.provider(tenant, f"{tenant}-2", make=(f"{tenant}-2",))
    done = place_for(provider, tmp_path).call("run", "--", "true", env={"JOBREPORT_TENANT": tenant})
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(app.found()) == 1


def test_a_providers_report_without_a_tenant_or_with_a_wrong_one_waits_for_the_right_one(
    server: Server, tenant: str, tmp_path: Path
) -> None:
    app, provider = server.app(tenant), server.provider(tenant, f"{tenant}-2", make=(f"{tenant}-2",))
    place = place_for(provider, tmp_path)
    nameless = place.call("run", "--", "true")
    assert nameless.returncode == 0
    assert b"--tenant: is required: this app may ask for several tenants" in nameless.stderr
    assert b"jobreport spool redirect FB" in nameless.stderr
    assert place.call("flush").returncode == 1
    assert len(place.spooled()) == 1
    # The next run on this machine may be of another customer, who must not get it.
    assert place.call("run", "--tenant", f"{tenant}-2", "--", "true").returncode == 0
    assert len(place.spooled()) == 1
    assert place.call("flush", env={"JOBREPORT_TENANT": tenant}).returncode == 0
    assert len(app.found()) == 1
    assert (
        b"--tenant: must be a tenant that this app may ask for"
        in place.call("run", "--tenant", "nobody", "--", "true").stderr
    )
    (report,) = place.spooled()
    redirected = place.call("spool", "redirect", report.stem, "--tenant", tenant)
    assert redirected.returncode == 0, redirected.stderr
    assert place.call("flush").returncode == 0
    assert len(app.found()) == 2
    assert not place.spooled()


def test_an_app_that_gets_its_permission_later_loses_no_report(server: Server, tenant: str, tmp_path: Path) -> None:
    place = place_for(server.app(tenant, READ), tmp_path)
    done = place.call("run", "--", "true")
    assert done.returncode == 0
    assert b"This needs the permission" in done.stderr
    assert len(place.spooled()) == 1
    writer = server.app(tenant)
    place.environment |= {"JOBREPORT_CLIENT_ID": writer.client_id, "JOBREPORT_CLIENT_SECRET": writer.secret}
    assert place.call("flush", "--any-client").returncode == 0
    assert len(writer.found()) == 1


def test_a_report_for_a_suspended_tenant_waits_until_it_is_resumed(app: App, tenant: str, tmp_path: Path) -> None:
    place = place_for(app, tmp_path)
    assert typed("tenant", "suspend", tenant, "--store", app.server.store).returncode == 0
    until(lambda: app.server.ask_token(client_id=app.client_id, client_secret=app.secret).status_code == 400)
    done = place.call("run", "--", "true")
    assert done.returncode == 0
    assert b"the tenant of this app is suspended" in done.stderr
    assert typed("tenant", "resume", tenant, "--store", app.server.store).returncode == 0
    assert place.call("flush").returncode == 0
    until(lambda: app.report().status_code == 200)
    assert len(app.found()) == 1


def test_every_page_is_walked(app: App, tmp_path: Path) -> None:
    place = place_for(app, tmp_path)
    for _ in range(3):
        place.call("run", "--", "true")
    with JobReportClient(app.server.url, app.client_id, app.secret) as client:
        found = [job.job_id for job in client.iter_report({}, page_size=2)]
        assert client.report({"pagination": {"pageSize": 1}}).total_count == 3
        with pytest.raises(RequestRefusedError) as refused:
            client.report({"serviceType": "VM"})
    assert found == app.found()
    assert [error.field for error in refused.value.errors] == ["serviceType"]


def test_a_wrong_secret_leaves_the_report_for_the_right_one(app: App, tmp_path: Path) -> None:
    place = place_for(app, tmp_path)
    done = place.call("run", "--", "true", env={"JOBREPORT_CLIENT_SECRET": "not-the-one"})
    assert done.returncode == 0
    assert b"not-the-one" not in done.stderr
    assert len(place.spooled()) == 1
    assert place.call("flush").returncode == 0
    assert len(app.found()) == 1
