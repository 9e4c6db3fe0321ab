"""Barman's backups as jobs: those that are killed, those that failed, and which are asked for again."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from socket import gethostname
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from barman_records import BEGAN, DONE, SYSTEM, Barman, row, shown
from msgspec.structs import replace

from clocks import Clock
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.barman import KIND
from jobreport.connectors.kinds.barman.records import Observed, Shown, began, job_of, understood
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults
from jobreport.model.query import JobQuery
from jobreport.model.sees import Sees
from jobreport.store import Store

START = ticks.UNIX_EPOCH + BEGAN * ticks.PER_SECOND
SEEN = START + 3600 * ticks.PER_SECOND
LATER, LATEST = "20261130T060000", "20261130T070000"
Both = tuple[dict[str, Any], dict[str, Any]]


def both(backup_id: str = DONE, status: str = "DONE", ended: int = BEGAN + 1, **more: Any) -> Both:
    return row(backup_id, status, ended), shown(backup_id, status, ended, **more)


def made(record: Mapping[str, Any], *, gone: bool = False, system: str = SYSTEM, zone: str = "UTC") -> Job:
    told = Observed(server="main", system=system, first_seen=SEEN, gone=gone)
    job = job_of(understood(record, Shown, "main"), told, ZoneInfo(zone), record)
    assert not faults(job, {})
    return job


@pytest.fixture
def barman(tmp_path: Path) -> Barman:
    return Barman(tmp_path)


@pytest.fixture
def wanted(barman: Barman, clock: Clock) -> Configured:
    clock.now = START + ticks.PER_DAY // 4
    settings = KIND.settings(command=barman.command, timezone="UTC")
    return Configured(name="pg", kind=KIND, every=300, tenant="default", settings=settings)


def stored(store: Store, tenant: int) -> dict[str, Job]:
    """The jobs in the store, by barman's ID."""
    lines = store.list_jobs(tenant, JobQuery(size=100)).lines
    found = [store.history(tenant, line.job_id) for line in lines]
    return {one.current.job.job_id.rpartition(":")[2]: one.current.job for one in found if one}


def states(store: Store, tenant: int) -> dict[str, JobState]:
    return {backup_id: job.state for backup_id, job in stored(store, tenant).items()}


def test_backups_of_a_primary_and_its_standby_are_two_though_both_began_in_the_same_second() -> None:
    told = Observed(server="standby", system=SYSTEM, first_seen=SEEN)
    other = job_of(understood(shown(), Shown, "standby"), told, ZoneInfo("UTC"), shown())
    assert other.job_id != made(shown()).job_id
    assert other.reference != made(shown()).reference


def test_secrets_in_what_a_failure_says_are_masked() -> None:
    failed = made(shown(status="FAILED", error='could not connect: "host=pg user=barman password=hunter2"'))
    assert "could not connect" in failed.comments
    assert "hunter2" not in failed.comments + failed.raw


def test_a_backup_that_is_done_has_its_times_and_its_size() -> None:
    job = made(shown())
    assert (job.service, job.type, job.state) == (ServiceType.Common, JobType.Backup, JobState.Successful)
    assert (job.start, job.finish) == (START, START + ticks.PER_SECOND)
    assert (job.failed, job.successful, job.total, job.size) == (0, 1, 1, 23_129_357)
    assert job.job_id == job.reference == f"barman:{SYSTEM}:main:{DONE}"
    assert (job.plan, job.resource, job.description) == ("main", "main", "barman: full backup")
    assert json.loads(job.raw) == shown()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("EMPTY", JobState.NotStarted),
        ("STARTED", JobState.InProgress),
        ("SYNCING", JobState.InProgress),
        ("WAITING_FOR_WALS", JobState.InProgress),
        ("FAILED", JobState.Failed),
        ("RETIRED", JobState.InProgress),
    ],
)
def test_what_is_not_done_began_when_its_id_says(status: str, state: JobState) -> None:
    job = made(shown(DONE, status), zone="Europe/Berlin")
    local = START if status == "WAITING_FOR_WALS" else START - 3600 * ticks.PER_SECOND
    assert (job.state, job.start, job.finish) == (state, local, SEEN if state.finished else 0)
    assert (job.failed, job.total) == (int(state.finished), int(state.finished))
    if status == "FAILED":
        told, error = job.comments.splitlines()
        assert told == "barman does not tell when it ended: it was first seen ended then"
        assert error.startswith("failure copying files (data transfer failure")
    if status == "RETIRED":
        assert "unknown status 'RETIRED'" in job.comments


def test_an_id_that_is_no_time_is_told() -> None:
    assert began("20261130T044543", ZoneInfo("UTC"), "main") == START
    for wrong in ("20261330T044543", "--help", ""):
        with pytest.raises(CannotReadError, match="of a backup of main is no time"):
            began(wrong, None, "main")


def test_a_backup_whose_system_is_not_shown_has_its_machine_in_its_id_and_keeps_that(
    barman: Barman, wanted: Configured, store: Store, tenant: int
) -> None:
    barman.has("main", both(status="WAITING_FOR_WALS", system_id=None))
    collect(store, tenant, wanted)
    barman.has("main", both())
    collect(store, tenant, wanted)
    (job,) = stored(store, tenant).values()
    assert (job.job_id, job.state) == (f"barman:{gethostname()}:main:{DONE}", JobState.Successful)
    assert job.reference == job.job_id


def test_only_what_is_new_or_may_have_changed_is_shown_again(
    barman: Barman, wanted: Configured, store: Store, tenant: int, clock: Clock
) -> None:
    old = [both(f"202601{day:02}T000000", ended=BEGAN - 86_400 * (300 + day)) for day in range(1, 31)]
    failed = both("20261129T000000", "FAILED")
    barman.has("main", *old, failed, both(), both(LATER, "WAITING_FOR_WALS"))
    collect(store, tenant, wanted)
    asked = barman.asked()
    assert asked[:2] == ["list-servers", "list-backups main"]
    assert asked[2:] == [f"show-backup main {one}" for one in ("20261129T000000", DONE, LATER)]
    clock.pass_by(86_400)
    before = stored(store, tenant)
    synced = both("20250101T000000", ended=BEGAN - 86_400 * 600)
    barman.has("main", *old, synced, failed, both(), both(LATER))
    collect(store, tenant, wanted)
    assert [words for words in barman.asked() if words.startswith("show")] == [
        "show-backup main 20250101T000000",
        "show-backup main 20261129T000000",  # seen ended less than the overlap before the last look
        f"show-backup main {LATER}",
    ]
    collect(store, tenant, wanted, back=2 * ticks.PER_DAY)
    shown_again = [words for words in barman.asked() if words.startswith("show")]
    assert shown_again == [f"show-backup main {one}" for one in ("20261129T000000", DONE, LATER)]
    after = stored(store, tenant)
    assert {one: after[one] for one in ("20261129T000000", DONE)} == {
        one: before[one] for one in ("20261129T000000", DONE)
    }
    assert after[LATER].state is JobState.Successful


def test_the_newest_is_told_however_old_it_is(
    barman: Barman, wanted: Configured, store: Store, tenant: int, clock: Clock
) -> None:
    barman.has("main", both("20261129T044543", ended=BEGAN - 86_399), both())
    clock.pass_by(86_400 * 400)
    collect(store, tenant, wanted)
    assert states(store, tenant) == {DONE: JobState.Successful}


def test_a_backup_whose_process_is_gone_is_failed_though_barman_says_started(
    barman: Barman, wanted: Configured, store: Store, tenant: int, clock: Clock
) -> None:
    barman.has("main", both(LATER, "STARTED"), both(), processes="cron backup")
    collect(store, tenant, wanted)
    assert states(store, tenant)[LATER] is JobState.InProgress
    barman.has("main", both(LATER, "STARTED"), both(), processes="cron")
    clock.pass_by(300)
    collect(store, tenant, wanted)
    job = stored(store, tenant)[LATER]
    assert (job.state, job.finish, job.failed) == (JobState.Failed, clock.now, 1)
    assert "its process is gone, and barman goes on to say STARTED" in job.comments
    for _ in range(2):
        clock.pass_by(86_400)
        collect(store, tenant, wanted, back=10 * ticks.PER_DAY)
    assert stored(store, tenant)[LATER] == job


def test_a_version_that_does_not_tell_its_processes_shows_it_by_the_next_backup(
    barman: Barman, wanted: Configured, store: Store, tenant: int
) -> None:
    barman.has("main", both(LATER, "STARTED"), both(DONE, "SYNCING"), processes=None)
    collect(store, tenant, wanted)
    assert set(states(store, tenant).values()) == {JobState.InProgress}
    barman.has("main", both(LATEST, "STARTED"), both(LATER, "STARTED"), both(DONE, "SYNCING"), processes=None)
    collect(store, tenant, wanted)
    expected = {LATEST: JobState.InProgress, LATER: JobState.Failed, DONE: JobState.InProgress}
    assert states(store, tenant) == expected


def test_what_ended_between_the_list_and_the_processes_is_not_killed(
    barman: Barman, wanted: Configured, store: Store, tenant: int
) -> None:
    barman.has("main", (row(LATER, "STARTED"), shown(LATER, "DONE")), processes="")
    collect(store, tenant, wanted)
    assert states(store, tenant) == {LATER: JobState.Successful}


def test_an_unfinished_one_that_is_deleted_is_gone(
    barman: Barman, wanted: Configured, store: Store, tenant: int
) -> None:
    barman.has("main", both(), both(LATER, "WAITING_FOR_WALS"))
    collect(store, tenant, wanted)
    barman.has("main", both())
    collect(store, tenant, wanted)
    assert states(store, tenant) == {DONE: JobState.Successful, LATER: JobState.Failed}


def test_each_server_fails_alone_and_an_empty_folder_is_no_list(
    barman: Barman, wanted: Configured, store: Store, tenant: int
) -> None:
    barman.has("main", both())
    barman.has("other", both())
    barman.has("new")
    assert collect(store, tenant, wanted).whole
    barman.has("main")
    barman.has_lost("other")
    named = replace(wanted, settings=KIND.settings(command=barman.command, servers=("main", "new", "other")))
    errors = {one.stream: one.error for one in collect(store, tenant, named).streams}
    assert errors["new"] == ""
    assert errors["main"].startswith("barman lists no backup of main, and had 1: is its disk there?")
    assert errors["other"] == "barman list-backups: Unknown server 'other'"


def test_a_record_that_cannot_be_read_hides_none_of_the_others(
    barman: Barman, wanted: Configured, store: Store, tenant: int
) -> None:
    barman.has("main", ({"backup_id": "x"}, {}), (row("latest", "STARTED"), {}), (row(LATER), {"status": 5}), both())
    (looked,) = collect(store, tenant, wanted).streams
    assert looked.error.startswith("3 of its records cannot be read: a backup of main cannot be read")
    assert states(store, tenant) == {DONE: JobState.Successful}


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'ERROR: please run barman as barman user' >&2; exit 1", "ended with exit code 1: ERROR: please run"),
        ('printf %s \'{"_EXCEPTION": ["/b/.lock\\nSee log file"]}\'; exit 1', "barman list-servers: /b/.lock$"),
        ("echo []", "barman list-servers printed no object of JSON"),
    ],
)
def test_who_may_not_ask_barman_is_told_so(script: str, why: str) -> None:
    settings = KIND.settings(command=("sh", "-c", script))
    tried = trial(Configured(name="pg", kind=KIND, every=300, tenant="default", settings=settings), SEEN)
    assert re.search(why, tried.error), tried.error
    assert not tried.whole


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"command": ("",)}, "command must name a program"),
        ({"servers": ("--all",)}, "servers must have names of barman's servers"),
        ({"servers": ("a", "a")}, "servers must name each only once"),
        ({"timezone": "Europe/Berlim"}, "timezone: .* did you mean Europe/Berlin?"),
        ({"longest": 0}, "longest must be more than 0"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        KIND.settings(**settings)


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_records_of_real_runs_are_read(barman: Barman, wanted: Configured, store: Store, tenant: int) -> None:
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "barman"
    found = {file.name: json.loads(json.loads(file.read_text())["stdout"]) for file in folder.glob("*backup*.json")}
    listed = found["list_backups_failed_rc0.json"]["main"]
    pictures = [found[f"show_backup_{status}_rc0.json"]["main"] for status in ("failed", "done")]
    barman.has("main", *zip(listed, pictures, strict=True))
    assert collect(store, tenant, wanted).whole
    jobs = stored(store, tenant)
    assert {one: job.state for one, job in jobs.items()} == {
        "20261128T145601": JobState.Failed,
        "20261128T145526": JobState.Successful,
    }
    assert {job.reference.split(":")[1] for job in jobs.values()} == {"7713236090570550563"}
    assert {job.sees for job in jobs.values()} == {Sees.OBJECTS}
    barman.has("empty")
    assert found["list_backups_empty_rc0.json"] == {"main": []}
    assert collect(store, tenant, wanted).whole
