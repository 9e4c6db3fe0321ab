"""The clients' calls for incidents: which go on, who has one, and the ticket that is written back."""

from contextlib import closing
from typing import Any

import pytest

from jobreport.client import IncidentChange, RequestRefusedError
from jobreport.model.judgement import Verdict
from jobreport.store import open_store
from jobreport.store.registry import tenants
from jobs import AUGUST, DAY, job
from serving import App
from strategies import NOW
from verdicts import change, keep


@pytest.fixture
def failing(app: App, tenant: str) -> App:
    jobs = [job(f"{plan}-1", plan=plan, startTime=AUGUST + DAY, state="Failed") for plan in ("a", "b", "c")]
    assert app.write(jobs).status_code == 200
    numbers = {one["plan"]: one["number"] for one in app.series().json()["series"]}
    with closing(open_store(app.server.store, migrate=False)) as store:
        with store.reading() as transaction:
            found = tenants.find(transaction, tenant)
        assert found
        changes = [
            change(found.number, series, Verdict.FAILING, NOW + series, plan=plan, resource="")
            for plan, series in numbers.items()
        ]
        keep(store, *changes)
    return app


def test_incidents_are_listed_walked_and_changed(failing: App, asking: Any) -> None:
    page = asking.find_incidents([("pageSize", "2")])
    assert (page.total_count, len(page.incidents), bool(page.next_link)) == (3, 2, True)
    assert sorted(one.plan for one in asking.incidents([("pageSize", "1")])) == ["a", "b", "c"]
    first = page.incidents[0]
    said = IncidentChange(ticket="T-4711", acknowledged=True, note="disk ordered")
    (now,) = asking.change_incident(first.id, said).incidents
    assert (now.id, now.state, now.ticket) == (first.id, "held", "T-4711")
    assert [one.id for one in asking.incidents([("state", "held")])] == [first.id]
    (now,) = asking.change_incident(first.id, IncidentChange(acknowledged=False)).incidents
    assert now.state == "open"
    with pytest.raises(RequestRefusedError) as raised:
        asking.change_incident("none", IncidentChange(ticket="T-1"))
    assert raised.value.status == 404
