"""The kind `kubernetes`: reads the objects by which Velero, CloudNativePG and Longhorn make backups in a cluster."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from jobreport.connectors.base import Kind
from jobreport.connectors.kinds.kubernetes.cluster import EXTRA, Cluster
from jobreport.connectors.kinds.kubernetes.reader import Reader
from jobreport.connectors.kinds.kubernetes.settings import KEYS, Settings
from jobreport.connectors.kinds.kubernetes.table import RIGHTS
from jobreport.model.brings import brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees


@contextmanager
def _open(settings: Settings) -> Iterator[Reader]:
    with closing(Cluster(settings.kubeconfig, settings.context)) as cluster:
        yield Reader(cluster, settings)


KIND: Final = Kind(
    name="kubernetes",
    about="a Kubernetes cluster: Velero, CloudNativePG, Longhorn",
    sees=Sees.OBJECTS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=brings(
        (ServiceType.AKS, JobType.AKSBackup),
        (ServiceType.AKS, JobType.AKSRestore),
        (ServiceType.Common, JobType.Backup),
    ),
    rights=RIGHTS,
    work=JobType.AKSSync,
    extra=EXTRA,
)
