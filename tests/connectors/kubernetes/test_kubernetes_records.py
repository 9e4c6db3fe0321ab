"""Objects of CloudNativePG and Longhorn as jobs, and whatever real clusters had."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fakes.kubernetes_objects import (
    at,
    cnpg_backup,
    longhorn_backup,
    longhorn_target,
    system_backup,
    velero_backup,
)
from kubernetes_records import ABOUT, ENTRIES, counts, read, times, told

from jobreport.connectors.kinds.kubernetes import longhorn
from jobreport.connectors.kinds.kubernetes.objects import About
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.sees import Sees


@pytest.mark.parametrize(
    ("phase", "state"),
    [
        ("", JobState.NotStarted),
        ("pending", JobState.Waiting),
        ("started", JobState.InProgress),
        ("running", JobState.InProgress),
        ("finalizing", JobState.InProgress),
        ("walArchivingFailing", JobState.InProgress),
        ("completed", JobState.Successful),
        ("failed", JobState.Failed),
        ("invalid backup definition", JobState.Failed),
    ],
)
def test_a_cloudnativepg_backup_is_one_object_with_the_state_of_its_phase(phase: str, state: JobState) -> None:
    job = told("backups.postgresql.cnpg.io", cnpg_backup(phase, error="exit status 1"))
    assert (job.service, job.type, job.state) == (ServiceType.Common, JobType.Backup, state)
    assert (job.plan, job.resource, job.comments) == ("nightly", "prod/shop/pg", "exit status 1")
    assert job.job_id == "cnpg:prod/shop:nightly-20261122020000:2026-11-22T02:00:00Z"
    one = int(state.finished)
    assert counts(job) == (one * (state is JobState.Failed), one * (state is JobState.Successful), one)
    assert job.finish == (ticks.from_iso(at(31)) if phase == "completed" else 0)


def test_a_cloudnativepg_backup_that_ended_without_its_logs_is_no_success() -> None:
    job = told("backups.postgresql.cnpg.io", cnpg_backup("walArchivingFailing", stoppedAt=at(31), error="no bucket"))
    assert (job.state, job.failed, job.comments) == (JobState.Exception, 1, "no bucket")
    job = told("backups.postgresql.cnpg.io", cnpg_backup("WALArchivingFailing", stoppedAt=at(31)))
    assert job.state is JobState.Exception


@pytest.mark.parametrize(
    ("state_there", "state"),
    [
        ("", JobState.NotStarted),
        ("Pending", JobState.Waiting),
        ("InProgress", JobState.InProgress),
        ("Completed", JobState.Successful),
        ("Error", JobState.Failed),
        ("Unknown", JobState.Exception),
    ],
)
def test_a_longhorn_backup_is_one_volume(state_there: str, state: JobState) -> None:
    job = told("backups.longhorn.io", longhorn_backup(state_there, error="no bucket"))
    assert (job.service, job.type, job.state) == (ServiceType.AKS, JobType.AKSBackup, state)
    assert (job.plan, job.resource, job.comments) == ("daily-backup", "pvc-0f1e2d3c", "no bucket")
    assert job.job_id == job.reference == "longhorn:s3://backups@eu-central-1:backup-83c9c062105a4466"
    assert job.size == (1_088_421_888 if state is JobState.Successful else 0)
    if state is JobState.Successful:
        assert times(job) == (at(2), at(41))
    if state is JobState.Failed:
        assert times(job) == (at(3), at(8))


def test_a_longhorn_backup_from_the_target_is_a_result_and_is_not_told_before_it_was_read() -> None:
    copy = told("backups.longhorn.io", longhorn_backup(copied=True))
    assert (copy.sees, copy.plan, copy.reference.endswith("4466")) == (Sees.RESULTS, "daily-backup", True)
    assert read("backups.longhorn.io", longhorn_backup("", copied=True)) is None
    alone = told("backups.longhorn.io", longhorn_backup(copied=True), About(cluster="b"))
    assert alone.reference == copy.reference


def test_what_longhorn_says_while_it_reads_or_deletes_a_backup_is_not_how_that_went() -> None:
    being_deleted = {"deletionTimestamp": at(90_000), "deletionGracePeriodSeconds": 0}
    assert read("backups.longhorn.io", longhorn_backup("", backupCreatedAt=at(41))) is None
    assert read("backups.longhorn.io", longhorn_backup("Deleting")) is None
    assert read("backups.longhorn.io", longhorn_backup("deleting")) is None
    assert read("backups.longhorn.io", longhorn_backup("Error", deleted=being_deleted)) is None
    assert told("backups.longhorn.io", longhorn_backup(deleted=being_deleted)).state is JobState.Successful
    assert read("backups.velero.io", velero_backup("Deleting")) is None


@pytest.mark.parametrize(
    ("state_there", "state"),
    [
        ("", JobState.NotStarted),
        ("CreatingVolumeBackups", JobState.InProgress),
        ("CreatingBackingImageBackups", JobState.InProgress),
        ("Generating", JobState.InProgress),
        ("Uploading", JobState.InProgress),
        ("Syncing", JobState.InProgress),
        ("Ready", JobState.Successful),
        ("Error", JobState.Failed),
    ],
)
def test_a_system_backup_of_longhorn_is_one_object(state_there: str, state: JobState) -> None:
    why = [{"type": "Error", "status": "True", "reason": "Upload", "message": "no bucket"}]
    job = told("systembackups.longhorn.io", system_backup(state_there, conditions=why))
    assert (job.service, job.type, job.state) == (ServiceType.AKS, JobType.AKSBackup, state)
    assert (job.resource, job.comments) == ("prod", "no bucket")
    assert job.reference == "longhorn-system:s3://backups@eu-central-1:sys-20261122"
    assert job.total == int(state.finished)


def test_a_system_backup_from_the_target_is_a_result() -> None:
    copy = told("systembackups.longhorn.io", system_backup(created=99_000))
    assert (copy.sees, times(copy)) == (Sees.RESULTS, (at(3620), at(3620)))
    assert read("systembackups.longhorn.io", system_backup("Syncing", 99_000, createdAt=at(3620))) is None
    assert read("systembackups.longhorn.io", system_backup("Deleting")) is None


def test_a_backup_target_is_its_url_without_options() -> None:
    target = msgspec.convert(longhorn_target("nfs://backup.example.net:/srv?nfsOptions=soft"), longhorn.Target)
    assert longhorn.place(target, "prod") == "nfs://backup.example.net:/srv"


def samples() -> Iterator[tuple[str, dict[str, Any]]]:
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", ""))
    groups = {"velero": "velero.io", "cnpg": "postgresql.cnpg.io", "longhorn": "longhorn.io"}
    for name, group in groups.items():
        for file in sorted((folder / name).glob("*.json")):
            record = json.loads(file.read_text("utf-8"))
            if file.name.startswith("status."):
                plural = f"{file.name.split('.')[1]}s"
                record = {"metadata": velero_backup()["metadata"], "status": record}
            else:
                plural = record["kind"].removesuffix("List").lower() + "s"
            for one in record.get("items", [record]):
                yield f"{plural}.{group}", one


EXPECTED = {
    "Completed": JobState.Successful,
    "completed": JobState.Successful,
    "Ready": JobState.Successful,
    "failed": JobState.Failed,
    "Error": JobState.Failed,
    "running": JobState.InProgress,
    "InProgress": JobState.InProgress,
}


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_records_of_real_clusters_are_read() -> None:
    found = list(samples())
    assert len(found) >= 11
    for kind, record in found:
        entry, status = ENTRIES[kind], record["status"]
        job = entry.read(msgspec.convert(record, entry.type), ABOUT)
        assert job is not None
        assert job.state is EXPECTED[status.get("phase") or status["state"]]
        assert job.service is (ServiceType.Common if "cnpg" in kind else ServiceType.AKS)
        progress = status.get("progress")
        total = progress["totalItems"] if isinstance(progress, dict) else int(job.state.finished)
        assert (job.total, job.failed) == (total, int(job.state is JobState.Failed))
        assert job.successful == (total if job.state is JobState.Successful else 0)
        assert job.start
