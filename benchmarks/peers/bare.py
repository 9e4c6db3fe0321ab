"""The bare limit: an ASGI function with SQL by hand over our file. No routing, no token, no rules, one query only.

With BENCH_REMEMBERS it remembers a total until anybody writes to the file, as ours does; else it adds it up each time.
"""

import os
import sqlite3
from typing import Any, Final

import msgspec

from schema import BARE_PAGE, BARE_TOTAL

_TENANT: Final = int(os.environ["BENCH_TENANT"])
_REMEMBERS: Final = bool(os.environ.get("BENCH_REMEMBERS"))
_connection: Final = sqlite3.connect(os.environ["BENCH_STORE"], isolation_level=None)
_totals: Final[dict[tuple[int, ...], int]] = {}
_version = 0


class Pagination(msgspec.Struct):
    """Which page."""

    pageNumber: int = 0  # noqa: N815 - as on the wire
    pageSize: int = 10  # noqa: N815 - the wire's names


class Asked(msgspec.Struct):
    """What is asked."""

    serviceType: int  # noqa: N815 - the wire's names
    jobType: int  # noqa: N815 - the wire's names
    pagination: Pagination


class Job(msgspec.Struct):
    """One job of the answer, in the order of the page's columns."""

    jobId: str  # noqa: N815 - the wire's names
    state: int
    failedCount: int  # noqa: N815 - the wire's names
    successfulCount: int  # noqa: N815 - the wire's names
    skippedCount: int  # noqa: N815 - the wire's names
    totalCount: int  # noqa: N815 - the wire's names
    startTime: int  # noqa: N815 - the wire's names
    finishTime: int  # noqa: N815 - the wire's names
    duration: int
    comments: str


class Answer(msgspec.Struct):
    """The page, and the total."""

    totalCount: int  # noqa: N815 - the wire's names
    jobs: list[Job]


_decode: Final = msgspec.json.Decoder(Asked).decode
_encode: Final = msgspec.json.Encoder().encode


def _total(keys: tuple[int, ...]) -> int:
    """How many jobs have the codes, within the transaction that reads the page."""
    global _version
    if _REMEMBERS:
        # Changes when another connection has written. It must be asked inside the transaction.
        (version,) = _connection.execute("PRAGMA data_version").fetchone()
        if version != _version:
            _totals.clear()
            _version = version
        if (known := _totals.get(keys)) is not None:
            return known
    (total,) = _connection.execute(BARE_TOTAL, keys).fetchone()
    if _REMEMBERS:
        _totals[keys] = total
    return int(total)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """ASGI."""
    if scope["type"] != "http":
        return
    asked = _decode((await receive())["body"])
    keys = (_TENANT, asked.serviceType, asked.jobType)
    page = asked.pagination
    _connection.execute("BEGIN")
    total = _total(keys)
    jobs = [
        Job(job_id, state, failed, successful, skipped, objects, start, finish, finish - start, comments)
        for job_id, state, failed, successful, skipped, objects, start, finish, comments in _connection.execute(
            BARE_PAGE, (*keys, page.pageSize, page.pageNumber * page.pageSize)
        )
    ]
    _connection.execute("COMMIT")
    body = _encode(Answer(total, jobs))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
