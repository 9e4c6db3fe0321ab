"""`GET /metrics`: what Prometheus is told, whose, and to whom."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from operating import run
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from connecting import connect
from installed import installed
from jobreport.metrics import catalog
from jobs import AUGUST, DAY, MINUTE, job
from serving import METRICS, READ, WRITE_OWN, App, Server, serve

NAMES = {"open\n\"'\\ {}=é", "second"}


def ask(app: App, *pairs: tuple[str, str | int]) -> httpx.Response:
    return app.server.http.get(METRICS, params=[*pairs], headers=app.bearer)


def samples(answer: httpx.Response) -> list[Sample]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]


def values(answer: httpx.Response, name: str, label: str = "") -> dict[str, float]:
    """The values of a metric, by one of its labels."""
    return {one.labels.get(label, ""): one.value for one in samples(answer) if one.name == f"jobreport_{name}"}


def seconds(time: int) -> float:
    return (time - 621_355_968_000_000_000) / 10_000_000


@pytest.fixture
def filled(app: App) -> App:
    plan = min(NAMES)
    answer = app.write(
        [
            job("good", plan=plan, resource="web-1", startTime=AUGUST, serviceType="VM", jobType="Backup"),
            job("second", plan="second", startTime=AUGUST + DAY, serviceType="VM", jobType="Backup"),
            job("bad", plan="second", state="Failed", startTime=AUGUST + 2 * DAY, serviceType="VM", jobType="Backup"),
            job("never", plan="third", state="Failed", startTime=AUGUST, serviceType="VM", jobType="Backup"),
        ]
    )
    assert answer.status_code == 200, answer.text
    return app


def test_jobs_and_series_of_the_tenant_are_told(filled: App, tenant: str) -> None:
    answer = ask(filled)
    assert {one.labels["tenant"] for one in samples(answer)} == {tenant}
    assert values(answer, "jobs", "state") == {"Successful": 2, "Failed": 2}
    assert {(one.labels["service"], one.labels["type"]) for one in samples(answer) if one.name == "jobreport_jobs"} == {
        ("VM", "Backup")
    }
    standing = values(answer, "series", "standing")
    assert standing == {
        "needsYou": 2,
        "well": 0,
        "noRhythm": 1,
        "inHands": 0,
        "notJudged": 0,
        "retired": 0,
        "maintenance": 0,
        "waiting": 0,
    }
    assert values(answer, "series_last_success_timestamp_seconds", "plan") == {
        min(NAMES): seconds(AUGUST + MINUTE),
        "second": seconds(AUGUST + DAY + MINUTE),
        "third": 0,
    }
    assert values(answer, "oldest_good_copy_timestamp_seconds") == {"": seconds(AUGUST + MINUTE)}
    assert values(answer, "last_job_timestamp_seconds") == {"": seconds(AUGUST + 2 * DAY)}
    assert values(answer, "last_report_timestamp_seconds")[""] > seconds(AUGUST) + 10**7
    assert values(answer, "series_not_listed") == {"": 0}


def test_what_is_beyond_the_limit_is_said(filled: App) -> None:
    for limit, there in ((0, set()), (1, {"third"}), (2, {"third", min(NAMES)})):
        answer = ask(filled, ("series", limit))
        assert values(answer, "series_last_success_timestamp_seconds", "plan").keys() == there
        assert values(answer, "series_not_listed") == {"": 3 - limit}
    for wrong in ("-1", "many", "100001"):
        answer = ask(filled, ("series", wrong))
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "series"


def test_an_app_is_told_of_the_tenants_that_it_may_ask_for_and_no_other(filled: App, tenant: str) -> None:
    server = filled.server
    other = server.app(f"{tenant}-other")
    provider = server.provider(tenant, f"{tenant}-other")
    assert values(ask(provider), "series_not_listed", "tenant").keys() == {tenant, f"{tenant}-other"}
    assert values(ask(provider, ("tenant", tenant)), "series_not_listed", "tenant").keys() == {tenant}
    assert values(ask(other), "series_not_listed", "tenant").keys() == {f"{tenant}-other"}
    assert ask(other, ("tenant", tenant)).status_code == 403
    assert not values(ask(provider), "http_requests_total", "route")
    every = server.provider()
    assert {tenant, f"{tenant}-other"} < values(ask(every), "series_not_listed", "tenant").keys()
    assert values(ask(every), "http_requests_total", "route")[METRICS] > 0
    run(server, "tenant", "suspend", f"{tenant}-other")
    assert f"{tenant}-other" not in values(ask(every), "series_not_listed", "tenant")


def test_without_a_token_that_may_read_nothing_is_told(server: Server, tenant: str) -> None:
    assert server.http.get(METRICS).status_code == 401
    assert ask(server.app(tenant, WRITE_OWN)).status_code == 403
    assert ask(server.app(tenant, READ)).status_code == 200


@pytest.fixture(scope="module")
def open_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, httpx.Client]]:
    """A server that tells all on a port of its own, and a client of that port."""
    with serve(tmp_path_factory.mktemp("open"), "--metrics", "127.0.0.1:0") as server:
        (address,) = [line.split()[-1] for line in server.printed.splitlines() if line.startswith("Metrics are told")]
        with connect(f"http://{address}") as http:
            yield server, http


def test_a_port_of_its_own_needs_no_token_and_has_nothing_else(
    open_port: tuple[Server, httpx.Client], tenant: str
) -> None:
    server, http = open_port
    app = server.app(tenant)
    assert app.write([job("FB1", plan="a"), job("FB2", plan="b")]).status_code == 200
    there = http.get(METRICS)
    assert values(there, "jobs", "tenant")[tenant] == 2
    assert values(there, "commit_jobs_sum")[""] >= 2
    assert values(there, "commit_jobs_count")[""] >= 1
    counted = {
        (one.labels["route"], one.labels["status"]): one.value for one in samples(there) if "status" in one.labels
    }
    assert counted["/api/jobs", "200"] == 1
    assert "/api/jobs" in values(there, "http_request_duration_seconds_count", "route")
    assert http.head(METRICS).status_code == 200
    for path in ("/", "/healthz", "/api/search", "/docs"):
        assert http.get(path).status_code == 404
    refused = http.post(METRICS)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert server.http.get(METRICS, headers={"Host": http.base_url.netloc.decode()}).status_code == 401


def test_every_metric_is_in_the_catalog_and_promtool_has_nothing_to_say(
    open_port: tuple[Server, httpx.Client], tenant: str
) -> None:
    server, http = open_port
    assert server.app(tenant).write([job("FB1", plan="a")]).status_code == 200
    text = http.get(METRICS).text
    told = {family.name for family in text_string_to_metric_families(text)}
    known = {one.name for one in catalog.METRICS}
    assert told <= known
    # Without connectors and messages, there is nothing to be told of them.
    assert all("connector" in name or "deliveries" in name for name in known - told)
    promtool = installed("promtool", "prometheus")
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_after_a_restart_all_of_the_store_is_told_at_once(tmp_path: Path, tenant: str) -> None:
    with serve(tmp_path) as server:
        assert server.app(tenant).write([job("FB1", plan="a")]).status_code == 200
        server.process.kill()
    with serve(tmp_path) as server:
        answer = ask(server.provider())
        assert values(answer, "jobs", "tenant") == {tenant: 1}
        assert values(answer, "commit_jobs_sum") == {"": 0}
