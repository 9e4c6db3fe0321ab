"""What is in a store: its jobs as they stand, their IDs and their number; and how to empty it."""

from typing import Any

from sqlalchemy import Connection, inspect, text

from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery
from jobreport.store import Store
from jobreport.store.admin.purge import delete_all_jobs
from jobreport.store.registry import tenants


def tenant_name(store: Store, number: int) -> str:
    """The name of the tenant with this number."""
    with store.reading() as transaction:
        found = tenants.by_number(transaction, number)
    assert found is not None
    return found.name


def current_job(store: Store, tenant: int, job_id: str = "FB1") -> Job:
    """The job as it stands."""
    found = store.history(tenant, job_id)
    assert found is not None
    return found.current.job


def list_job_ids(store: Store, tenant: int, **where: Any) -> list[str]:
    """The IDs of all jobs that pass the filters, in the order of the report."""
    page = store.list_jobs(tenant, JobQuery(where=JobFilter(**where), size=10_000))
    assert page.total == len(page.lines)
    assert page.next is None
    return [line.job_id for line in page.lines]


def count_jobs(store: Store, tenant: int, **where: Any) -> int:
    """How many jobs pass the filters."""
    return store.list_jobs(tenant, JobQuery(where=JobFilter(**where))).total


def delete_jobs(store: Store, *numbers: int) -> None:
    """Deletes all jobs of these tenants: a law that looks at the whole store would look at those of each example."""
    for tenant in numbers:
        list(delete_all_jobs(store, tenant))


def rows_of_tables(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, but for the audit log, which has the time of the upgrade."""

    def rows(connection: Connection, name: str) -> list[tuple[object, ...]]:
        return sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=repr)

    with store.reading() as connection:
        names = [
            name
            for name in inspect(connection).get_table_names()
            if not name.startswith(("job_gram", "series_gram", "audit"))
        ]
        return {name: rows(connection, name) for name in names}
