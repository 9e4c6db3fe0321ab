"""A repository of the real borg: its archives as results, whoever writes meanwhile, and one that cannot be opened."""

from pathlib import Path
from typing import Any

import pytest
from repositories import call, configured, every_job, sources

from clocks import Clock
from installed import installed
from jobreport.connectors.collect import collect
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.sees import Sees
from jobreport.store import Store

PASSPHRASE = "correct horse"
HOUR = 3600 * ticks.PER_SECOND


class Cellar:
    """A folder with an encrypted repository in it, and a source."""

    def __init__(self, folder: Path) -> None:
        self.path = installed("borg", "borgbackup")
        self.folder, self.repository = folder, folder / "repository"
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(f"{PASSPHRASE}\n")
        self.borg("init", "--encryption=repokey")
        self.source = sources(folder)

    def borg(self, *words: str) -> str:
        """What borg prints."""
        zone = {"TZ": "Asia/Tokyo"}  # a host elsewhere
        variables = {"BORG_REPO": str(self.repository), "BORG_PASSPHRASE": PASSPHRASE} | zone
        return call(self.path, *words, folder=self.folder, **variables)

    def settings(self, **more: Any) -> dict[str, Any]:
        """What a connector to it is told."""
        return {"repository": str(self.repository), "passphrase_file": str(self.passphrase)} | more


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Cellar:
    """It has no archive, and stays so."""
    return Cellar(tmp_path_factory.mktemp("borg"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which borg notes what it has seen."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.usefixtures("home")
def test_what_cron_backed_up_appears_also_while_another_backup_holds_the_lock(
    store: Store, tenant: int, tmp_path: Path, clock: Clock
) -> None:
    cellar = Cellar(tmp_path)
    connector = configured("borg", **cellar.settings())
    cellar.borg("create", "--timestamp", "2026-11-29T02:00:00", "::web-2026-11-29", str(cellar.source))
    # A file that nobody can read: borg ends with 1, and the list shows the archive like a good one.
    cellar.borg(
        "create", "--timestamp", "2026-11-30T02:00:00", "::web-2026-11-30", str(cellar.source), "/proc/self/mem"
    )
    clock.now = ticks.from_iso("2026-11-30T05:00:00Z")
    lock = cellar.repository / "lock.exclusive"
    lock.mkdir()
    (lock / "elsewhere@1.1-1").touch()
    assert collect(store, tenant, connector).whole
    found = every_job(store, tenant)
    assert [(ticks.to_iso(job.start, digits=0), job.plan, job.state, job.sees, job.origin) for job in found] == [
        (f"2026-11-{day}T02:00:00Z", "web", JobState.Successful, Sees.RESULTS, "borg/cellar") for day in (29, 30)
    ]
    assert found[0].resource.endswith(f":{cellar.source}")
    # It looks at all once a day, and else at what is new.
    read = []
    for hours in (24, 47):
        clock.now = ticks.from_iso("2026-11-30T05:00:00Z") + hours * HOUR
        passed = collect(store, tenant, connector)
        read += [(one.read, one.created + one.updated, one.error) for one in passed.streams]
    assert read == [(2, 0, ""), (1, 0, "")]
    assert every_job(store, tenant) == found


@pytest.mark.usefixtures("home")
def test_a_repository_that_cannot_be_opened_is_told_with_borgs_words(empty: Cellar, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("nothing")
    cases = {
        "borg ended with exit code 2: passphrase supplied in BORG_PASSPHRASE": empty.settings(
            passphrase_file=str(wrong)
        ),
        "borg ended with exit code 2: Repository": empty.settings(repository=str(tmp_path / "none")),
        f"passphrase_file: {wrong} must have a line": empty.settings(passphrase_file=str(wrong)),
    }
    for said, settings in cases.items():
        if "must have" in said:
            wrong.write_text("")
        found = trial(configured("borg", **settings), ticks.from_iso("2026-11-30T00:00:00Z"))
        assert said in found.error
        assert not found.whole


def test_it_shares_no_cache_with_the_backups_of_its_user_takes_no_other_zone_and_tells_a_list_that_is_suddenly_empty(
    store: Store, tenant: int, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    cellar = Cellar(tmp_path)
    cellar.borg("create", "--timestamp", "2026-11-20T02:00:00", "::web", str(cellar.source))
    (timestamp,) = (tmp_path / ".config/borg/security").glob("*/manifest-timestamp")
    noted = timestamp.read_text()
    timestamp.write_text("2099-01-01T00:00:00.000000")  # as if a backup had just ended that we do not see yet
    cache = tmp_path / "cache"
    cache.touch()  # as a cache that cannot be locked
    variables = tmp_path / "env"
    variables.write_text(f"BORG_CACHE_DIR={cache}\nTZ=Asia/Tokyo\n")
    connector = configured("borg", **cellar.settings(environment_file=str(variables)))
    clock.now = ticks.from_iso("2026-11-30T05:00:00Z")
    assert collect(store, tenant, connector).whole
    assert [ticks.to_iso(job.start, digits=0) for job in every_job(store, tenant)] == ["2026-11-20T02:00:00Z"]
    clock.pass_by(3600)
    assert collect(store, tenant, connector).whole  # nothing is new, and something is there
    timestamp.write_text(noted)
    cellar.borg("delete", "::web")
    (looked,) = collect(store, tenant, connector).streams
    assert looked.error.startswith("the list is empty, and was not before")


@pytest.mark.usefixtures("home")
def test_a_trial_opens_one_that_has_no_archive_yet(empty: Cellar, tmp_path: Path) -> None:
    variables = tmp_path / "env"
    variables.write_text(f"BORG_REPO={empty.repository}\nBORG_PASSPHRASE='{PASSPHRASE}'\n")
    found = trial(configured("borg", environment_file=str(variables)), ticks.from_iso("2026-11-30T00:00:00Z"))
    assert found.whole
    assert [(one.stream.name, one.states) for one in found.streams] == [("archives", {})]
    assert [(right.name, right.held) for right in found.rights] == [("the passphrase of the repository", True)]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "it must have a repository, or an environment_file that sets BORG_REPO"),
        ({"repository": "ssh://me:hunter2@nas/./a"}, "repository must hold no password"),
        ({"repository": "/srv", "command": ("",)}, "command must name a program"),
        ({"repository": "/srv", "longest": 0}, "longest must be more than 0"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        configured("borg", **settings)
