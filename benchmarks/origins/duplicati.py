"""Duplicati with many rows in the log of a backup."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import program
from fakes.duplicati.duplicati_server import Server, result
from fakes.loopback import Reply, Request, serving

from jobreport.clock import now_ticks
from jobreport.model import ticks

_DAYS: Final = 25
_PAGE: Final = 100
_LOGIN: Final = json.dumps({"Password": "secret", "RememberMe": False})


@contextmanager
def _served(jobs: int) -> Iterator[str]:
    now = now_ticks()
    server = Server(lambda: now)
    rows = [_row(number, now - _DAYS * ticks.PER_DAY * (jobs - number) // jobs) for number in range(1, jobs + 1)]
    server.backups[2].rows = rows

    def answer(request: Request) -> Reply:
        if not request.path.endswith("/log"):
            return server(request)
        before = min(int(request.first("offset", str(jobs + 1))), jobs + 1)
        return Reply(rows[max(0, before - 1 - _PAGE) : before - 1][::-1])

    with serving(answer) as url:
        yield url


def _row(number: int, ended: int) -> dict[str, Any]:
    seconds = (ended - ticks.UNIX_EPOCH) // ticks.PER_SECOND
    about = {"ID": number, "OperationID": number, "Timestamp": seconds, "Type": "Result", "Exception": None}
    return about | {"Message": json.dumps(result(ended))}


def _read(url: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    path, found = f"/api/v1/backup/2/log?pagesize={_PAGE}", 0
    more = ""
    while True:
        connection.request("GET", path + more)
        rows = json.loads(connection.getresponse().read())
        found += len(rows)
        if len(rows) < _PAGE:
            return found
        more = f"&offset={rows[-1]['ID']}"


program.run(_served, _read)
