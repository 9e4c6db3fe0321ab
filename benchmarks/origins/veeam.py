"""A backup server with many sessions, as the tests have it: one in a hundred ended with a warning, and has tasks."""

import http.client
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import program
from fakes.loopback import Request, serving
from fakes.veeam.veeam_records import session, task
from fakes.veeam.veeam_server import PASSWORD, USER, FakeVeeam, name_of

from jobreport.clock import now_ticks
from jobreport.model import ticks

_PAGE: Final = 500
_BACK: Final = 25 * ticks.PER_DAY
_WARNED: Final = 100
_VERSION: Final = {"x-api-version": "1.3-rev2"}


class _Large(FakeVeeam):
    """A backup server on which nothing runs."""

    def sort(self) -> None:
        """Makes ready what it lists."""
        self._listed = sorted(self.sessions.values(), key=lambda one: str(one["creationTime"]))
        self._created = [ticks.from_iso(one["creationTime"]) for one in self._listed]

    def _found(self, request: Request) -> list[dict[str, Any]]:
        if request.first("endedAfterFilter"):
            return []
        after, before = request.first("createdAfterFilter"), request.first("createdBeforeFilter")
        first = bisect_right(self._created, ticks.from_iso(after)) if after else 0
        last = bisect_left(self._created, ticks.from_iso(before)) if before else None
        return self._listed[first:last]


@contextmanager
def _served(jobs: int) -> Iterator[str]:
    veeam = _Large(now_ticks())
    for number in range(jobs):
        begun = veeam.now - _BACK + _BACK * number // jobs
        result = "Success" if number % _WARNED else "Warning"
        veeam.put(session(number, begun, begun + 60 * ticks.PER_SECOND, result, name=f"Job {number % 40}"))
        if result == "Warning":
            veeam.tasks[name_of(number)] = [task(2 * number + one, number) for one in range(2)]
    veeam.sort()
    with serving(veeam) as url:
        yield url


def _read(url: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    form = urlencode({"grant_type": "password", "username": USER, "password": PASSWORD})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/api/oauth2/token", form, _VERSION | kind)
    token = json.loads(connection.getresponse().read())["access_token"]
    found = 0
    while True:
        wanted = urlencode({"skip": found, "limit": _PAGE, "orderColumn": "CreationTime", "orderAsc": "true"})
        headers = _VERSION | {"Authorization": f"Bearer {token}"}
        connection.request("GET", f"/api/v1/sessions?{wanted}", headers=headers)
        answer = json.loads(connection.getresponse().read())
        found += len(answer["data"])
        if found >= answer["pagination"]["total"]:
            return found


program.run(_served, _read)
