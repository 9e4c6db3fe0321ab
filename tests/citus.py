"""Databases on all nodes of a Citus cluster that runs already; a test may do with them as it likes."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import postgres

URL = "JOBREPORT_TEST_CITUS_URL"
"""Any database of a coordinator that knows its nodes; its user may make databases and extensions on all of them."""
GIVEN = os.environ.get(URL, "")
# A table's rows lie in tables of its name and a number, on any node. To truncate all takes longer than most tests.
_USED = """
SELECT DISTINCT regexp_replace(part, '_[0-9]+$', '')
FROM run_command_on_all_nodes($$
    SELECT coalesce(string_agg(relname, ','), '') FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
$$), string_to_table(result, ',') AS part WHERE part <> 'alembic_version'
"""
_NODES = "SELECT nodename, nodeport FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid"


@contextmanager
def database(coordinator_url: str) -> Iterator[str]:
    """The URL of a new, empty database on the coordinator, with the same nodes; it is dropped in the end.

    A database of a cluster is one of the same name on each node, which the coordinator does not make of itself.
    """
    with closing(psycopg.connect(coordinator_url)) as connection:
        coordinator, *workers = connection.execute(_NODES).fetchall()
    with postgres.database(coordinator_url) as url:
        name = conninfo_to_dict(url)["dbname"]
        elsewhere = [make_conninfo(coordinator_url, host=host, port=port) for host, port in workers]
        try:
            for node in elsewhere:
                _run(node, sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(_named(name)))
            for node in (*(make_conninfo(node, dbname=name) for node in elsewhere), url):
                _run(node, sql.SQL("CREATE EXTENSION citus"))
            _run(url, sql.SQL("SELECT citus_set_coordinator_host({}, {})").format(*coordinator))
            for worker in workers:
                _run(url, sql.SQL("SELECT citus_add_node({}, {})").format(*worker))
            yield url
        finally:
            for node in elsewhere:
                _run(node, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_named(name)))


def few_shards(url: str) -> str:
    """The same URL, in whose sessions a table is split into a few shards only, so that tests are quick."""
    return f"{url}{'&' if '?' in url else '?'}options=-c%20citus.shard_count%3D2"


def empty(url: str) -> None:
    """Takes every row of ours out of the database."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        if names := connection.execute(_USED).fetchall():
            connection.execute("SET citus.multi_shard_modify_mode = 'sequential'")
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(_named(name) for (name,) in names)))


def _named(name: object) -> sql.Identifier:
    return sql.Identifier(str(name))


def _run(node: str, statement: sql.Composable) -> None:
    with closing(psycopg.connect(node, autocommit=True)) as connection:
        connection.execute(statement)
