"""What pgBackRest prints as jobs, and what must not be taken for a list without failures."""

import json
import os
import stat
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pgbackrest_records import BEGAN, SYSTEM, backup, stanza

from jobreport.connectors.base import CannotReadError, Look, Page, UnreadableRecordError
from jobreport.connectors.kinds.pgbackrest import KIND
from jobreport.connectors.kinds.pgbackrest.records import Part, job_of, parts
from jobreport.connectors.kinds.pgbackrest.settings import Settings
from jobreport.connectors.kinds.pgbackrest.stanzas import Stanzas
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults

FIRST = ticks.UNIX_EPOCH + BEGAN * ticks.PER_SECOND
NOW = FIRST + 100 * ticks.PER_DAY
GARBAGE = (99, "[FormatError] unable to load info file '/r/backup.info'\nFormatError: \x8f\x03secret\nHINT: none")


def jobs_of(part: Part) -> list[Job]:
    return [job_of(part, "db-1", json.loads(bytes(raw)), bytes(raw).decode()) for raw in part.backups]


def jobs(*stanzas: dict[str, Any]) -> list[Job]:
    every = [one for part in parts(json.dumps(stanzas).encode()) for one in jobs_of(part)]
    assert not [fault for job in every for fault in faults(job, {})]
    return every


@pytest.fixture
def program(tmp_path: Path) -> Any:
    """A connector to a pgBackRest that prints this."""

    def make(*stanzas: dict[str, Any], **settings: Any) -> Stanzas:
        (tmp_path / "printed").write_text(json.dumps(stanzas))
        file = tmp_path / "pgbackrest"
        file.write_text(
            f'#!/bin/sh\necho "$@ $PGBACKREST_REPO1_CIPHER_PASS" >> {tmp_path}/asked\ncat {tmp_path}/printed'
        )
        file.chmod(stat.S_IRWXU)
        return Stanzas(Settings(command=(str(file), "--config=/etc/x"), **settings))

    return make


def look(connector: Stanzas, since: int) -> dict[str, list[Page] | str]:
    """What a look at each stream brings, or why it cannot be read."""
    found: dict[str, list[Page] | str] = {}
    for stream in connector.streams():
        try:
            found[stream.name] = list(connector.read(stream, Look(since=since, now=NOW)))
        except CannotReadError as error:
            found[stream.name] = str(error)
    return found


def test_a_backup_is_one_object_with_its_times_and_size() -> None:
    (job,) = jobs(stanza(backup()))
    assert (job.service, job.type, job.state) == (ServiceType.Common, JobType.Backup, JobState.Successful)
    assert (job.start, job.finish) == (FIRST, FIRST + 3 * ticks.PER_SECOND)
    assert (job.failed, job.successful, job.total, job.size) == (0, 1, 1, 22_992_349)
    assert job.job_id == job.reference == f"pgbackrest:{SYSTEM}:demo:20261130-000000F:1:000000010000000000000002"
    assert (job.plan, job.resource, job.description) == ("demo", "demo, repo 1", "pgBackRest: full backup")
    assert json.loads(job.raw) == backup()


def test_backups_of_clusters_that_were_one_are_not_one_though_both_began_in_the_same_second() -> None:
    elsewhere = backup() | {"archive": {"start": "000000020000000000000009", "stop": "000000020000000000000009"}}
    copies = [backup(), elsewhere, backup() | {"archive": {"start": None, "stop": None}}]
    found = [*jobs(*(stanza(one) for one in copies)), *jobs(stanza(backup(), name="standby"))]
    assert len({job.job_id for job in found}) == len({job.reference for job in found}) == 4


def test_a_backup_in_a_repository_that_is_not_listed_is_not_left_out() -> None:
    lists = list(parts(json.dumps([stanza(backup(), backup(1, repo=3))]).encode()))
    assert [(part.name, len(part.backups)) for part in lists] == [("demo: repo 1", 1), ("demo: repo 3", 1)]
    with pytest.raises(UnreadableRecordError, match="is of a database that is not listed"):
        jobs_of(lists[1])


def test_each_kind_of_backup_is_a_series_of_its_own() -> None:
    found = jobs(stanza(backup(), backup(1, kind="diff"), backup(2, kind="incr")))
    assert len({job.description for job in found}) == 3


def test_few_backups_have_a_short_name_in_common() -> None:
    """Each new one is held against all that have it."""
    names = Counter(job.made for job in jobs(stanza(*map(backup, range(240)))))
    assert max(names.values()) == 24  # an hourly backup's of a day


@pytest.mark.parametrize(("error", "state"), [(True, JobState.Exception), (None, JobState.Successful)])
def test_only_its_own_error_tells_of_damaged_pages(error: bool | None, state: JobState) -> None:
    (job,) = jobs(stanza(backup(error=error), statuses=((0, "ok"),)))
    assert (job.state, job.failed, job.cause) == (state, int(bool(error)), "damaged" if error else "")


def test_a_repository_that_cannot_be_read_is_no_data_of_it_alone(program: Any) -> None:
    both = stanza(backup(), backup(1, repo=2), statuses=((0, "ok"), GARBAGE))
    found = look(program(both, stanza(name="new"), stanza(name="old", statuses=((1, "missing stanza path"),))), FIRST)
    assert sum(len(page.jobs) for page in found["demo: repo 1"]) == 1
    why = "demo: repo 2 cannot be read: [FormatError] unable to load info file '/r/backup.info'"
    assert found["demo: repo 2"] == why
    assert [page for page in found["new: repo 1"] if page.jobs] == []
    assert found["old: repo 1"] == "old: repo 1 cannot be read: missing stanza path"


def test_rights_are_the_repositories_that_can_be_read(program: Any) -> None:
    rights = list(program(stanza(backup(), statuses=((0, "ok"), GARBAGE))).rights())
    assert [(right.stream, right.held) for right in rights] == [("demo: repo 1", True), ("demo: repo 2", False)]


def test_a_first_look_brings_all_and_the_next_what_is_new(program: Any) -> None:
    connector = program(stanza(*map(backup, range(1200))))
    (stream,) = connector.streams()
    since = FIRST + 600 * 3600 * ticks.PER_SECOND
    first = list(connector.read(stream, Look(since=since, now=NOW)))
    assert [len(page.jobs) for page in first] == [500, 500, 200, 0]
    again = connector.read(stream, Look(since=since, now=NOW + ticks.PER_DAY // 24, state=first[-1].state))
    assert sum(len(page.jobs) for page in again) == 600


def test_a_record_that_cannot_be_read_hides_none_of_the_others(program: Any) -> None:
    other = backup(2) | {"database": {"id": 7, "repo-key": 1}}
    pages = look(program(stanza(backup(), {"label": 5}, other)), FIRST)["demo: repo 1"]
    assert sum(len(page.jobs) for page in pages) == 1
    refused = [said for page in pages for said in page.refused]
    assert len(refused) == 2
    assert "of a database that is not listed" in refused[1]


def test_stanzas_that_are_named_are_asked_for_one_by_one_with_what_the_file_has(program: Any, tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("PGBACKREST_REPO1_CIPHER_PASS='of the repo'\n")
    (tmp_path / "secrets").chmod(0o600)
    list(program(stanza(backup()), stanzas=("a",), environment_file=str(tmp_path / "secrets")).streams())
    assert (tmp_path / "asked").read_text() == "--config=/etc/x --stanza=a info --output=json of the repo\n"


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ([], "finds no stanza in any repository"),
        ([stanza(name="[invalid]", statuses=((99, "[PathOpenError] no way"),))], "cannot list its stanzas: .* no way"),
        ({"a": 1}, "printed no list of stanzas in JSON"),
    ],
)
def test_no_list_is_an_error_not_an_empty_one(printed: object, why: str, tmp_path: Path) -> None:
    (tmp_path / "printed").write_text(json.dumps(printed))
    with pytest.raises(CannotReadError, match=why):
        list(Stanzas(Settings(command=("sh", "-c", f"cat {tmp_path}/printed"))).streams())


def test_a_version_with_one_repository_names_none() -> None:
    old = stanza(backup())
    del old["repo"], old["db"][0]["repo-key"], old["backup"][0]["database"]["repo-key"]
    assert [job.evolve(raw="") for job in jobs(old)] == [job.evolve(raw="") for job in jobs(stanza(backup()))]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"command": ()}, "command must name a program"),
        ({"stanzas": ("--output=text",)}, "stanzas must have names of stanzas"),
        ({"stanzas": ("a", "a")}, "stanzas must name each only once"),
        ({"longest": 0}, "longest must be more than 0"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        KIND.settings(**settings)


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_records_of_real_runs_are_read() -> None:
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "pgbackrest"
    printed = {file.name: json.loads(file.read_text())["stdout"].encode() for file in folder.glob("info_*.json")}
    found = {name: list(parts(text)) for name, text in printed.items()}
    assert {name: [bool(part.unreadable) for part in every] for name, every in found.items()} == {
        "info_full_and_incr_rc0.json": [False],
        "info_missing_stanza_path_rc0.json": [True],
        "info_no_backup_rc0.json": [False],
        "info_no_stanza_rc0.json": [],
        "info_while_running_rc0.json": [False],
    }
    (part,) = found["info_full_and_incr_rc0.json"]
    full, incremental = jobs_of(part)
    assert full.reference == "pgbackrest:7713235170216264512:demo:20261128-145154F:1:000000010000000000000002"
    assert (full.state, incremental.state) == (JobState.Successful, JobState.Successful)
    assert incremental.finish - incremental.start == 2 * ticks.PER_SECOND
