"""`GET /api/tenants/summary`: one row for each tenant that an app may ask for, by API and command line."""

import json
from typing import Any

import httpx
import pytest
from operating import TENANT, run

from jobreport.model import ticks
from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import REPORT, TENANTS, WRITE_OWN, App, Server, typed, until


def ask(app: App, *pairs: tuple[str, str], **headers: str) -> httpx.Response:
    return app.server.http.get(TENANTS, params=[*pairs], headers={**app.bearer, **headers})


def rows(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found = answer.json()["tenants"]
    assert [one["tenant"] for one in found] == sorted(one["tenant"] for one in found)
    return {one.pop("tenant"): one for one in found}


def judged(found: dict[str, dict[str, Any]], tenant: str) -> dict[str, dict[str, Any]]:
    """The rows, once all series of a tenant are judged; else none."""
    return {} if found[tenant]["standing"]["waiting"] else found


@pytest.fixture
def silent(server: Server, tenant: str) -> App:
    """The app of a tenant that never sent a job."""
    return server.app(f"{tenant}-silent")


@pytest.fixture
def filled(app: App) -> App:
    answer = app.write(
        [
            job("old", plan="a", startTime=AUGUST),
            job("newer", plan="b", startTime=AUGUST + DAY),
            job("bad", plan="b", state="Failed", startTime=AUGUST + 2 * DAY),
            job("worse", plan="c", state="Exception", startTime=AUGUST + 3 * DAY),
            job("alone", startTime=AUGUST + 4 * DAY),
            unfinished("due", "NotStarted", plan="a", startTime=AUGUST + 5 * DAY),
            unfinished("new", "InProgress", plan="d", startTime=AUGUST),
        ]
    )
    assert answer.status_code == 200, answer.text
    return app


def test_a_row_says_how_the_tenant_stands(filled: App, tenant: str) -> None:
    row = rows(ask(filled))[tenant]
    assert row.pop("lastReport") > "2026"
    assert row == {
        "series": 4,
        "notGood": 2,
        "neverGood": 2,
        "oldestLastGood": ticks.to_iso(AUGUST + MINUTE),
        "lastJob": ticks.to_iso(AUGUST + 4 * DAY),
        "standing": {
            "well": 0,
            "needsYou": 3,
            "inHands": 0,
            "notJudged": 1,
            "noRhythm": 0,
            "maintenance": 0,
            "retired": 0,
            "waiting": 0,
        },
    }


def test_a_provider_sees_each_tenant_of_its_own_and_no_other(filled: App, silent: App, tenant: str) -> None:
    server = filled.server
    gone = server.app(f"{tenant}-suspended")
    provider = server.provider(tenant, f"{tenant}-silent", f"{tenant}-suspended")
    run(server, "tenant", "suspend", f"{tenant}-suspended")
    assert gone.client_id
    found = rows(ask(provider))
    assert found.keys() == {tenant, f"{tenant}-silent"}
    assert found[f"{tenant}-silent"] == {
        **dict.fromkeys(("series", "notGood", "neverGood"), 0),
        **dict.fromkeys(("oldestLastGood", "lastJob", "lastReport")),
        "standing": dict.fromkeys(found[tenant]["standing"], 0),
    }
    # The server has series of other tests, and judges only so many at once for who asks.
    every = until(lambda: judged(rows(ask(server.provider())), tenant))
    assert every[tenant] == found[tenant]
    assert f"{tenant}-suspended" not in every
    for asked in (ask(provider, ("tenant", tenant)), ask(provider, **{TENANT: tenant}), ask(filled)):
        assert rows(asked) == {tenant: found[tenant]}
    assert ask(provider, ("tenant", "nobody")).status_code == 403
    assert ask(silent, ("tenant", tenant)).status_code == 403


def test_who_may_not_read_is_told_so_and_other_calls_still_need_the_name(filled: App, tenant: str) -> None:
    assert ask(filled.server.app(tenant, WRITE_OWN)).status_code == 403
    assert filled.server.http.get(TENANTS).status_code == 401
    provider = filled.server.provider(tenant)
    assert filled.server.http.post(REPORT, json={}, headers=provider.bearer).status_code == 400
    assert ask(provider, ("state", "Failed")).json()["errors"][0]["field"] == "state"


def test_the_command_line_tells_the_same_of_a_server_and_of_a_store(filled: App, silent: App, tenant: str) -> None:
    provider = filled.server.provider(tenant, f"{tenant}-silent")
    signed_in = {
        "JOBREPORT_URL": filled.server.url,
        "JOBREPORT_CLIENT_ID": provider.client_id,
        "JOBREPORT_CLIENT_SECRET": provider.secret,
    }
    there = typed("tenant", "summary", "--json", **signed_in)
    assert there.returncode == 0, there.stderr
    assert json.loads(there.stdout) == ask(provider).json()

    def here() -> list[dict[str, Any]]:
        shown = json.loads(typed("tenant", "summary", "--json", "--store", filled.server.store).stdout)["tenants"]
        return [one for one in shown if one["tenant"].startswith(tenant)]

    until(lambda: not any(one["standing"]["waiting"] for one in here()))
    assert here() == json.loads(there.stdout)["tenants"]
    table = typed("tenant", "summary", TZ="UTC", **signed_in).stdout.splitlines()
    words = [line.split() for line in table if line.strip()]
    assert " ".join(words[0]) == "Tenant Series Need somebody Not good Never good Oldest last good Last job"
    assert words[2] == [tenant, "4", "3", "2", "2", "2024-08-22", "16:01", "2024-08-26", "16:00"]
    assert words[3] == [f"{tenant}-silent", "0", "0", "0", "0", "-", "never"]
