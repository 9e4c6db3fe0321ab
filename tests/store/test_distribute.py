"""A store is spread over the nodes of a Citus cluster: with all that it holds, once, and only where there is one."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from example_jobs import done, running
from psycopg.conninfo import conninfo_to_dict
from store_contents import list_job_ids
from version_0001 import JOBS, make

import citus
import postgres
from jobreport.store import Store, UnusableStoreError, open_store
from jobreport.store.admin.check import check
from jobreport.store.admin.distribute import distribute
from jobreport.store.db.citus import change_shards_in_turn
from serving import typed
from strategies import NOW

on_a_cluster = pytest.mark.skipif(not citus.GIVEN, reason=f"{citus.URL} names no cluster")

PLACES = """
SELECT table_name::text, citus_table_type, colocation_id, pg_relation_size(table_name) FROM citus_tables
WHERE citus_table_type = %s ORDER BY 1
"""
# The tables of a store of any version, each after those to which it has foreign keys, and whether they are a tenant's.
TABLES = """
SELECT relname, attname = 'tenant' AND relname <> 'tenant' FROM pg_class
JOIN pg_index ON indrelid = pg_class.oid AND indisprimary
JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
WHERE relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
ORDER BY relname <> 'tenant', relname <> 'app', 1
"""
# What migrations do, in one transaction.
CHANGES = [
    "SELECT count(*) FROM job",
    "ALTER TABLE job ADD COLUMN weight bigint",
    "UPDATE job SET weight = size",
    "ALTER TABLE job ALTER COLUMN weight SET NOT NULL",
    "ALTER TABLE job RENAME COLUMN weight TO mass",
    "CREATE INDEX job_mass ON job (tenant, mass)",
    "ALTER INDEX job_pkey RENAME TO job_key",
    "CREATE TABLE fresh (tenant integer PRIMARY KEY, jobs bigint)",
    "INSERT INTO fresh SELECT tenant, count(*) FROM job GROUP BY tenant",
    "ALTER TABLE tenant ADD COLUMN colour text",
    "ALTER TABLE app ADD COLUMN every boolean DEFAULT false NOT NULL",
    "ALTER TABLE job DROP COLUMN mass",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX job_part ON job USING gin (lower(job_id) gin_trgm_ops)",
]


@pytest.fixture
def cluster() -> Iterator[str]:
    """A database without a table in it, over the nodes of the cluster."""
    with citus.database(citus.GIVEN) as url:
        yield citus.few_shards(url)


@pytest.fixture
def coordinator() -> Iterator[str]:
    """A database of which no other node knows."""
    with postgres.database(citus.GIVEN) as url:
        execute(url, "CREATE EXTENSION citus")
        yield url


def execute(url: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        found = connection.execute(statement, values)
        return found.fetchall() if found.description else []


def filled(store: Store) -> list[int]:
    """The numbers of tenants that have jobs, some of them with earlier versions."""
    tenants = [store.tenant_id(f"tenant {number}", create=True) or 0 for number in range(5)]
    for tenant in tenants:
        store.record(tenant, [*(done(f"FB{number}") for number in range(20)), running("last", heartbeat=60)])
        store.record(tenant, [running("FB21", observed=NOW + 1)])
    return tenants


@pytest.mark.parametrize("kind", ["file", "database"])
def test_a_store_that_is_on_no_cluster_is_refused_in_a_sentence(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db" if kind == "file" else request.getfixturevalue("migrated")
    if kind == "file":
        open_store(url).close()
    refused = typed("migrate", "--distribute", "--store", url)
    assert (refused.returncode, refused.stdout) == (1, "The store is up to date.\n")
    assert refused.stderr.startswith("jobreport: only a store on a Citus cluster can be distributed")
    assert typed("migrate", "--store", url).returncode == 0


@on_a_cluster
def test_the_command_says_what_it_did_and_a_later_one_that_nothing_was_to_do(cluster: str) -> None:
    first, again, plain = (
        typed("migrate", *words, "--store", cluster) for words in (["--distribute"], ["--distribute"], [])
    )
    _, split, copied = first.stdout.splitlines()
    of_tenants = set(split.removeprefix("Split by tenant: ").removesuffix(".").split(", "))
    assert of_tenants >= {"audit", "cause", "connector", "job", "job_count", "job_version", "series", "subject"}
    assert set(copied.removeprefix("On every node: ").removesuffix(".").split(", ")) == {
        "app",
        "app_certificate",
        "app_secret",
        "app_tenant",
        "assertion",
        "backfill",
        "inbox",
        "operator",
        "operator_failure",
        "operator_link",
        "operator_session",
        "operator_tenant",
        "outage",
        "ping_key",
        "pulse",
        "refusal",
        "sign_in",
        "signing_key",
        "tenant",
        "wall",
    }
    assert again.stdout.splitlines()[1:] == ["Every table is distributed already."]
    assert plain.stdout.splitlines()[1:] == []


@on_a_cluster
def test_a_store_that_has_jobs_keeps_them_and_a_tenants_are_together(cluster: str) -> None:
    with closing(open_store(cluster, migrate=True)) as store:
        tenants = filled(store)
        before = [list_job_ids(store, tenant) for tenant in tenants], check(store)
        distribute(store)
        assert ([list_job_ids(store, tenant) for tenant in tenants], check(store)) == before
        filled(store)
        assert check(store).sound
    split, copied = execute(cluster, PLACES, "distributed"), execute(cluster, PLACES, "reference")
    assert len({colocation for _, _, colocation, _ in split}) == 1
    assert {size for *_, size in [*split, *copied]} == {0}, "the coordinator has rows that nobody sees"


@on_a_cluster
def test_a_table_that_a_later_version_adds_is_distributed_by_its_migration(cluster: str) -> None:
    with closing(open_store(cluster, migrate=True)) as store:
        tenants = filled(store)
        distribute(store)
        before = [list_job_ids(store, tenant) for tenant in tenants]
        execute(cluster, "SELECT undistribute_table('job_count')")
        migrated = typed("migrate", "--store", cluster)
        assert migrated.stdout.splitlines()[1:] == ["Split by tenant: job_count."]
        assert [list_job_ids(store, tenant) for tenant in tenants] == before
    assert len({colocation for _, _, colocation, _ in execute(cluster, PLACES, "distributed")}) == 1


@on_a_cluster
@pytest.mark.parametrize("revision", ["0001", "0004", "0021"])
def test_a_store_that_an_older_version_has_distributed_becomes_one_of_this_version(cluster: str, revision: str) -> None:
    make(cluster, revision)
    beside = "none"
    for name, is_a_tenants in execute(cluster, TABLES):
        if is_a_tenants:
            execute(cluster, "SELECT create_distributed_table(%s, 'tenant', colocate_with => %s)", name, beside)
            beside = str(name)
        else:
            execute(cluster, "SELECT create_reference_table(%s)", name)
    assert typed("migrate", "--store", cluster).returncode == 0
    with closing(open_store(cluster)) as store:
        checked = check(store)
        assert (checked.sound, checked.jobs) == (True, len(JOBS))
        assert list_job_ids(store, 1) == ["run", "FB2", "due", "ÜBER-Straße", "ÄA", "FB1"]
    assert len({colocation for _, _, colocation, _ in execute(cluster, PLACES, "distributed")}) == 1


@on_a_cluster
def test_migrations_to_come_may_change_what_is_distributed(cluster: str) -> None:
    with closing(open_store(cluster, migrate=True)) as store:
        tenants = filled(store)
        distribute(store)
        with store.writing() as connection:
            change_shards_in_turn(connection)
            for statement in CHANGES:
                connection.exec_driver_sql(statement)
        assert all(len(list_job_ids(store, tenant)) == 22 for tenant in tenants)


@on_a_cluster
def test_a_coordinator_that_has_no_nodes_is_refused_with_what_to_do(coordinator: str) -> None:
    with closing(open_store(coordinator, migrate=True)) as store:
        with pytest.raises(UnusableStoreError, match="citus_set_coordinator_host"):
            distribute(store)
        place = conninfo_to_dict(citus.GIVEN)
        execute(coordinator, "SELECT citus_set_coordinator_host(%s, %s::int)", place["host"], place.get("port", 5432))
        with pytest.raises(UnusableStoreError, match="citus_add_node"):
            distribute(store)


@on_a_cluster
def test_a_worker_of_the_cluster_is_refused_since_it_has_locks_of_its_own(cluster: str) -> None:
    (worker,) = execute(cluster, "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 LIMIT 1")
    place = conninfo_to_dict(cluster)
    url = f"postgresql://{place['user']}@{worker[0]}:{worker[1]}/{place['dbname']}"
    for migrate in (True, False):
        with pytest.raises(UnusableStoreError, match="name its coordinator"):
            open_store(url, migrate=migrate)
