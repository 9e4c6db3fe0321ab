"""`/api/incidents`: which there are, page by page, who has them, and the ticket that a program writes back."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import httpx
import pytest

from jobreport.model.judgement import Verdict
from jobreport.store import Store, open_store
from jobreport.store.registry import audit_log, tenants
from jobs import AUGUST, DAY, job
from serving import READ, WRITE_OWN, App, Server
from strategies import NOW
from verdicts import change, keep

INCIDENTS: Final = "/api/incidents"
CAUSES: Final = {"alpha": "no-space", "beta": "locked", "Gamma": "access-denied"}


@pytest.fixture
def store(server: Server) -> Iterator[Store]:
    with closing(open_store(server.store, migrate=False)) as opened:
        yield opened


@pytest.fixture
def number(app: App, store: Store) -> int:
    """The tenant of the app, of which three series fail. The server finds the same when it judges them."""
    jobs = [
        job(f"{plan}-1", plan=plan, startTime=AUGUST + DAY, state="Failed", cause=cause)
        for plan, cause in CAUSES.items()
    ]
    assert app.write(jobs).status_code == 200
    found = {one["plan"]: one["number"] for one in app.series().json()["series"]}
    with store.reading() as transaction:
        (mine,) = (one.number for one in tenants.list_tenants(transaction) if one.name == tenant_of(app))
    keep(
        store,
        *(
            change(mine, found[plan], Verdict.FAILING, NOW + at, plan=plan, resource="", cause=cause)
            for at, (plan, cause) in enumerate(CAUSES.items())
        ),
    )
    return mine


def tenant_of(app: App) -> str:
    return str(app.document["tenant"])


def ask(app: App, **parameters: Any) -> Any:
    answer = app.server.http.get(INCIDENTS, params=parameters, headers=app.bearer)
    assert answer.status_code == 200, answer.text
    return answer.json()


def plans(app: App, **parameters: Any) -> list[str]:
    found = ask(app, **parameters)
    assert found["totalCount"] == len(found["incidents"])
    return [one["plan"] for one in found["incidents"]]


def put(app: App, name: str, body: Any) -> httpx.Response:
    return app.server.http.put(f"{INCIDENTS}/{name}", json=body, headers=app.bearer)


def test_what_goes_on_is_listed_newest_first_with_all_that_is_known(app: App, number: int) -> None:
    assert plans(app) == ["Gamma", "beta", "alpha"]
    (alpha,) = ask(app, plan="alpha")["incidents"]
    known = {"state": "open", "verdict": "failing", "severity": "error", "cause": "no-space", "heldBy": "", "told": []}
    assert alpha.items() >= known.items()
    assert (alpha["service"], alpha["type"], alpha["closedAt"]) == ("FileShare", "FileBackup", None)


def test_filters_choose_and_pages_follow_one_another(app: App, number: int) -> None:
    assert plans(app, verdict="FAILING") == ["Gamma", "beta", "alpha"]
    assert plans(app, verdict="missed") == []
    assert plans(app, searchText="AM") == ["Gamma"]
    assert plans(app, cause="no-space,timed-out") == ["alpha"]
    assert plans(app, serviceType="VM") == []
    assert plans(app, state="closed,held") == []
    first = ask(app, pageSize=2)
    assert [one["plan"] for one in first["incidents"]] == ["Gamma", "beta"]
    second = ask(app, skiptoken=first["nextLink"])
    assert ([one["plan"] for one in second["incidents"]], second["totalCount"], second["nextLink"]) == (
        ["alpha"],
        3,
        "",
    )
    refused = app.server.http.get(INCIDENTS, params={"verdict": "mised"}, headers=app.bearer)
    assert refused.status_code == 400
    assert "did you mean missed?" in refused.text


def test_a_program_writes_a_ticket_back_and_somebody_takes_it_and_gives_it_back(
    app: App, number: int, store: Store
) -> None:
    (alpha,) = ask(app, plan="alpha")["incidents"]
    (noted,) = put(app, alpha["id"], {"ticket": " T-4711 "}).json()["incidents"]
    assert (noted["ticket"], noted["state"]) == ("T-4711", "open")
    taken = put(app, alpha["id"], {"acknowledged": True, "note": "disk ordered", "until": "2199-01-01T00:00:00Z"})
    assert taken.status_code == 200, taken.text
    assert taken.json()["incidents"][0]["heldBy"] == app.client_id
    assert plans(app, state="held") == ["alpha"]
    (back,) = put(app, alpha["id"], {"acknowledged": False}).json()["incidents"]
    assert (back["state"], back["cameBack"], back["ticket"]) == ("open", f"{app.client_id} released it", "T-4711")
    with store.reading() as transaction:
        log = [(link.action, link.actor) for link in audit_log.links(transaction, number)]
    for action in ("incident.ticket", "series.taken", "series.unmarked"):
        assert (action, f"app:{app.client_id}") in log


def test_what_is_wrong_with_a_change_is_said(app: App, number: int, store: Store) -> None:
    (alpha,) = ask(app, plan="alpha")["incidents"]
    for body, said in (
        ({"tiket": "x"}, "did you mean ticket?"),
        ({"ticket": 5}, "must be a text, not a number"),
        ({"ticket": "x" * 201}, "has 201 characters; at most 200 are taken"),
        ({"acknowledged": "yes"}, "must be true or false"),
        ({"note": "x"}, "is only taken with acknowledged true"),
        ({"acknowledged": True, "until": "2001-01-01T00:00:00Z"}, "it must end in the future"),
        ([], "must be a JSON object"),
    ):
        answer = put(app, alpha["id"], body)
        assert answer.status_code == 400, body
        assert said in answer.text, answer.text
    assert put(app, "none", {"ticket": "x"}).status_code == 404
    assert [one["id"] for one in put(app, alpha["id"], {}).json()["incidents"]] == [alpha["id"]]
    keep(store, change(number, alpha["series"], Verdict.MET, NOW + 9))
    assert put(app, alpha["id"], {"acknowledged": True}).status_code == 409
    assert plans(app, state="closed") == ["alpha"]


def test_who_may_not_learns_and_changes_nothing(app: App, number: int) -> None:
    (alpha,) = ask(app, plan="alpha")["incidents"]
    reader, runner = (app.server.app(tenant_of(app), name) for name in (READ, WRITE_OWN))
    stranger = app.server.app("stranger")
    assert put(reader, alpha["id"], {"ticket": "x"}).status_code == 403
    assert put(runner, alpha["id"], {"ticket": "x"}).status_code == 403
    assert runner.server.http.get(INCIDENTS, headers=runner.bearer).status_code == 403
    assert put(stranger, alpha["id"], {"ticket": "x"}).status_code == 404
    assert plans(stranger) == []
