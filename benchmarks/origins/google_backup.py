"""Google's log of Backup and DR with many jobs, as the tests have its entries."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import program
from fakes.google_cloud import JOBS, PROJECT, entry
from fakes.loopback import Reply, Request, serving

from jobreport.clock import now_ticks
from jobreport.model import ticks

_DAYS: Final = 25
_PAGE: Final = 1000


@contextmanager
def _served(jobs: int) -> Iterator[str]:
    begun = now_ticks() - (_DAYS + 1) * ticks.PER_DAY
    entries = [entry(one, begun + one * _DAYS * ticks.PER_DAY // jobs) for one in range(jobs)]

    def answer(request: Request) -> Reply:
        if request.path == "/token":
            token = {"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600}
            return Reply(token | {"issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})
        if request.path.endswith("/logs"):
            return Reply({"logNames": [f"projects/{PROJECT}/logs/{JOBS}"]})
        first = int(json.loads(request.body).get("pageToken", 0))
        more = {"nextPageToken": str(first + _PAGE)} if first + _PAGE < jobs else {}
        return Reply({"entries": entries[first : first + _PAGE], **more})

    with serving(answer) as url:
        yield url


def _read(url: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    found, more = 0, {}
    while True:
        connection.request("POST", "/v2/entries:list", json.dumps(more))
        answer = json.loads(connection.getresponse().read())
        found += len(answer["entries"])
        if not (token := answer.get("nextPageToken", "")):
            return found
        more = {"pageToken": token}


program.run(_served, _read)
