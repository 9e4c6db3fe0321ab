"""A cluster with many backups of Velero's, as the tests have it."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Final
from urllib.parse import quote, urlsplit

import program
from fakes.kubernetes_objects import LOCATIONS, NIGHT, VELERO_BACKUPS, at, velero_backup, velero_location
from fakes.kubernetes_server import FakeCluster, serving

from jobreport.clock import now_ticks

_PAGE: Final = 500
_SECONDS: Final = 25 * 86_400
_LIST: Final = f"/apis/velero.io/v1/backups?limit={_PAGE}"


class _Large(FakeCluster):
    """A cluster in which nothing changes."""

    __hash__ = object.__hash__
    names = cache(FakeCluster.names)


@contextmanager
def _served(jobs: int) -> Iterator[str]:
    cluster = _Large(now_ticks())
    cluster.put(LOCATIONS, velero_location())
    now = (datetime.now(UTC) - NIGHT).total_seconds()
    for number in range(jobs):
        made = now - _SECONDS * (1 - number / jobs)
        times = {"startTimestamp": at(made + 2), "completionTimestamp": at(made + 62)}
        record = velero_backup(name=f"shop-{number % 40}-{number:09}", created=made, told=made + 63, **times)
        cluster.put(VELERO_BACKUPS, record)
    with serving(cluster) as url:
        yield url


def _read(url: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    token, found = "", 0
    while True:
        more = f"&continue={quote(token, safe='')}" if token else ""
        connection.request("GET", _LIST + more)
        answer = json.loads(connection.getresponse().read())
        found += len(answer["items"])
        if not (token := answer["metadata"].get("continue", "")):
            return found


def _listed(url: str) -> int:
    from kubernetes import client

    ask = client.CustomObjectsApi(client.ApiClient(client.Configuration(host=url))).list_cluster_custom_object
    token, found = "", 0
    while True:
        page = ask("velero.io", "v1", "backups", limit=_PAGE, _continue=token)
        found += len(page["items"])
        if not (token := page["metadata"].get("continue", "")):
            return found


program.run(_served, _read, _listed)
