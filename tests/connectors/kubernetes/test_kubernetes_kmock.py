"""The same objects are read from kmock, a cluster that others wrote. It knows neither pages nor rights."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fakes.kubernetes_objects import (
    CNPG_BACKUPS,
    LOCATIONS,
    LONGHORN_BACKUPS,
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
from fakes.kubernetes_server import VERSIONS
from kubernetes_reading import Configure, every_job

from jobreport.connectors.collect import collect
from jobreport.connectors.trial import trial
from jobreport.model.catalog import JobState
from jobreport.store import Store

kmock = pytest.importorskip("kmock")

OBJECTS = {
    LOCATIONS: velero_location(),
    TARGETS: longhorn_target(),
    VELERO_BACKUPS: velero_backup("PartiallyFailed", errors=2),
    VELERO_RESTORES: velero_restore(),
    LONGHORN_BACKUPS: longhorn_backup("Error"),
    SYSTEM_BACKUPS: system_backup(),
    CNPG_BACKUPS: cnpg_backup("running"),
}


async def serve(there: list[str], told: threading.Event, ended: list[Any]) -> None:
    """Serves objects of these kinds until it is told to end."""
    stop = asyncio.Event()
    async with kmock.KubernetesEmulator() as emulator, kmock.Server(emulator) as server:
        for kind in there:
            plural, _, group = kind.partition(".")
            record = OBJECTS[kind]
            resource = kmock.resource(group, VERSIONS[group], plural)
            emulator.objects[resource, record["metadata"]["namespace"], record["metadata"]["name"]] = record
        ended += [asyncio.get_running_loop(), stop, str(server.url)]
        told.set()
        await stop.wait()


@pytest.fixture(params=[[*OBJECTS], [CNPG_BACKUPS]], ids=["all", "one"])
def emulated(request: pytest.FixtureRequest) -> Iterator[tuple[str, list[str]]]:
    told, ended = threading.Event(), list[Any]()
    thread = threading.Thread(target=lambda: asyncio.run(serve(request.param, told, ended)), daemon=True)
    thread.start()
    assert told.wait(60)
    loop, stop, url = ended
    yield url, request.param
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)


def test_the_objects_of_kmock_are_read(
    emulated: tuple[str, list[str]], configure: Configure, store: Store, tenant: int
) -> None:
    url, there = emulated
    wanted = configure(url=url)
    assert collect(store, tenant, wanted).whole
    states = {job.job_id.partition(":")[0]: job.state for job in every_job(store, tenant)}
    expected = {
        "velero": JobState.Exception,
        "velero-restore": JobState.Successful,
        "longhorn": JobState.Failed,
        "longhorn-system": JobState.Successful,
        "cnpg": JobState.InProgress,
    }
    assert states == (expected if len(there) > 1 else {"cnpg": JobState.InProgress})
    found = trial(wanted, store.clock())
    assert not found.error
    assert {right.held for right in found.rights} == {None}  # it does not tell of rights
    assert found.whole
