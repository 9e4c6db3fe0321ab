"""What Velero's phases and names mean here, of backups and of restores."""

from typing import Final
from urllib.parse import urlsplit

from jobreport.model.catalog import JobState

PHASES: Final = {
    "": JobState.NotStarted,
    "New": JobState.NotStarted,
    "ReadyToStart": JobState.NotStarted,
    "Queued": JobState.Waiting,
    "InProgress": JobState.InProgress,
    "WaitingForPluginOperations": JobState.InProgress,
    "WaitingForPluginOperationsPartiallyFailed": JobState.InProgress,
    "Finalizing": JobState.InProgress,
    "FinalizingPartiallyFailed": JobState.InProgress,
    "Completed": JobState.Successful,
    "PartiallyFailed": JobState.Exception,
    "Failed": JobState.Failed,
    "FailedValidation": JobState.Failed,
}
DELETING: Final = "Deleting"
"""The phase that says nothing of how a backup ended, since it took the place of the one that did."""
SCHEDULE: Final = "velero.io/schedule-name"
"""The label that names the schedule which made a backup."""
_WITHIN_A_CLUSTER: Final = ("svc", "local", "localhost")


def place_of(bucket: str, prefix: str, url: str, account: str, cluster: str) -> str:
    """Returns the name of a storage location that is the same in all clusters that share it.

    Each cluster calls it as it likes, and most of them `default`; its bucket is the same. So is the host of a store
    that speaks S3 (`url`), or Azure's storage `account`. A host that only has a name within the cluster is another one
    in the next, and is named with the `cluster`.
    """
    host = _host(url)
    where = "/".join(part for part in (host or account, bucket, prefix.strip("/")) if part)
    return f"{cluster}/{where}" if host and _is_within(host) else where


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _is_within(host: str) -> bool:
    name = host.partition(":")[0]
    return "." not in name or name.rpartition(".")[2] in _WITHIN_A_CLUSTER or name.startswith("127.")
