"""`GET /backup/vm/jobs`: whose jobs are found, and how a provider names the tenant."""

from typing import Any

import pytest
from written_jobs import list_job_ids, write_jobs

from jobs import job
from serving import App


def test_other_tenants_jobs_are_never_found(app: App, tenant: str) -> None:
    other = app.server.app(f"{tenant}-other")
    write_jobs(app, [job("mine", plan="p", comments="secret words")])
    for parameters in ({}, {"plan": "p"}, {"comments": "secret"}, {"searchText": "mine"}, {"sort": "duration"}):
        assert list_job_ids(other, **parameters) == []
        assert list_job_ids(app, **parameters) == ["mine"]


def test_provider_names_the_tenant_by_parameter_or_by_header(app: App, tenant: str) -> None:
    write_jobs(app, [job("mine")])
    other = app.server.app(f"{tenant}-other")
    write_jobs(other, [job("theirs")])
    provider = app.server.provider(tenant, f"{tenant}-other")
    assert list_job_ids(provider, tenant=tenant) == ["mine"]
    assert list_job_ids(provider, tenant=f"{tenant}-other") == ["theirs"]
    header = {**provider.bearer, "Jobreport-Tenant": tenant}
    answer = app.server.http.get("/backup/vm/jobs", headers=header)
    assert [one["jobId"] for one in answer.json()["jobs"]] == ["mine"]
    assert list_job_ids(app, tenant=tenant) == ["mine"]
    for asked, status in (({}, 400), ({"tenant": "nobody"}, 403), ({"tenant": ["a", "b"]}, 400)):
        assert ((got := provider.find(**asked)).status_code, "parameter tenant" in got.text) == (status, status == 400)
    assert app.find(tenant=f"{tenant}-other").status_code == 403
    assert app.server.http.get("/backup/vm/jobs", params={"tenant": tenant}, headers=header).status_code == 400


@pytest.mark.parametrize(
    ("parameters", "header", "faults"),
    [
        ({}, "", {"tenant": "is required: this app may ask for several tenants"}),
        ({"tenant": "nobody"}, "", {"tenant": "must be a tenant that this app may ask for"}),
        ({}, "nobody", {"Jobreport-Tenant": "must be a tenant that this app may ask for"}),
        ({"tenant": ["a", "b"]}, "", {"tenant": "must be the only one that names the tenant"}),
        (
            {"tenant": "a"},
            "a",
            dict.fromkeys(("Jobreport-Tenant", "tenant"), "must be the only one that names the tenant"),
        ),
    ],
    ids=str,
)
def test_refused_tenant_is_named_by_the_field_that_names_it(
    app: App, tenant: str, parameters: dict[str, Any], header: str, faults: dict[str, str]
) -> None:
    provider = app.server.provider(tenant)
    more = {"Jobreport-Tenant": header} if header else {}
    answer = app.server.http.get("/backup/vm/jobs", params=parameters, headers={**provider.bearer, **more})
    assert {fault["field"]: fault["message"] for fault in answer.json()["errors"]} == faults
    for field in faults:
        assert f"{field}: " in answer.json()["errorModel"]["message"]


def test_token_of_one_tenant_of_a_provider_is_none_of_another(app: App, tenant: str) -> None:
    names = (tenant, f"{tenant}-other")
    for name in names:
        write_jobs(app.server.app(name), [job(f"{n}") for n in range(3)])
    provider = app.server.provider(*names)
    token = provider.find(tenant=tenant, pageSize=1).json()["nextLink"]
    assert provider.find(tenant=tenant, skiptoken=token).status_code == 200
    assert provider.find(tenant=f"{tenant}-other", skiptoken=token).status_code == 400
