"""A cluster on loopback, and a connector that reads it by a kubeconfig as its user would."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.kubernetes_objects import (
    CNPG_BACKUPS,
    LOCATIONS,
    LONGHORN_BACKUPS,
    NIGHT,
    SYSTEM_BACKUPS,
    TARGETS,
    VELERO_BACKUPS,
    VELERO_RESTORES,
    cnpg_backup,
    longhorn_backup,
    longhorn_target,
    system_backup,
    velero_backup,
    velero_location,
    velero_restore,
)
from fakes.kubernetes_server import FakeCluster, serving
from kubernetes_reading import Configure, kubeconfig

from clocks import Clock
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.kubernetes import KIND, Settings
from jobreport.model import ticks


@pytest.fixture(autouse=True)
def _night(clock: Clock) -> None:
    """It is some hours after the night's backups."""
    clock.now = ticks.from_datetime(NIGHT) + ticks.PER_DAY // 4


@pytest.fixture
def cluster(clock: Clock) -> FakeCluster:
    return FakeCluster(now=clock.now)


@pytest.fixture
def full(cluster: FakeCluster) -> FakeCluster:
    """A cluster with one object of each kind."""
    for kind, record in (
        (LOCATIONS, velero_location()),
        (TARGETS, longhorn_target()),
        (VELERO_BACKUPS, velero_backup()),
        (VELERO_RESTORES, velero_restore()),
        (CNPG_BACKUPS, cnpg_backup()),
        (LONGHORN_BACKUPS, longhorn_backup()),
        (SYSTEM_BACKUPS, system_backup()),
    ):
        cluster.put(kind, record)
    return cluster


@pytest.fixture
def address(cluster: FakeCluster) -> Iterator[str]:
    with serving(cluster) as url:
        yield url


@pytest.fixture
def configure(address: str, tmp_path: Path) -> Configure:
    """Makes a connector of the cluster; what is given stands before."""

    def make(**more: Any) -> Configured:
        name = more.pop("name", "prod")
        file = more.pop("kubeconfig", None) or kubeconfig(tmp_path, more.pop("url", address), name)
        settings = Settings(**{"cluster": "prod", "kubeconfig": file} | more)
        return Configured(name=name, kind=KIND, every=300, tenant="default", settings=settings)

    return make
