"""The rights that a full view of a project's backups needs. The roles Logs Viewer and Cloud SQL Viewer have them."""

from typing import Final

from jobreport.connectors.base import Right

ENTRIES: Final = Right(name="logging.logEntries.list", without="all jobs of Backup and DR")
LOGS: Final = Right(name="logging.logs.list", without="whether there is a log at all: nothing new is then no data")
RUNS: Final = Right(name="cloudsql.backupRuns.list", without="all backups of Cloud SQL")
RIGHTS: Final = (ENTRIES, LOGS, RUNS)
