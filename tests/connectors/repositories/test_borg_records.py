"""Archives of borg as jobs: what names them, what is no backup, and records that are not as they should be."""

import json
import os
from typing import Any

import pytest
from repositories import samples

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.borg.records import job_of, time_of
from jobreport.connectors.names import without_dates
from jobreport.contract.job_fields import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults

REPOSITORY = "399ea2c3624e704300d7e2ad456ea05eea0f093c94b4a22e9c174e7f15911d4c"
ID = "70bf088c33585e4ebcc7ec70a03c34b6ee881e6ef976a6b5597579d7328a6186"
ARCHIVE = {
    "archive": "web-home-2026-11-30T01:00",
    "barchive": "web-home-2026-11-30T01:00",
    "command_line": ["/usr/bin/borg", "create", "--stats", "/srv/borg::web-home-{now}", "/home", "/etc"],
    "comment": "before the move",
    "end": "2026-11-30T01:14:12.500000",
    "hostname": "web-1",
    "id": ID,
    "name": "web-home-2026-11-30T01:00",
    "start": "2026-11-30T01:00:12.000000",
    "time": "2026-11-30T01:00:12.000000",
    "username": "root",
}


def job(record: Any) -> Job | None:
    made = job_of(REPOSITORY, record, json.dumps(record))
    if made:
        made = without_dates(made)
        assert faults(made, NAMES) == []
    return made


def must(record: Any) -> Job:
    made = job(record)
    assert made
    return made


def test_secrets_that_were_arguments_are_masked() -> None:
    given = ["borg", "create", "ssh://me:hunter2@nas/borg::web-1", "/home"]
    for words in (given, " ".join(given)):
        found = must(ARCHIVE | {"command_line": words, "comment": "password=hunter2"})
        assert "hunter2" not in found.comments + found.raw
        assert json.loads(found.raw)["id"] == ID
        assert found.resource == "web-1:/home"


def test_an_archive_is_a_success_with_its_times_in_utc() -> None:
    found = must(ARCHIVE)
    assert (found.service, found.type, found.state) == (ServiceType.FileShare, JobType.FileBackup, JobState.Successful)
    assert found.start == ticks.from_iso("2026-11-30T01:00:12Z") == time_of(ARCHIVE)
    assert found.finish == ticks.from_iso("2026-11-30T01:14:12.5Z")
    assert found.job_id == f"borg:399ea2c3624e:{ID}"
    assert found.reference == f"borg:{REPOSITORY}:{ID}"
    assert found.made == "borg:web-home-2026-11-30T01:00@web-1"
    assert (found.plan, found.resource) == ("web-home", "web-1:/home, /etc")
    assert found.description == "borg backup of /home, /etc on web-1"
    assert found.comments == "archive web-home-2026-11-30T01:00\nbefore the move"
    assert json.loads(found.raw) == ARCHIVE
    # A version that tells the zone is believed.
    assert must(ARCHIVE | {"start": "2026-11-30T02:00:12.000000+01:00"}).start == found.start


@pytest.mark.parametrize("name", ["web.checkpoint", "web-2026-11-30.checkpoint.3"])
def test_what_a_backup_has_saved_so_far_is_no_job(name: str) -> None:
    assert job(ARCHIVE | {"name": name}) is None


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("web-home-20261130", "web-home"),
        ("web-home-2026-11-30T01:00:00.123456", "web-home"),
        ("a1", ""),
        ("web-1732928412", ""),
        ("30.11.2026-web", ""),
        ("2026-11-30-2", ""),
    ],
)
def test_a_name_without_its_date_is_the_plan_unless_it_is_another_one_each_time(name: str, plan: str) -> None:
    assert must(ARCHIVE | {"name": name}).plan == plan


def test_the_bare_list_of_any_version_is_enough() -> None:
    bare = {name: ARCHIVE[name] for name in ("id", "name", "start")}
    found = must(bare)
    assert (found.finish, found.resource) == (found.start, ":")
    assert found.description == "borg backup of standard input on "


@pytest.mark.parametrize(
    "change",
    [
        {"command_line": "borg create repo::a /srv"},
        {"command_line": ["borg", "create", "r::a", "x" * 2000], "hostname": "h" * 2000, "comment": "c" * 9000},
        {"name": "\udcff\0\n", "hostname": "\udcff", "comment": "\x1b[31m"},
        {"end": "2026-11-29T00:00:00.000000"},
    ],
)
def test_odd_archives_are_jobs_that_can_be_stored(change: dict[str, Any]) -> None:
    assert must(ARCHIVE | change).state is JobState.Successful


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": "Mon, 2026-11-30"}, "no time of a kind that is known"),
        ({"id": ""}, "has no ID"),
        ({"name": None}, r"Expected `str`, got `null` - at `\$.name`"),
    ],
)
def test_an_archive_that_is_none_is_told(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UnreadableRecordError, match=said):
        job(ARCHIVE | change)


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_every_archive_among_the_samples_is_a_success() -> None:
    listed = json.loads(samples("borg")["list_rc0.json"]["stdout"])["archives"]
    told = json.loads(samples("borg")["info_rc0.json"]["stdout"])["archives"]
    found = [must(one) for one in [*listed, *told]]
    assert [(one.state, one.comments, one.resource) for one in found] == [
        (JobState.Successful, "archive a1", ":"),
        (JobState.Successful, "archive a2", ":"),
        (JobState.Successful, "archive a3", ":"),
        (JobState.Successful, "archive a2", "vm:src"),
    ]
    assert len({one.reference for one in found}) == 3
