"""A subscription of Azure as the tests have it, with much in one of its lists, and that list read plainly, or by the
vendor's library.
"""

import http.client
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from fakes.azure.cloud import SECRET, SUBSCRIPTION, Cloud, served

from jobreport.clock import now_ticks
from jobreport.model import ticks

_PAGE: Final = 200
_APART: Final = timedelta(seconds=40)


def serving(fill: Callable[[Cloud, list[str]], object]) -> Callable[[int], AbstractContextManager[str]]:
    """Returns what serves a subscription that `fill` fills with what began at these times."""

    @contextmanager
    def serve(jobs: int) -> Iterator[str]:
        cloud = Cloud(_PAGE, checks=False)
        cloud.lasts = timedelta(days=1)
        newest: datetime = ticks.to_datetime(now_ticks()) - timedelta(days=2)
        fill(cloud, [(newest - number * _APART).isoformat() for number in range(jobs)])
        with served(cloud):
            yield cloud.base

    return serve


def reading(link: str) -> Callable[[str], int]:
    """Returns what reads all pages of a list."""

    def read(url: str) -> int:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)

        def ask(link: str, **headers: str) -> Any:
            connection.request("GET", link, headers=headers)
            return json.loads(connection.getresponse().read())

        token = ask("/identity", **{"X-IDENTITY-HEADER": SECRET})["access_token"]
        following, found = f"{link}api-version=2026-10-01", 0
        while following:
            answer = ask(following, Authorization=f"Bearer {token}")
            found += len(answer["value"])
            following = answer.get("nextLink", "")
        return found

    return read


def listing(items: Callable[[Callable[..., Any]], Iterable[Any]]) -> Callable[[str], int]:
    """Returns what reads a list to its end. `items` gives it; it is given what makes a client of a library's class."""

    def read(url: str) -> int:
        from azure.identity import ManagedIdentityCredential

        credential = ManagedIdentityCredential()
        return sum(1 for _ in items(lambda kind: kind(credential, SUBSCRIPTION, base_url=url)))

    return read
