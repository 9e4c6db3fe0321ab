"""The short name of what a run made, by which the list of its repository finds it."""

import json
import socket

import pytest
from tool_runs import read

from jobreport.model.catalog import JobState
from jobreport.model.job import TEXT_LIMITS, faults
from jobreport.runner.tools import made
from jobreport.runner.tools.base import Counts, Outcome
from jobreport.runner.tools.known import recognise
from jobreport.runner.tracker import JobTracker
from strategies import NOW

SNAPSHOT = "2b65ea4f9235a5a1a1af8be388e1ab2569d6dd32de490c0f3343fa3ff796eaf9"
ARCHIVE = "b08ff67431434a241985092b321ee3f1b348d7f472109fa0c6879c1b4fe5f558"
SUMMARY = '{"message_type":"summary","total_files_processed":2,"snapshot_id":"%s"}'
BARMAN = """Starting backup using postgres method for server main in /b/main/base/20261130T044543
Backup completed (start time: 2026-11-30 04:45:43, elapsed time: 1 second)
"""
STATS = {
    "archive": {"name": "web-1", "id": ARCHIVE, "stats": {"nfiles": 2}},
    "repository": {"id": SNAPSHOT, "location": "/srv/borg"},
}
MANIFEST = {"id": "2e14", "source": {"host": "web-1", "userName": "root", "path": "/srv"}, "rootEntry": {}}


@pytest.mark.parametrize(
    ("command", "stdout", "name"),
    [
        ("restic backup --json /srv", SUMMARY % SNAPSHOT[:8], "restic:2b65ea4f@"),
        ("restic backup --json /srv", SUMMARY % SNAPSHOT, "restic:2b65ea4f@"),
        ("restic backup /srv --host Web.example.com", "snapshot 2b65ea4f saved", "restic:2b65ea4f@web"),
        ("restic backup -H web /srv", "snapshot 2b65ea4f saved", "restic:2b65ea4f@web"),
        ("restic copy --from-repo /a", "snapshot 2b65ea4f saved", ""),
        ("restic backup --dry-run --json /srv", '{"message_type":"summary","total_files_processed":2}', ""),
        ("borg create /srv/borg::web-1 /srv", "", "borg:web-1@"),
        ("borg create --dry-run /srv/borg::web-1 /srv", "", ""),
        ("borg create /srv/borg::web-{now} /srv", "", ""),
        ("borg create --stats /srv/borg::{now} /srv", "Archive name: täglich 1", "borg:t%C3%A4glich 1@"),
        ("borg create --json /srv/borg::{now} /srv", json.dumps(STATS, indent=4), "borg:web-1@"),
        ("borg prune /srv/borg::web-1", "", ""),
        ("borg info --json /srv/borg::web-1", json.dumps(STATS, indent=4), ""),
        ("tar cf a b", "", ""),
        (
            "kopia snapshot create /srv",
            f"Snapshotting root@web-1:/srv/a b ...\nCreated snapshot with root k1 and ID {SNAPSHOT[:32]} in 1s",
            "kopia:/srv/a b@web-1",
        ),
        (
            "kopia snapshot create --all",
            f"Snapshotting root@web-1:/srv ...\nCreated snapshot with root k1 and ID {SNAPSHOT[:32]} in 1s\n" * 2,
            "",
        ),
        (  # the second one failed at once
            "kopia snapshot create --all",
            f"Snapshotting root@web-1:/a ...\nCreated snapshot with root k1 and ID {SNAPSHOT[:32]} in 1s\n"
            "Snapshotting root@web-1:/b ...\n",
            "",
        ),
        ("kopia snapshot create --json /srv", json.dumps(MANIFEST), "kopia:/srv@web-1"),
        ("resticprofile -n home backup", "snapshot 2b65ea4f saved", "restic:2b65ea4f@"),
        ("pgbackrest --stanza=demo --type=incr backup", "", "pgbackrest:demo@"),
        ("pgbackrest --stanza=demo expire", "", ""),
        ("pgbackrest --stanza=demo --dry-run backup", "", ""),
        ("pgbackrest backup", "", "pgbackrest:@"),  # the environment has the rest
        ("barman backup main", BARMAN, "barman:main:20261130T044543"),
        ("barman backup all", BARMAN + BARMAN, ""),
        ("barman backup all", f"{BARMAN}ERROR: Another action is in progress for the backup of server other", ""),
        ("barman backup main", f"{BARMAN}ERROR: a hook failed", "barman:main:20261130T044543"),
    ],
)
def test_a_tool_names_what_it_made(command: str, stdout: str, name: str) -> None:
    assert read(command.split(), 0, stdout).made == name


def test_borg_tells_all_of_it_in_json_and_only_of_an_archive_that_is_there() -> None:
    command = ["borg", "create", "--json", "/srv/borg::{now}", "/srv"]
    assert read(command, 1, json.dumps(STATS, indent=4)).reference == f"borg:{SNAPSHOT}:{ARCHIVE}"
    failed = read(command[:2] + command[3:-2] + ["/srv/borg::web-1", "/srv"], 2)
    assert (failed.made, failed.reference) == ("", "")
    odd = STATS | {"repository": {"id": "é"}}
    assert read(command, 0, json.dumps(odd, indent=4)).reference == ""


def test_the_job_of_a_run_says_it_with_the_host() -> None:
    command = ["restic", "backup", "/srv"]
    host = socket.gethostname().partition(".")[0].casefold()
    for environment, machine in ({}, host), ({"RESTIC_HOST": "Döner.example.com"}, "d%C3%B6ner"):
        tracker = JobTracker(command, recognise(command), environment=environment)
        tracker.starts()
        tracker.lines("stdout", ["snapshot 2b65ea4f saved"])
        assert tracker.now().made == ""
        job = tracker.ends(3, None)
        assert (job.state, job.made, faults(job, {})) == (JobState.Exception, f"restic:2b65ea4f@{machine}", [])


def test_a_name_fits_whatever_it_is() -> None:
    for name in (made.borg("x" * 999, "web"), made.borg("\ud800\n" * 99, "ü" * 99), made.kopia("ÿ" * 400, "web")):
        assert len(name) <= TEXT_LIMITS["made"]
        assert name.isascii()
        assert name.isprintable()
    assert made.whole(made.restic(SNAPSHOT), "web.example.com", {}, NOW) == made.restic(SNAPSHOT, "web")
    assert made.whole(made.pgbackrest("demo"), "db.example.com", {}, NOW) == made.pgbackrest("demo", "db", NOW)
    stanza = {"PGBACKREST_STANZA": "demo"}
    assert made.whole(made.pgbackrest(""), "db.example.com", stanza, NOW) == made.pgbackrest("demo", "db", NOW)
    assert made.whole(made.pgbackrest(""), "db.example.com", {}, NOW) == ""
    for told in (made.kopia("/srv@1"), made.kopia("/srv@1", "web")):
        assert made.whole(told, "web.example.com", {}, NOW) == made.kopia("/srv@1", "web", NOW)
    assert made.kopia("/srv", "web", NOW).startswith("kopia:/srv:20")


def test_a_tool_that_names_it_wrongly_loses_no_report() -> None:
    class Odd:
        name, brings = "odd", recognise(["restic"]).brings
        subject = recognise(["restic"]).subject

        def reader(self, argv: object) -> "Odd":
            return self

        def line(self, stream: str, text: str) -> None: ...

        def counts(self) -> Counts:
            return Counts()

        def outcome(self, exit_code: int) -> Outcome:
            return Outcome(state=JobState.Successful, counts=Counts(), made="é", reference="x" * 999)

    tracker = JobTracker(["odd"], Odd())
    tracker.starts()
    job = tracker.ends(0, None)
    assert (job.state, job.made, job.reference, faults(job, {})) == (JobState.Successful, "", "", [])
