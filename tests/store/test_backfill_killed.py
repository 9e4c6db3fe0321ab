"""`kill -9` of an upgrade at any moment: the next one goes on from there, and ends with what a recount gives."""

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from store_contents import rows_of_tables
from version_0001 import BACKUP_OF_A_SHARE, DAY, JOBS, START, Row, make

import postgres
from jobreport.store import Store, open_store
from jobreport.store.admin.check import check
from long import times
from serving import LINUX

SUBJECTS = 450
"""So many that the subjects, and the series, are read in several parts."""
MORE: list[Row] = [
    {
        **BACKUP_OF_A_SHARE,
        "job_id": f"more-{number}",
        "folded": f"more-{number}Apart {number % SUBJECTS}",
        "description": f"part {number % SUBJECTS}",
        "resource": f"host-{number % SUBJECTS}",
        "filed": START + number // SUBJECTS * DAY + number,
        "start": START + number // SUBJECTS * DAY + number,
        **({"state": 16, "comments": f"disk {number} is full"} if number % 7 == 0 else {}),
    }
    for number in range(2 * SUBJECTS)
]
UPGRADE = Path(__file__).with_name("upgrading_process.py")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the old store is."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path}/jobs.db"


def upgrade(url: str, parts: int, wait: float) -> list[str]:
    """Starts an upgrade and kills it `wait` seconds after it has begun with its `parts`-th part.

    Returns what it said before each part; nothing if it came to its end.
    """
    said: list[str] = []
    with subprocess.Popen([sys.executable, UPGRADE, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            if len(said) == parts:
                time.sleep(wait)
                process.kill()
        ended = process.wait()
    assert ended in (0, -9), said
    return said if ended else []


@LINUX
@pytest.mark.parametrize("seed", range(times(1)))
def test_an_upgrade_that_is_killed_again_and_again_ends_with_what_one_at_one_go_gives(
    store_url: str, tmp_path: Path, postgres_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    make(store_url, more=MORE)
    reached: list[str] = []
    # Each does at least one part, since a part that was said may have been done before, and the next was not.
    while said := upgrade(store_url, chance.randint(2, 6), chance.uniform(0, 0.03)):
        reached.append(said[-1])
    assert len({*reached}) > 1, reached
    with closing(open_store(store_url, migrate=False)) as store:
        assert check(store).sound
        assert check(store).jobs == len(JOBS) + len(MORE)
        assert rows_of_tables(store) == _at_one_go(store, tmp_path, postgres_url)


def _at_one_go(killed: Store, tmp_path: Path, postgres_url: str) -> dict[str, list[tuple[object, ...]]]:
    if not killed.is_shared:
        return _upgraded(f"sqlite:///{tmp_path}/whole.db")
    with postgres.database(postgres_url) as other:
        return _upgraded(other)


def _upgraded(url: str) -> dict[str, list[tuple[object, ...]]]:
    make(url, more=MORE)
    with closing(open_store(url, migrate=True)) as store:
        return rows_of_tables(store)
