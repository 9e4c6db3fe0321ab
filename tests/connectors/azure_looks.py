"""Opens a kind that reads Azure on the fake, by the SDK's own way to sign in, and looks at its streams."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from fakes.azure.cloud import SUBSCRIPTION, Cloud, environment

from jobreport.connectors.base import Connector, Kind, Look, Page, Right
from jobreport.connectors.configured import Configured
from jobreport.model import ticks
from jobreport.model.job import Job

NOW = ticks.from_iso("2026-03-02T12:00:00Z")
SINCE = NOW - 30 * ticks.PER_DAY


def configured(kind: Kind, cloud: Cloud, **settings: object) -> Configured:
    """Returns a connector of a kind to the fake."""
    told = kind.settings(subscription=SUBSCRIPTION, endpoint=cloud.base, **settings)
    return Configured(name="prod", kind=kind, every=300, tenant="default", settings=told)


@contextmanager
def signed_in(cloud: Cloud) -> Iterator[None]:
    """Within it, this machine is one in Azure with a managed identity."""
    without = {name: text for name, text in os.environ.items() if not name.startswith("AZURE_")}
    with patch.dict(os.environ, without | environment(cloud), clear=True):
        yield


@contextmanager
def opened(kind: Kind, cloud: Cloud, **settings: object) -> Iterator[Connector]:
    """Opens a connector of a kind."""
    with signed_in(cloud), kind.open(configured(kind, cloud, **settings).settings) as connector:
        yield connector


def pages(connector: Connector, name: str, *unfinished: Job, since: int = SINCE) -> list[Page]:
    """Returns what a look at a stream brings."""
    stream = next(one for one in connector.streams() if one.name == name)
    return [*connector.read(stream, Look(since=since, now=NOW, unfinished=unfinished))]


def jobs(connector: Connector, name: str) -> dict[str, Job]:
    """Returns the jobs of a stream, by what they protect."""
    return {job.resource: job for page in pages(connector, name) for job in page.jobs}


def missing(connector: Connector) -> list[tuple[str, str]]:
    """Returns the streams and names of the rights that are not held."""
    rights: list[Right] = [*connector.rights()]
    assert rights
    return [(right.stream, right.name) for right in rights if right.held is False]
