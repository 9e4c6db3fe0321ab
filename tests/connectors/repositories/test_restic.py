"""A repository of the real restic: its snapshots as results, and one that cannot be opened."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from repositories import call, configured, every_job, soon, sources

from clocks import Clock
from installed import installed
from jobreport.cli.output.connectors import show_standings
from jobreport.connectors.collect import collect
from jobreport.connectors.trial import trial
from jobreport.contract.connectors_answer import connectors_answer
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.sees import Sees
from jobreport.store import Store
from jobreport.store.registry import connectors

PASSWORD = "correct horse battery"


class Cellar:
    """A folder with a repository in it, and a source."""

    def __init__(self, folder: Path) -> None:
        self.restic_path = installed("restic", "restic")
        self.folder, self.repository = folder, folder / "repository"
        self.password = folder / "password"
        self.password.write_text(f"{PASSWORD}\n")
        self.restic("init")
        self.source = sources(folder)

    def restic(self, *words: str) -> str:
        """What restic prints."""
        return call(
            self.restic_path,
            *words,
            folder=self.folder,
            RESTIC_REPOSITORY=str(self.repository),
            RESTIC_PASSWORD=PASSWORD,
        )

    def settings(self, **more: Any) -> dict[str, Any]:
        """What a connector to it is told."""
        return {"repository": str(self.repository), "password_file": str(self.password)} | more


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Cellar:
    return Cellar(tmp_path_factory.mktemp("restic"))


@pytest.fixture
def cellar(empty: Cellar, monkeypatch: pytest.MonkeyPatch) -> Cellar:
    """An empty repository: to make one takes long, and to copy it does not."""
    shutil.rmtree(empty.repository / "snapshots")
    (empty.repository / "snapshots").mkdir()
    monkeypatch.setenv("HOME", str(empty.folder))
    return empty


def test_what_cron_backed_up_appears_and_stays_when_the_snapshot_is_forgotten(
    store: Store, tenant: int, cellar: Cellar, clock: Clock
) -> None:
    connector = configured("restic", **cellar.settings())
    clock.now = soon()
    cellar.restic("backup", str(cellar.source), "--host", "web-1")
    # A file that nobody can read: restic ends with 3, and the list shows the snapshot like a good one.
    cellar.restic("backup", str(cellar.source), "/proc/self/mem", "--host", "web-2")
    assert collect(store, tenant, connector).whole
    found = every_job(store, tenant)
    assert [(job.resource, job.state, job.sees, job.origin) for job in found] == [
        (f"web-1:{cellar.source}", JobState.Successful, Sees.RESULTS, "restic/cellar"),
        (f"web-2:/proc/self/mem, {cellar.source}", JobState.Successful, Sees.RESULTS, "restic/cellar"),
    ]
    cellar.restic("tag", "--add", "kept")
    first, _ = json.loads(cellar.restic("snapshots", "--json"))
    cellar.restic("forget", first["id"])
    clock.pass_by(25 * 3600)
    passed = collect(store, tenant, connector)
    assert passed.whole
    assert [(one.created, one.updated) for one in passed.streams] == [(0, 0)]
    assert every_job(store, tenant) == found


def test_each_look_asks_for_what_is_new_and_daily_for_all_and_the_newest_has_an_age(
    store: Store,
    tenant: int,
    cellar: Cellar,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connector = configured("restic", **cellar.settings())
    clock.now = ticks.from_iso("2026-11-30T00:00:00Z")
    now = clock.now
    for at in ("2024-01-01 02:00:00", "2026-11-29 02:00:00"):
        cellar.restic("backup", str(cellar.source), "--time", at)
    read = []
    for later in (0, 3600, 26 * 3600):
        clock.now = now + later * ticks.PER_SECOND
        read.append([one.read for one in collect(store, tenant, connector).streams])
    assert read == [[2], [1], [2]]
    assert len(every_job(store, tenant)) == 2
    monkeypatch.setenv("COLUMNS", "200")
    with store.reading() as transaction:
        standings = connectors.standings(transaction, tenant)
    for days, old in ((0, "(result, 2 days old)"), (-2, "(result)"), (400, "(result, 402 days old)")):
        now = clock.now + days * ticks.PER_DAY
        show_standings({"default": connectors_answer(standings, now)}, now)
        assert f"2026-11-29T02:00:00Z {old}" in capsys.readouterr().out


def test_a_damaged_snapshot_and_a_list_that_is_suddenly_empty_are_told_though_restic_ends_with_0(
    store: Store, tenant: int, cellar: Cellar, clock: Clock
) -> None:
    connector = configured("restic", **cellar.settings(command=("restic", "--no-cache")))
    clock.now = soon()
    for host in ("web-1", "web-2"):
        cellar.restic("backup", str(cellar.source), "--host", host)
    listed = json.loads(cellar.restic("snapshots", "--json"))
    damaged = cellar.repository / "snapshots" / next(one["id"] for one in listed if one["hostname"] == "web-1")
    damaged.chmod(0o600)
    damaged.write_bytes(damaged.read_bytes()[:40])
    (looked,) = collect(store, tenant, connector).streams
    assert looked.error.startswith("restic did not list all: could not load snapshot")
    assert [job.resource for job in every_job(store, tenant)] == [f"web-2:{cellar.source}"]
    damaged.unlink()
    assert collect(store, tenant, connector).whole
    away = cellar.repository / "unmounted"
    (cellar.repository / "snapshots").rename(away)
    (looked,) = collect(store, tenant, connector).streams
    assert looked.error.startswith("the list is empty, and was not before")
    away.rename(cellar.repository / "snapshots")
    assert collect(store, tenant, connector).whole


def test_a_repository_that_cannot_be_opened_is_told_with_restics_words(cellar: Cellar, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("nothing")
    cases = {
        "Fatal: wrong password or no key found": cellar.settings(password_file=str(wrong)),
        "Fatal: unable to open config file": cellar.settings(repository=str(tmp_path / "none")),
        "/no/restic cannot be started": cellar.settings(command=("/no/restic",)),
        "ca_file: cannot read /no/ca: No such file or directory": cellar.settings(ca_file="/no/ca"),
        "env cannot be read: No such file or directory": cellar.settings(environment_file="/no/env"),
    }
    for said, settings in cases.items():
        found = trial(configured("restic", **settings), ticks.from_iso("2026-11-30T00:00:00Z"))
        assert said in found.error
        assert not found.whole


def test_a_trial_opens_it_and_shows_what_a_look_would_bring(cellar: Cellar, tmp_path: Path) -> None:
    cellar.restic("backup", str(cellar.source))
    variables = tmp_path / "env"
    variables.write_text(f"export RESTIC_REPOSITORY={cellar.repository}\nRESTIC_PASSWORD='{PASSWORD}'\n")
    connector = configured("restic", environment_file=str(variables), command=("restic", "--no-cache"))
    found = trial(connector, ticks.from_iso("2100-01-01T00:00:00Z"))
    assert found.whole
    assert [(right.name, right.held) for right in found.rights] == [("the password of the repository", True)]
    assert [(one.stream.name, one.states) for one in found.streams] == [("snapshots", {JobState.Successful: 1})]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "it must have a repository, or an environment_file that sets RESTIC_REPOSITORY"),
        ({"repository": "rest:https://me:hunter2@nas/"}, "repository must hold no password"),
        ({"repository": "/srv", "command": ()}, "command must name a program"),
        ({"repository": "/srv", "longest": 0}, "longest must be more than 0"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        configured("restic", **settings)
