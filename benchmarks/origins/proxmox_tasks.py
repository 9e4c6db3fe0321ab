"""Proxmox as the tests have it, with many tasks among which nothing changes, and what a look needs, read plainly."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fakes.loopback import Reply, Request
from fakes.loopback import serving as on_loopback
from fakes.proxmox_server import Proxmox

from jobreport.clock import now_ticks
from jobreport.model import ticks

_PAGE: Final = 500
_SECONDS: Final = 25 * 86_400
_LISTS: Final = "/tasks"
_LOGS: Final = "/log"


def serving(
    proxmox: Proxmox, kind: str, about: str, log: list[str] | None
) -> Callable[[int], AbstractContextManager[str]]:
    """Returns what serves so many tasks of a kind, each with this log, which may have its `{began}`."""

    @contextmanager
    def serve(jobs: int) -> Iterator[str]:
        newest = (now_ticks() - ticks.UNIX_EPOCH) // ticks.PER_SECOND - 86_400
        for number in range(jobs):
            start = newest - _SECONDS * number // jobs
            proxmox.add(kind, about.format(100 + number % 400), start, start + 30)
        listed = [json.dumps(proxmox.listed(one)) for one in proxmox.work]
        shown = [{"n": number + 1, "t": text} for number, text in enumerate(log or [])]
        lines = json.dumps({"data": shown, "total": len(shown)})

        def answer(request: Request) -> Reply:
            if request.path.endswith(_LOGS):
                began = datetime.fromtimestamp(int(request.path.split(":")[4], 16), UTC)
                return Reply(lines.replace("{began}", f"{began:%Y-%m-%d %H:%M:%S}").encode())
            if not request.path.endswith(_LISTS):
                return proxmox(request)
            if request.first("typefilter", kind) != kind or request.first("running"):
                return Reply({"data": [], "total": 0})
            start = int(request.first("start", "0"))
            items = ",".join(listed[start : start + int(request.first("limit"))])
            return Reply(f'{{"data":[{items}],"total":{len(listed)}}}'.encode())

        with on_loopback(answer) as url:
            yield url

    return serve


def reading(proxmox: Proxmox, node: str, *, logs: bool) -> Callable[[str], int]:
    """Returns what reads all pages of the list, and the log of each task if that is wanted."""

    def read(url: str) -> int:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        found = 0

        def ask(path: str) -> Any:
            connection.request(
                "GET",
                f"/api2/json/nodes/{node}/tasks{path}",
                headers={"Authorization": f"{proxmox.scheme}{proxmox.secret}"},
            )
            return json.loads(connection.getresponse().read())["data"]

        while items := ask(f"?start={found}&limit={_PAGE}"):
            found += len(items)
            for item in items if logs else ():
                ask(f"/{quote(item['upid'], safe=':@!')}{_LOGS}?limit=5000")
        return found

    return read
