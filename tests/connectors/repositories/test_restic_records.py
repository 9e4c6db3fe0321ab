"""Snapshots of restic as jobs: old and new versions, changed copies, and records that are not as they should be."""

import json
import os
from typing import Any

import pytest
from repositories import samples

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.restic.records import job_of, time_of
from jobreport.connectors.names import without_dates
from jobreport.contract.job_fields import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults

REPOSITORY = "ffd886e9d674abedd2bde9d3aeb236d33fde2e86cf1d44274b2cc44c4022c495"
ID = "2b65ea4f9235a5a1a1af8be388e1ab2569d6dd32de490c0f3343fa3ff796eaf9"
OLD = {
    "time": "2026-11-30T02:00:04.100759323+01:00",
    "tree": "0521da2e",
    "paths": ["/srv", "/etc"],
    "hostname": "web-1",
    "username": "root",
    "id": ID,
    "short_id": ID[:8],
}
"""As versions before 0.17 tell it."""
NEW = OLD | {
    "tags": ["plan:nightly", "kept"],
    "program_version": "restic 0.17.3",
    "summary": {
        "backup_start": "2026-11-30T01:00:05Z",
        "backup_end": "2026-11-30T01:14:00.5Z",
        "data_added": 61_097,
        "total_files_processed": 812,
        "total_bytes_processed": 60_000,
    },
}


def job(record: Any) -> Job:
    made = without_dates(job_of(REPOSITORY, record, json.dumps(record)))
    assert faults(made, NAMES) == []
    return made


def test_a_snapshot_of_an_older_version_is_a_success_of_which_only_the_begin_is_known() -> None:
    found = job(OLD)
    assert (found.service, found.type, found.state) == (ServiceType.FileShare, JobType.FileBackup, JobState.Successful)
    assert found.start == found.finish == ticks.from_iso("2026-11-30T01:00:04.1007593Z") == time_of(OLD)
    assert (found.successful, found.total, found.size) == (1, 1, 0)
    assert found.job_id == f"restic:ffd886e9d674:{ID}"
    assert found.reference == f"restic:{REPOSITORY}:{ID}"
    assert found.made == "restic:2b65ea4f@web-1"
    assert (found.resource, found.plan) == ("web-1:/srv, /etc", "")
    assert found.description == "restic backup of /srv, /etc on web-1"
    assert found.comments == "snapshot 2b65ea4f"
    assert json.loads(found.raw) == OLD
    assert found.observed == 0


def test_a_newer_version_tells_the_end_and_what_was_read_and_backrest_its_plan() -> None:
    found = job(NEW)
    assert (found.start, found.finish) == tuple(map(ticks.from_iso, ("2026-11-30T01:00:05Z", "2026-11-30T01:14:00.5Z")))
    assert (found.successful, found.total, found.size) == (812, 812, 60_000)
    assert found.plan == "nightly"
    assert found.comments == "snapshot 2b65ea4f, 61,097 bytes added, tags: plan:nightly, kept"


def test_a_snapshot_whose_tags_were_changed_or_that_was_copied_is_the_same_backup() -> None:
    changed = NEW | {"id": "8457" + ID[4:], "original": ID, "tags": ["other"]}
    found = job(changed)
    assert (found.job_id, found.reference, found.made) == (job(OLD).job_id, job(OLD).reference, job(OLD).made)
    # Beside its original it never counts, and of two copies the same one in each look.
    assert found.finish < found.observed < found.finish + 2**17
    other = job(changed | {"id": "8458" + ID[4:]})
    assert other.observed - found.observed == 1
    assert job(changed | {"id": "?"}).observed == 0


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"paths": None, "tags": None}, "standard input"),
        ({"paths": ["/srv/2026-11-30"]}, "/srv"),
        ({"paths": ["/" + "ä" * 2000], "hostname": "h" * 2000}, ""),
        ({"hostname": "\x1b[31mred\ud800", "paths": ["a\0b\nc"], "tags": ["\ud800"]}, ""),
        ({"time": "2026-11-30T02:00:04Z", "summary": {"backup_end": "2026-11-29T02:00:04Z"}}, ""),
        ({"summary": {"total_files_processed": 2**40, "total_bytes_processed": 2**62, "data_added": -1}}, ""),
    ],
)
def test_odd_snapshots_are_jobs_that_can_be_stored(change: dict[str, Any], paths: str) -> None:
    assert paths in job(NEW | change).description


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"time": "yesterday"}, "no time of a kind that is known: 'yesterday'"),
        ({"time": None}, r"Expected `str`, got `null` - at `\$.time`"),
        ({"id": ""}, "has no ID"),
        ({"paths": "all"}, r"Expected `array \| null`, got `str` - at `\$.paths`"),
    ],
)
def test_a_snapshot_that_is_none_is_told(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UnreadableRecordError, match=said):
        job(OLD | change)


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_every_snapshot_among_the_samples_is_a_success() -> None:
    found = [job(one) for one in json.loads(samples("restic")["snapshots_rc0.json"]["stdout"])]
    assert [(one.state, one.resource, one.made) for one in found] == [
        (JobState.Successful, "vm:/srv/src/f1.bin, /srv/src/f2.bin", "restic:2b65ea4f@vm"),
        (JobState.Successful, "vm:/srv/src", "restic:ee0bc626@vm"),
        (JobState.Successful, "vm:/srv/src/f1.bin", "restic:9c5ce920@vm"),
    ]
