"""A catalog on MariaDB, as Bacula may have it: texts as bytes, and one who may read no more than what is needed."""

from collections.abc import Callable
from pathlib import Path

from bareos_connector import wanted
from fakes.bareos_catalog import CLIENT, TABLES, inserted, job, log
from mariadb import mariadb

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job

AS_BACULA = {"Job TEXT": "Job TINYBLOB", "Name TEXT": "Name TINYBLOB", "LogText TEXT": "LogText BLOB"}


def test_a_catalog_on_mariadb_is_read_by_a_user_that_may_do_no_more(
    look: Callable[..., PassResult], jobs: Callable[[], dict[str, Job]], clock: Clock, tmp_path: Path
) -> None:
    begun = clock.now // ticks.PER_SECOND * ticks.PER_SECOND
    (tmp_path / "password").write_text("hunter2\n")
    with mariadb() as server:
        server.run("CREATE DATABASE bacula")
        for statement in TABLES:
            for ours, theirs in {**AS_BACULA, "TIMESTAMP": "DATETIME"}.items():
                statement = statement.replace(ours, theirs)
            server.run("USE bacula", statement)
        rows = [job(1, begun), job(2, begun, "E", JobErrors=1), job(3, begun, "R"), job(4, begun, "C")]
        for table, some in (("Client", [CLIENT]), ("Job", rows), ("Log", log(2, "Error: the tape was full"))):
            for statement, values in inserted(f"bacula.{table}", some, "%s"):
                server.run(statement, values=values)
        server.run("CREATE USER jobreport@'127.0.0.1' IDENTIFIED BY 'hunter2'")
        told = {
            "catalog": f"mariadb://jobreport@127.0.0.1:{server.port}/bacula",
            "password_file": str(tmp_path / "password"),
        }
        assert look(**told).error == "access denied for SELECT on Client in the catalog"
        for table in ("Job", "Client"):
            server.run(f"GRANT SELECT ON bacula.{table} TO jobreport@'127.0.0.1'")
        tried = trial(wanted(**told), clock.now)
        assert [(right.name, right.held) for right in tried.rights if not right.held] == [("SELECT on Log", False)]
        server.run("GRANT SELECT ON bacula.Log TO jobreport@'127.0.0.1'")
        assert look(**told).whole
        found = jobs()
        assert {name: one.state for name, one in found.items()} == {
            "nightly_01": JobState.Successful,
            "nightly_02": JobState.Exception,
            "nightly_03": JobState.InProgress,
            "nightly_04": JobState.NotStarted,
        }
        assert (found["nightly_01"].start, found["nightly_01"].resource) == (begun, "fs1-fd")
        assert found["nightly_02"].comments.endswith("Error: the tape was full")
        (tmp_path / "password").write_text("wrong\n")
        assert look(**told).error.startswith("the catalog does not take who signs in")
