"""No statement that answers or stores lacks the tenant: what is recorded of them is all of them, and is judged well."""

import itertools

import pytest
from example_jobs import done, running
from statements import EXEMPT, TABLES, Recorded, unbound

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import JobFilter, JobQuery, Sort
from jobreport.model.summary import Key, More, SummaryQuery
from jobreport.store import Store
from jobreport.store.query import costs
from jobreport.store.query.summaries import summary
from strategies import NOW

NARROWED = [
    "SELECT job.job_id FROM job INDEXED BY job_filed WHERE job.tenant = ? AND job.filed >= ?",
    "SELECT count(*) FROM job_count WHERE tenant = ?",
    "SELECT job.size FROM (SELECT job.job_id AS job_id FROM job WHERE job.tenant = ? LIMIT ?) AS page"
    " JOIN job ON job.tenant = ? AND job.job_id = page.job_id"
    " LEFT OUTER JOIN subject ON subject.tenant = job.tenant AND subject.subject = job.subject",
    "SELECT job.job_id FROM job WHERE job.tenant = ?"
    " AND job.subject IN"
    " (SELECT subject.subject FROM subject WHERE subject.tenant = ? AND instr(subject.folded, ?) > 0)",
    "UPDATE job SET filed = ? WHERE job.tenant = ? AND job.job_id = ?",
    "DELETE FROM subject WHERE subject.tenant = ? AND NOT (EXISTS"
    " (SELECT job.job_id FROM job WHERE job.tenant = subject.tenant AND job.subject = subject.subject))",
    "INSERT INTO job_count (tenant, day, jobs) VALUES (?, ?, ?)"
    " ON CONFLICT (tenant, day) DO UPDATE SET jobs = (job_count.jobs + excluded.jobs)",
    "SELECT app.name FROM app WHERE app.client_id = ?",
]
NOT_NARROWED = [
    "SELECT job.job_id FROM job WHERE job.filed >= ?",
    "SELECT job.job_id FROM job WHERE job.tenant = ? OR job.filed >= ?",
    "SELECT job.job_id FROM job WHERE NOT job.tenant = ?",
    "SELECT job.job_id FROM job WHERE job.tenant >= ?",
    "SELECT job.job_id FROM job WHERE job.tenant = job.tenant",
    "SELECT job.size FROM job JOIN subject ON subject.subject = job.subject WHERE job.tenant = ?",
    "SELECT subject.folded FROM job LEFT JOIN subject ON job.tenant = ? AND subject.tenant = job.tenant",
    "SELECT job.job_id FROM job WHERE job.tenant = ?"
    " AND job.subject IN (SELECT subject.subject FROM subject WHERE instr(subject.folded, ?) > 0)",
    "SELECT job.job_id FROM job WHERE job.tenant = ? UNION SELECT job_version.job_id FROM job_version",
    "UPDATE job SET filed = ? WHERE job.job_id = ?",
    "DELETE FROM job_count",
    "DELETE FROM subject WHERE NOT (EXISTS (SELECT job.job_id FROM job WHERE job.tenant = subject.tenant))",
    "INSERT INTO job_count (day, jobs) VALUES (?, ?)",
    "SELECT audit.detail FROM audit WHERE audit.number = ?",
]


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_a_statement_without_the_tenant_is_found_and_no_other(dialect: str) -> None:
    for sql in NARROWED:
        assert unbound(dialect, sql if dialect == "sqlite" else sql.replace("INDEXED BY job_filed ", "")) == (), sql
    for sql in NOT_NARROWED:
        assert unbound(dialect, sql), sql


def test_every_table_of_tenants_is_looked_at_and_the_exceptions_are_few() -> None:
    assert {"job", "job_count", "job_version", "subject", "audit", "audit_head"} <= TABLES
    assert len(EXEMPT) == 11


def test_every_way_to_a_database_is_recorded(store: Store, tenant: int, statements: Recorded) -> None:
    store.record(tenant, [done(f"FB{number}") for number in range(60)])  # on PostgreSQL, a copy
    store.record(tenant, [done("FB1", observed=NOW + 1, comments="again")])
    dialect = statements[0][0]
    assert ("COPY job (" if dialect == "postgres" else "INSERT INTO job (") in "\n".join(sql for _, sql in statements)
    statements.clear()
    if store.list_at_once(tenant, JobQuery()) is not None:
        assert any("FROM job " in sql for _, sql in statements)
    statements.clear()
    assert store.history(tenant, "FB1") is not None
    assert {"job", "job_version"} <= {word for _, sql in statements for word in sql.split()}


def test_no_question_of_any_shape_lacks_the_tenant(store: Store, tenant: int, statements: Recorded) -> None:
    store.record(tenant, [*(done(f"FB{number}", start=NOW - number) for number in range(40)), running("run")])
    statements.clear()
    asked = 0
    for services, types, states, since, search, page in itertools.product(
        ((), (ServiceType.FileShare,), (ServiceType.FileShare, ServiceType.VM)),
        ((), (JobType.FileBackup,)),
        ((), (JobState.Successful,), (JobState.InProgress,), (JobState.InProgress, JobState.Failed)),
        (None, NOW - 30),
        ("", "fb1", "f", "ÜBER", "%"),
        (0, 2),
    ):
        where = JobFilter(
            services=services, types=types, states=states, since=since, until=since and NOW, search=search
        )
        for descending in (True, False):
            query = JobQuery(where=where, sort=Sort(descending=descending), page=page, size=5)
            store.list_jobs(tenant, query)
            store.list_at_once(tenant, query)
        asked += 1
    assert asked == 480
    texts = {sql for _, sql in statements}
    assert len(texts) > 50
    assert not {sql for sql in texts if unbound(statements[0][0], sql)}


def test_no_summary_of_any_shape_lacks_the_tenant(store: Store, tenant: int, statements: Recorded) -> None:
    store.record(tenant, [*(done(f"FB{number}", start=NOW - number) for number in range(40)), running("run")])
    statements.clear()
    filters = (JobFilter(), JobFilter(search="fb1"), JobFilter(plans=("p",)), JobFilter(comments="x", min_failed=1))
    for by, more, where, few in itertools.product(
        itertools.combinations(Key, 2), ((), tuple(More)), filters, (0, costs.FEW)
    ):
        query = SummaryQuery(by=by, zone="Asia/Tokyo", more=more, where=where)
        with store.reading() as connection:
            summary.find(connection, tenant, query, NOW, few=few)
    texts = {sql for _, sql in statements}
    assert len(texts) > 50
    assert not {sql for sql in texts if unbound(statements[0][0], sql)}
