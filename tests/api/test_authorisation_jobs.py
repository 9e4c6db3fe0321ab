"""Whose jobs an app may read and write: its own, its tenant's, those of each tenant that it is for; and no others."""

import pytest
from operating import TENANT

from jobs import job, unfinished
from serving import JOBS, READ, READ_WRITE, REPORT, WRITE_OWN, App, Server


def test_other_tenant_sees_and_changes_nothing(app: App, tenant: str) -> None:
    other = app.server.app(f"{tenant}-other")
    app.write(job("mine", comments="secret words"))
    assert other.report().json() == {"totalCount": 0, "jobs": []}
    assert other.show("mine").status_code == 404
    assert other.write(unfinished("mine", "InProgress")).json()["created"] == 1
    assert app.show("mine").json()["comments"] == "secret words"
    assert app.show("mine").json()["versions"] == []


def test_unknown_job_and_a_job_of_another_tenant_answer_alike(app: App, tenant: str) -> None:
    other = app.server.app(f"{tenant}-other")
    app.write(job("mine"))
    fields = [{**other.show(name).json(), "requestId": "", "timestamp": ""} for name in ("mine", "nothing")]
    assert fields[0] == fields[1]


def test_a_job_id_of_another_tenant_tells_no_writer_that_there_is_such_a_job(app: App, tenant: str) -> None:
    app.write(job("mine", comments="as it was"))
    other = app.server.app(f"{tenant}-other")
    runner = app.server.app(f"{tenant}-other", WRITE_OWN)
    for writer, names in ((runner, ("mine", "nothing")), (other, ("mine", "nothing"))):
        answers = [writer.write(job(name)) for name in names]
        said = [(answer.status_code, {**answer.json(), "jobIds": ""}) for answer in answers]
        assert said[0] == said[1]
    # What the first of them wrote is the other tenant's own by now, and no one else's.
    assert other.show("mine").json()["reportedBy"] == runner.client_id
    assert app.show("mine").json()["comments"] == "as it was"
    assert app.show("mine").json()["reportedBy"] == app.client_id


def test_reporting_app_writes_its_own_jobs_and_reads_none(app: App, tenant: str) -> None:
    runner = app.server.app(tenant, WRITE_OWN)
    assert runner.write(unfinished("own", "InProgress")).json()["created"] == 1
    assert runner.write(job("own")).json()["updated"] == 1
    assert runner.report().status_code == 403
    assert runner.show("own").status_code == 403
    assert app.show("own").json()["reportedBy"] == runner.client_id


@pytest.mark.parametrize("batch", [False, True])
def test_reporting_app_may_not_write_another_apps_job_and_nothing_is_stored(app: App, tenant: str, batch: bool) -> None:
    runner, other = app.server.app(tenant, WRITE_OWN), app.server.app(tenant, WRITE_OWN)
    app.write(job("theirs", comments="as it was"))
    other.write(job("others", comments="as it was"))
    for name in ("theirs", "others"):
        document = job(name, comments="overwritten")
        answer = runner.write([job("new"), document] if batch else document)
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["field"] == ("[1].jobId" if batch else "jobId")
        assert app.show(name).json()["comments"] == "as it was"
    assert sorted(app.found()) == ["others", "theirs"]


def test_identical_report_of_another_apps_job_is_refused_too(app: App, tenant: str) -> None:
    app.write(job("theirs", observedAt="2024-09-01T00:00:00Z"))
    runner = app.server.app(tenant, WRITE_OWN)
    assert runner.write(job("theirs", observedAt="2024-09-01T00:00:00Z")).status_code == 403
    assert runner.write(unfinished("theirs", "InProgress")).status_code == 403


def test_app_that_may_read_and_write_updates_any_job_of_the_tenant(app: App, tenant: str) -> None:
    runner = app.server.app(tenant, WRITE_OWN)
    runner.write(unfinished("runners", "InProgress"))
    assert app.write(job("runners")).json()["updated"] == 1
    assert app.show("runners").json()["reportedBy"] == runner.client_id


def test_token_for_fewer_permissions_than_granted_may_do_no_more(app: App, tenant: str) -> None:
    both = app.server.app(tenant, READ_WRITE, READ)
    asked = both.server.ask_token(client_id=both.client_id, client_secret=both.secret, scope=READ)
    header = {"Authorization": f"Bearer {asked.json()['access_token']}"}
    assert both.server.http.post(REPORT, json={}, headers=header).status_code == 200
    assert both.server.http.post(JOBS, json=[], headers=header).status_code == 403


def test_the_error_of_a_missing_header_names_it(server: Server, app: App, tenant: str) -> None:
    provider = server.provider(tenant)
    answer = provider.report()
    assert (answer.status_code, TENANT in answer.json()["detail"]) == (400, True)
    (fault,) = answer.json()["errors"]
    assert fault == {"field": TENANT, "message": "is required: this app may ask for several tenants"}
    assert provider.report(**{TENANT: tenant}).status_code == 200


def test_a_providers_app_reads_and_writes_for_each_of_its_tenants_alone(server: Server, app: App, tenant: str) -> None:
    other = server.app(f"{tenant}-other")
    provider = server.provider(tenant, f"{tenant}-other")
    for name in (tenant, f"{tenant}-other"):
        assert provider.write(job(f"of {name}"), **{TENANT: name}).json()["created"] == 1
        (found,) = provider.report(**{TENANT: name}).json()["jobs"]
        assert found["jobId"] == f"of {name}"
    assert (app.found(), other.found()) == ([f"of {tenant}"], [f"of {tenant}-other"])
    assert app.show(f"of {tenant}-other").status_code == 404
