"""A catalog of our own: the columns that Bareos and Bacula have in common, and records as they write them.

From Bareos' `postgresql.sql` and Bacula's `make_sqlite3_tables` (9.6.7); that Bacula's own catalog has them all, with
these names, is a test. Times are local ones of UTC, unless a record is told how far it is away.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from jobreport.model import ticks

COLUMNS = {
    "Job": {
        "JobId": "INTEGER",
        "Job": "TEXT",
        "Name": "TEXT",
        "Type": "CHAR(1)",
        "Level": "CHAR(1)",
        "ClientId": "INTEGER",
        "JobStatus": "CHAR(1)",
        "SchedTime": "TIMESTAMP",
        "StartTime": "TIMESTAMP",
        "EndTime": "TIMESTAMP",
        "RealEndTime": "TIMESTAMP",
        "JobTDate": "BIGINT",
        "JobFiles": "INTEGER",
        "JobBytes": "BIGINT",
        "ReadBytes": "BIGINT",
        "JobErrors": "INTEGER",
        "JobMissingFiles": "INTEGER",
        "PriorJobId": "INTEGER",
    },
    "Client": {"ClientId": "INTEGER", "Name": "TEXT", "AutoPrune": "SMALLINT", "JobRetention": "BIGINT"},
    "Log": {"LogId": "INTEGER", "JobId": "INTEGER", "Time": "TIMESTAMP", "LogText": "TEXT"},
}
TABLES = [
    f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
    for table, columns in COLUMNS.items()
]
CLIENT = {"ClientId": 1, "Name": "fs1-fd", "AutoPrune": 1, "JobRetention": 180 * 86_400}


def moment(at: int, away: float = 0) -> str:
    """A time (ticks) as a catalog writes it, so many hours east of UTC."""
    return f"{(ticks.to_datetime(at) + timedelta(hours=away)).replace(tzinfo=None)!s:.19}"


def job(number: int, at: int, status: str = "T", *, took: int = 600, away: float = 0, **more: Any) -> dict[str, Any]:
    """The row of a job that was due and started at `at` (ticks), and took so many seconds if it has ended."""
    ended = status in "TWEefAID"
    end = at + took * ticks.PER_SECOND
    known = (end if ended else at) - ticks.UNIX_EPOCH
    name = f"nightly.{moment(at, away).replace(' ', '_').replace(':', '.')}_{number % 100:02d}"
    return {
        "JobId": number,
        "Job": name,
        "Name": "nightly",
        "Type": "B",
        "Level": "I",
        "ClientId": 1,
        "JobStatus": status,
        "SchedTime": moment(at, away),
        "StartTime": None if status == "C" else moment(at, away),
        "EndTime": moment(end, away) if ended else None,
        "RealEndTime": moment(end, away) if ended else None,
        "JobTDate": known // ticks.PER_SECOND,
        "JobFiles": 118 if ended else 0,
        "JobBytes": 4096 if ended else 0,
        "ReadBytes": 0,
        "JobErrors": 0,
        "JobMissingFiles": 0,
        "PriorJobId": 0,
    } | more


def log(number: int, *lines: str) -> list[dict[str, Any]]:
    """The log of a job."""
    when = str(datetime(2026, 11, 22, 23, 5))  # noqa: DTZ001 - as a catalog writes it
    return [
        {"LogId": 1000 * number + index, "JobId": number, "Time": when, "LogText": f"fs1-dir JobId {number}: {line}\n"}
        for index, line in enumerate(lines)
    ]


def record(row: dict[str, Any]) -> dict[str, str]:
    """A row as the console tells it: all in lower case, and all texts."""
    told = {name.lower(): "" if value is None else str(value) for name, value in row.items()}
    return told | {"client": "fs1-fd", "duration": "00:10:00"}


def inserted(table: str, rows: Iterable[dict[str, Any]], mark: str) -> Iterable[tuple[str, list[Any]]]:
    """Statements that put rows into a table, with their values; `mark` is that of the driver for a value."""
    for row in rows:
        yield f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join([mark] * len(row))})", list(row.values())


def put(catalog: sqlite3.Connection, *rows: dict[str, Any], table: str = "Job") -> None:
    """Puts rows into a table of a catalog in a file, in one transaction."""
    catalog.execute("BEGIN")
    for statement, values in inserted(table, rows, "?"):
        catalog.execute(statement, values)
    catalog.execute("COMMIT")
