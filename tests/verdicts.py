"""Changes of verdicts of series, as those who judge tell them."""

from contextlib import closing
from typing import Any

from sqlalchemy import delete

from jobreport.model.incident import Incident
from jobreport.model.judgement import Change, Verdict
from jobreport.store import Store, open_store
from jobreport.store.db import locks
from jobreport.store.schema.incidents import incident as table
from jobreport.store.watch import incidents as stored
from jobreport.watch import incidents
from strategies import NOW


def change(tenant: int, series: int, verdict: Verdict, at: int, **fields: Any) -> Change:
    """A change of the verdict of a series of its own host; it fails for no known cause unless `fields` say so."""
    whole: dict[str, Any] = {
        "before": Verdict.MET,
        "sentence": f"{verdict} at {at}",
        "cause": "",
        "connector": "",
        "origin": f"runner/web-{series}",
        "service": 8,
        "type": 1024,
        "plan": "nightly",
        "resource": f"web-{series}:/home",
    }
    return Change(tenant=tenant, series=series, verdict=verdict, at=at, **whole | fields)


def incident(tenant: int, name: str, **fields: Any) -> Incident:
    """An incident with this ID: a series that failed."""
    whole: dict[str, Any] = {
        "series": 1,
        "service": 8,
        "type": 1024,
        "plan": "nightly",
        "resource": "web-1",
        "origin": "runner/web-1",
        "connector": "",
        "verdict": Verdict.FAILING,
        "sentence": "it failed",
        "cause": "locked",
        "job": "",
        "opened": NOW,
        "changed": NOW,
    }
    return Incident(tenant=tenant, incident=name, **whole | fields)


def put(url: str, tenant: str, name: str) -> None:
    """Stores such an incident of the first series of a tenant, in the place of one that its server has opened."""
    with closing(open_store(url, migrate=False)) as store:
        number = store.tenant_id(tenant)
        assert number is not None
        with store.writing() as transaction:
            locks.lock(transaction, number)
            transaction.execute(delete(table).where(table.c.tenant == number, table.c.series == 1))
            stored.add(transaction, [incident(number, name)])


def keep(store: Store, *changes: Change) -> None:
    """Keeps changes of one tenant, as those who judge do."""
    with store.writing() as transaction:
        locks.lock(transaction, changes[0].tenant)
        incidents.changed(transaction, changes)
