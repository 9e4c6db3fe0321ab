"""The connector to kopia: the lists of its program and of its server, what each of them lacks, and permissions.

kopia itself is in no package that could be installed for tests. So its program and its server are replaced by our own,
whose output is compared with the declarations in kopia's source.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from fakes.kopia.kopia_records import REPOSITORY, Pages, Program, snapshot, task
from fakes.loopback import Reply, serving
from repositories import configured, every_job

from clocks import Clock
from jobreport.connectors.collect import collect
from jobreport.connectors.trial import trial
from jobreport.identity import inboxes
from jobreport.inbox.deliver import deliver
from jobreport.inbox.webhooks.kopia import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.sees import Sees
from jobreport.runner.tools import made
from jobreport.store import Store
from jobreport.store.registry import tenants
from webhook_samples import KOPIA, delivery


@pytest.fixture
def kopia(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def password(tmp_path: Path) -> str:
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    return str(file)


def test_snapshots_are_results_and_tasks_are_runs(
    store: Store, tenant: int, clock: Clock, kopia: Program, password: str
) -> None:
    clock.now = ticks.from_iso("2026-11-30T02:00:00Z")
    kopia.holds(snapshot(), snapshot(startTime="2026-11-30T01:59:00Z", incomplete="checkpoint"))
    pages = Pages()
    pages.tasks = [task(description="root@web-1:/home"), task(id="10", status="SUCCESS")]
    with serving(pages.answer) as url:
        connector = configured(
            "kopia",
            command=(str(kopia.path),),
            config_file="/etc/jobreport/kopia.config",
            password_file=password,
            server_url=url,
            server_password_file=password,
        )
        assert collect(store, tenant, connector).whole
        assert [(job.resource, job.state, job.sees, job.origin) for job in every_job(store, tenant)] == [
            ("root@web-1:/home", JobState.Failed, Sees.RUNS, "kopia/cellar"),
            ("root@web-1:/srv", JobState.Successful, Sees.RESULTS, "kopia/cellar"),
        ]
        # What was pinned is no other backup, and a server that forgets takes nothing away.
        kopia.holds(snapshot(id="2c54893efd80bcda7102f622da5c63ee", pins=["keep"]))
        pages.tasks, pages.token = None, "beef"  # it was started anew
        clock.pass_by(25 * 3600)
        assert collect(store, tenant, connector).whole
        assert len(every_job(store, tenant)) == 2
    words, passwords, files = zip(*kopia.called(), strict=True)
    assert {*passwords} == {"hunter2"}
    assert {*files} == {"/etc/jobreport/kopia.config"}
    assert "hunter2" not in str(words)


def test_a_run_by_the_runner_is_one_job_with_its_snapshot(
    store: Store, tenant: int, clock: Clock, kopia: Program
) -> None:
    clock.now = ticks.from_iso("2026-11-30T02:00:00Z")
    kopia.holds(snapshot())
    connector = configured("kopia", command=(str(kopia.path),))
    collect(store, tenant, connector)
    (listed,) = every_job(store, tenant)
    name = made.kopia("/srv", "web-1.example.com", listed.start)
    run = listed.evolve(job_id="run", reference="", sees=Sees.RUNS, made=name)
    store.record(tenant, [run.evolve(state=JobState.Exception, failed=1, start=run.start - ticks.PER_SECOND)])
    (found,) = every_job(store, tenant)
    assert (found.reference, found.state, found.sees) == (listed.reference, JobState.Exception, Sees.RUNS)


@pytest.mark.parametrize("first", ["message", "list"])
def test_a_snapshot_told_by_a_notification_and_by_the_list_is_one_job(
    store: Store, tenant: int, clock: Clock, kopia: Program, first: str
) -> None:
    """Both say that a snapshot is incomplete. The job keeps the words of the notification, which sees more."""
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found is not None
    inbox, _ = inboxes.create(store, "kopia", inboxes.Settings(), tenant=found.name, secret=None)
    connector = configured("kopia", command=(str(kopia.path),))
    source = {"host": "nas-2.example.com", "userName": "root", "path": "/srv/files"}
    times = {"startTime": "2026-03-02T22:00:00.5Z", "endTime": "2026-03-02T22:01:31Z"}
    kopia.holds(snapshot(source=source, summ={"numFailed": 1}, **times))
    clock.now = ticks.from_iso("2026-03-02T22:10:00Z")
    if first == "list":
        assert collect(store, tenant, connector).whole
        clock.pass_by(60)
    text = KOPIA.partition("Path: /srv/mail")[0].replace("success", "fatal")
    headers = {"subject": "Failed to create 1 of 2 snapshots on nas-2"}
    deliver(store, inbox, read(delivery(text, "", headers)), text.encode(), clock.now)
    clock.pass_by(60)
    assert collect(store, tenant, connector).whole
    (job,) = every_job(store, tenant)
    assert job.job_id.startswith("inbox" if first == "message" else "kopia:")
    assert job.reference.startswith(f"kopia:{REPOSITORY}:root@nas-2.example.com:/srv/files:")
    assert (job.state, job.sees, job.successful) == (JobState.Exception, Sees.RUNS, 1234)


def test_each_list_fails_alone_and_says_why(kopia: Program, password: str, tmp_path: Path) -> None:
    kopia.holds(snapshot())
    pages = Pages()
    pages.may = False
    with serving(pages.answer) as url:
        settings: dict[str, Any] = {
            "command": (str(kopia.path),),
            "server_url": url,
            "server_password_file": password,
        }
        found = trial(configured("kopia", **settings), ticks.from_iso("2026-11-30T02:00:00Z"))
        assert [(right.stream, right.held) for right in found.rights] == [("snapshots", True), ("tasks", False)]
        assert [(one.stream.name, one.states, one.error) for one in found.streams] == [
            ("snapshots", {JobState.Successful: 1}, ""),
            ("tasks", {}, "access denied for its first page"),
        ]
        wrong = tmp_path / "wrong"
        wrong.write_text("wrong")
        found = trial(configured("kopia", **settings | {"server_password_file": str(wrong)}), 0)
        assert found.error == "kopia's server does not take the credentials"
        found = trial(configured("kopia", **settings | {"password_file": str(wrong)}), 0)
        assert found.error.endswith("invalid repository password")
    (tmp_path / "status").write_text("{}")
    found = trial(configured("kopia", command=(str(kopia.path),)), 0)
    assert "through its server, which does not tell the repository's ID" in found.error
    (tmp_path / "status").write_text("connected")
    found = trial(configured("kopia", command=(str(kopia.path),)), 0)
    assert found.error == "kopia did not tell the ID of the repository"


@pytest.mark.parametrize("body", [b"<html>", b'{"tasks": 1}', json.dumps([REPOSITORY]).encode()])
def test_a_server_that_is_another_one_is_told(kopia: Program, password: str, body: bytes) -> None:
    with serving(lambda request: Reply(body)) as url:
        connector = configured("kopia", command=(str(kopia.path),), server_url=url, server_password_file=password)
        assert trial(connector, 0).error == "kopia's server answers with no list of tasks"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"command": ()}, "command must name a program"),
        ({"longest": 0}, "longest must be more than 0"),
        ({"server_url": "http://kopia.example.com", "server_password_file": "x"}, "server_url must begin with https"),
        ({"server_url": "https://kopia.example.com"}, "server_url and server_password_file must be there together"),
        ({"ca_file": "x"}, "ca_file is for server_url, which is missing"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        configured("kopia", **settings)
