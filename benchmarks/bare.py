"""The bare limit: an ASGI function with hand-written SQL over the same file. No routing, no token, no rules."""

import json
import os
import sqlite3
from typing import Any

connection = sqlite3.connect(os.environ["BENCH_STORE"], check_same_thread=False, isolation_level=None)
COUNT = "SELECT count(*) FROM job WHERE tenant = 1 AND service = ? AND type = ?"
PAGE = (
    "SELECT job_id, state, failed, successful, skipped, total, start, finish, comments FROM job "
    "WHERE tenant = 1 AND service = ? AND type = ? ORDER BY filed DESC, job_id DESC LIMIT ? OFFSET ?"
)
NAMES = ("jobId", "state", "failedCount", "successfulCount", "skippedCount", "totalCount", "startTime", "finishTime")


async def app(scope: Any, receive: Any, send: Any) -> None:
    """ASGI."""
    if scope["type"] != "http":
        return
    message = await receive()
    asked = json.loads(message["body"])
    keys = (asked["serviceType"], asked["jobType"])
    size = asked["pagination"]["pageSize"]
    (total,) = connection.execute(COUNT, keys).fetchone()
    jobs = [
        dict(zip(NAMES, row[:-1], strict=True), duration=row[7] - row[6], comments=row[-1])
        for row in connection.execute(PAGE, (*keys, size, asked["pagination"]["pageNumber"] * size))
    ]
    body = json.dumps({"totalCount": total, "jobs": jobs}).encode()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})
