"""A Backrest instance with many operations in its log."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import program
from fakes.backrest.backrest_server import Instance, milliseconds, snapshot
from fakes.loopback import Reply, Request, serving

from jobreport.clock import now_ticks
from jobreport.model import ticks

_DAYS: Final = 25
_ALL: Final = '{"selector":{"originalInstanceKeyid":""}}'


@contextmanager
def _served(jobs: int) -> Iterator[str]:
    now = now_ticks()
    instance = Instance(lambda: now)
    for number in range(jobs):
        begun = now - _DAYS * ticks.PER_DAY * (jobs - number) // jobs
        instance.add(**snapshot(number), planId=f"plan-{number % 40}", unixTimeStartMs=milliseconds(begun))
    whole = json.dumps({"operations": list(instance.log.values())}).encode()

    def answer(request: Request) -> Reply:
        return Reply(whole) if request.path.endswith("GetOperations") else instance(request)

    with serving(answer) as url:
        yield url


def _read(url: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", "/v1.Backrest/GetOperations", _ALL, {"Content-Type": "application/json"})
    return len(json.loads(connection.getresponse().read())["operations"])


program.run(_served, _read)
