"""Velero's backups and restores as jobs: each state, its counts, and what names a backup in every cluster."""

from typing import Any

import msgspec
import pytest
from fakes.kubernetes_objects import at, cnpg_backup, longhorn_backup, velero_backup, velero_location, velero_restore
from kubernetes_records import counts, times, told

from jobreport.connectors.kinds.kubernetes import velero
from jobreport.connectors.kinds.kubernetes.objects import About
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.sees import Sees


@pytest.mark.parametrize(
    ("phase", "state", "failed"),
    [
        ("New", JobState.NotStarted, 0),
        ("ReadyToStart", JobState.NotStarted, 0),
        ("Queued", JobState.Waiting, 0),
        ("InProgress", JobState.InProgress, 0),
        ("WaitingForPluginOperations", JobState.InProgress, 0),
        ("WaitingForPluginOperationsPartiallyFailed", JobState.InProgress, 0),
        ("Finalizing", JobState.InProgress, 0),
        ("FinalizingPartiallyFailed", JobState.InProgress, 0),
        ("Completed", JobState.Successful, 0),
        ("PartiallyFailed", JobState.Exception, 1),
        ("Failed", JobState.Failed, 1),
        ("FailedValidation", JobState.Failed, 1),
    ],
)
def test_a_velero_backup_has_the_state_of_its_phase(phase: str, state: JobState, failed: int) -> None:
    job = told("backups.velero.io", velero_backup(phase))
    assert (job.service, job.type, job.state) == (ServiceType.AKS, JobType.AKSBackup, state)
    assert job.failed == failed
    assert (job.plan, job.resource, job.sees) == ("nightly", "prod", Sees.OBJECTS)
    started = "progress" in velero_backup(phase)["status"]
    assert times(job) == (at(2) if started else at(0), at(62) if state.finished and started else "")


def test_a_velero_backup_counts_its_items_and_says_what_went_wrong() -> None:
    lost = {
        "errors": 3,
        "backupItemOperationsFailed": 1,
        "warnings": 9,
        "hookStatus": {"hooksAttempted": 4, "hooksFailed": 2},
    }
    job = told("backups.velero.io", velero_backup("PartiallyFailed", failureReason="no space", **lost))
    assert counts(job) == (4, 58, 58)
    assert job.comments == "no space\n3 errors\n9 warnings\n2 of 4 hooks failed"
    stale = {"totalItems": 58, "itemsBackedUp": 40}
    behind = told("backups.velero.io", velero_backup(progress=stale, warnings=9))
    assert (behind.state, counts(behind), behind.comments) == (JobState.Successful, (0, 40, 58), "9 warnings")
    refused = told("backups.velero.io", velero_backup("FailedValidation", validationErrors=["no location", "no ttl"]))
    assert (counts(refused), refused.comments) == ((1, 0, 1), "no location\nno ttl")


def test_a_volume_without_its_snapshot_is_no_success_once_all_has_ended() -> None:
    volumes = {"csiVolumeSnapshotsAttempted": 3, "csiVolumeSnapshotsCompleted": 1}
    job = told("backups.velero.io", velero_backup(**volumes))
    assert (job.state, job.failed) == (JobState.Exception, 2)
    assert job.comments == "its origin says Completed, and that 2 failed"
    assert told("backups.velero.io", velero_backup("Finalizing", **volumes)).failed == 0


def test_a_phase_that_is_not_known_is_told_and_is_no_success() -> None:
    ended = told("backups.velero.io", velero_backup("Archived", startTimestamp=at(2), completionTimestamp=at(62)))
    assert (ended.state, ended.comments) == (JobState.Exception, "unknown status 'Archived' of its origin")
    runs = told("backups.velero.io", velero_backup("Archived", completionTimestamp=None))
    assert (runs.state, runs.finish) == (JobState.InProgress, 0)
    assert told("backups.postgresql.cnpg.io", cnpg_backup("archived")).state is JobState.InProgress
    other = told("backups.longhorn.io", longhorn_backup("Archived", backupCreatedAt=at(41)))
    assert other.state is JobState.Exception


def test_a_velero_backup_is_named_by_its_place_and_start_and_so_the_same_in_each_cluster() -> None:
    mine = told("backups.velero.io", velero_backup())
    assert mine.job_id == mine.reference == "velero:backups:nightly-20261122020000:2026-11-22T02:00:02Z"
    elsewhere = About(cluster="standby", places={("velero", "main"): "backups"})
    copy = told("backups.velero.io", velero_backup(location="main", created=120), elsewhere)
    assert (copy.job_id, copy.reference) == (mine.job_id, mine.reference)
    assert (copy.sees, copy.resource) == (Sees.RESULTS, "backups")
    other = About(cluster="standby", places={("velero", "default"): "other"})
    assert told("backups.velero.io", velero_backup(), other).reference != mine.reference


def test_a_velero_backup_that_has_not_started_is_named_by_its_cluster() -> None:
    job = told("backups.velero.io", velero_backup("New"))
    assert (job.job_id, job.reference) == ("velero:prod/velero:nightly-20261122020000:2026-11-22T02:00:00Z", "")
    nowhere = told("backups.velero.io", velero_backup(location="gone"))
    assert (nowhere.job_id, nowhere.reference) == (job.job_id, "")


@pytest.mark.parametrize(
    ("about", "place"),
    [
        ({}, "backups"),
        ({"prefix": "/prod/"}, "backups/prod"),
        ({"config": {"storageAccount": "acme"}}, "acme/backups"),
        ({"config": {"s3Url": "https://S3.example.net:9000/"}}, "s3.example.net:9000/backups"),
        ({"config": {"s3Url": "http://minio.velero.svc:9000"}}, "prod/minio.velero.svc:9000/backups"),
        ({"config": {"s3Url": "http://minio:9000"}}, "prod/minio:9000/backups"),
        ({"config": {"s3Url": "http://[half"}}, "backups"),
    ],
)
def test_a_storage_location_is_its_bucket_and_where_only_the_cluster_knows_the_host_that_of_the_cluster(
    about: dict[str, Any], place: str
) -> None:
    record = msgspec.convert(velero_location(**about), velero.Location)
    assert velero.place(record, "prod") == place


def test_a_velero_restore_is_a_job_of_its_cluster() -> None:
    job = told("restores.velero.io", velero_restore(warnings=9))
    assert (job.service, job.type, job.state) == (ServiceType.AKS, JobType.AKSRestore, JobState.Successful)
    assert (counts(job), job.comments, job.resource) == ((0, 38, 38), "9 warnings", "prod: shop")
    assert (times(job), job.reference) == ((at(3601), at(3620)), "")
    assert job.description == "Velero restore of nightly-20261122020000"
    failed = told("restores.velero.io", velero_restore("PartiallyFailed", errors=2, restoreItemOperationsFailed=1))
    assert (failed.state, failed.failed) == (JobState.Exception, 3)


def test_namespaces_that_are_chosen_are_named_and_very_many_counted() -> None:
    few = told("backups.velero.io", velero_backup(namespaces=["shop", "web"]))
    assert few.resource == "prod: shop, web"
    many = told("backups.velero.io", velero_backup(namespaces=[f"team-{number}" for number in range(200)]))
    assert many.resource == "prod: 200 namespaces"


def test_a_text_with_a_nul_is_kept_without_it() -> None:
    assert told("backups.velero.io", velero_backup("Failed", failureReason="a\0b")).comments == "ab"
