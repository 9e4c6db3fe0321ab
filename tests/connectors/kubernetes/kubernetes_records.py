"""Reads one object as the connector does, after a look whether it could be in a cluster."""

from typing import Any

import msgspec
from fakes.kubernetes_schema import is_valid

from jobreport.connectors.kinds.kubernetes.objects import About
from jobreport.connectors.kinds.kubernetes.table import TABLE
from jobreport.model import ticks
from jobreport.model.job import Job

ENTRIES = {str(entry.resource): entry for entry in TABLE}
ABOUT = About(
    cluster="prod",
    places={("velero", "default"): "backups", ("longhorn-system", "default"): "s3://backups@eu-central-1"},
)


def read(kind: str, record: dict[str, Any], about: About = ABOUT) -> Job | None:
    plural, _, group = kind.partition(".")
    if record["status"].get("phase") != "Archived":
        is_valid(kind, {"apiVersion": f"{group}/v1", "kind": plural} | record)
    entry = ENTRIES[kind]
    return entry.read(msgspec.convert(record, entry.type), about)


def told(kind: str, record: dict[str, Any], about: About = ABOUT) -> Job:
    job = read(kind, record, about)
    assert job is not None
    return job


def times(job: Job) -> tuple[str, str]:
    start, finish = (ticks.to_iso(time, digits=0) if time else "" for time in (job.start, job.finish))
    return start, finish


def counts(job: Job) -> tuple[int, int, int]:
    return job.failed, job.successful, job.total
