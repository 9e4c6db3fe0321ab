"""Writes all metrics as the text that Prometheus reads."""

from collections.abc import Collection
from typing import Final

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

import jobreport
from jobreport.metrics import catalog, of_store
from jobreport.metrics.catalog import Families
from jobreport.metrics.counts import SECONDS, SIZES, Counts
from jobreport.store import Store

MEDIA_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
MOST_SERIES: Final = 2_000
"""So many series are told one by one unless the request says otherwise."""
LIMIT: Final = 100_000
"""The most series that a request may ask for."""
_MICRO: Final = 1_000_000


def of_everything(store: Store, counts: Counts, most: int) -> bytes:
    """Returns what is told to whom may know everything: of all tenants, and of the service itself."""
    families = Families()
    families.add(catalog.BUILD, (jobreport.__version__,), 1)
    of_store.tell(families, store, None, most)
    of_store.tell_deliveries(families, store)
    _counted(families, counts)
    return generate_latest(families)


def of_tenants(store: Store, only: Collection[int], most: int) -> bytes:
    """Returns what is told to an app that may ask for these tenants: nothing of the service itself, whose requests and
    transactions are those of others, too.
    """
    families = Families()
    of_store.tell(families, store, only, most)
    return generate_latest(families)


def _counted(families: Families, counts: Counts) -> None:
    totals = counts.read()
    for key, statuses, spread in totals.requests():
        for status, number in statuses.items():
            families.add(catalog.REQUESTS, (*key, str(status)), number)
        families.add_spread(catalog.DURATION, key, SECONDS, spread.groups, spread.sum / _MICRO)
    commits = totals.commits()
    families.add_spread(catalog.COMMIT, (), SIZES, commits.groups, commits.sum)
