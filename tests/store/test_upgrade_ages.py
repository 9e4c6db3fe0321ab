"""Ages that were agreed with tenants become expectations when a store is upgraded, and count as before."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from version_0001 import make

from jobreport.model import ticks
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.expectation import NAME
from jobreport.store import open_store
from jobreport.store.db import engine
from jobreport.store.registry import tenants

HOUR = 3600 * ticks.PER_SECOND
RULES = f'[{{"service":8,"pattern":"","age":{8 * HOUR}}},{{"service":0,"pattern":"laptop-*","age":{14 * HOUR}}}]'


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path}/jobs.db"


def test_agreed_ages_become_expectations(store_url: str) -> None:
    make(store_url, "0021")
    opened = engine.make_engine(engine.parse(store_url))
    with engine.writing(opened) as connection:
        agree = text("UPDATE tenant SET max_age = :age, age_rules = :rules WHERE tenant = 1")
        connection.execute(agree, {"age": 26 * HOUR, "rules": RULES})
    opened.dispose()
    with closing(open_store(store_url, migrate=True)) as store, store.reading() as transaction:
        acme, other = (tenants.by_number(transaction, number) for number in (1, 2))
    assert acme
    assert other
    assert (other.own, other.missed_jobs) == ((), True)

    def age(service: ServiceType, plan: str) -> int:
        found = acme.ages.agreed(int(service), int(JobType.FileBackup), plan, "", "")
        return found.age // HOUR if found else 0

    kinds = [(ServiceType.FileShare, "x"), (ServiceType.VM, "laptop-7"), (ServiceType.VM, "x")]
    assert [age(*one) for one in kinds] == [8, 14, 26]
    assert acme.ages.tenant == 26 * HOUR
    assert all(re.fullmatch(NAME, one.name) for one in acme.own)
