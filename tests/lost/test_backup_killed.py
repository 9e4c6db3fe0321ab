"""`kill -9` of a backup or a restore at a random moment: what was there before is there, or what was to be, whole."""

import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from crowd import check_and_read_states
from filled_store import fill_store

from long import times
from serving import PROGRAM, environment, typed, until

OLD, NEW = 100, 3000
"""Jobs in what was there before, and in what was to be."""


def killed(words: list[str | Path], begun: Callable[[], object], chance: random.Random) -> None:
    """Runs a command and kills it soon after it has `begun` its work, if it has not ended by then."""
    with subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL, env=environment()) as running:
        until(lambda: begun() or running.poll() is not None, "its work")
        time.sleep(chance.uniform(0, 0.1))  # any moment of it
        running.kill()


@pytest.fixture
def chance() -> random.Random:
    return random.Random(5)


def test_a_killed_backup_leaves_the_file_before_it_or_is_whole(tmp_path: Path, chance: random.Random) -> None:
    store = fill_store(tmp_path / "store" / "jobs.db", jobs=NEW)
    place = tmp_path / "place"
    place.mkdir()
    assert (
        typed("backup", str(place / "b.db"), "--store", f"sqlite:///{fill_store(tmp_path / 'old.db', OLD)}").returncode
        == 0
    )
    for _ in range(times(6)):
        words = ["backup", place / "b.db", "--force", "--store", f"sqlite:///{store}"]
        killed(words, lambda: list(place.glob("*.partial")), chance)
        assert len(check_and_read_states(f"sqlite:///{place}/b.db")) in (OLD, NEW)
    assert len(check_and_read_states(f"sqlite:///{store}")) == NEW


def test_a_killed_restore_leaves_the_store_before_it_or_is_done(tmp_path: Path, chance: random.Random) -> None:
    file = tmp_path / "b.db"
    assert typed("backup", str(file), "--store", f"sqlite:///{fill_store(tmp_path / 'new.db', NEW)}").returncode == 0
    for round_ in range(times(6)):
        path = fill_store(tmp_path / str(round_) / "jobs.db", OLD)
        words = ["restore", file, "--yes", "--store", f"sqlite:///{path}"]
        killed(words, lambda place=path.parent: list(place.glob(".*.partial")), chance)
        assert path.exists()
        assert len(check_and_read_states(f"sqlite:///{path}")) in (OLD, NEW)
