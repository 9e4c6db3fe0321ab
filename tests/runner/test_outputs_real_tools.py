"""Real tools whose messages find no room: under `jobreport run` each finishes its backup, as it does without."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from real_tools import found, rclone

from jobreport.model.catalog import JobState
from runs import JOBREPORT, Place, Recorder

FILES = 500
NAME = f"file-with-a-long-name-{'x' * 120}-"
"""So long that what each tool says of all files is more than a pipe holds, 64 KiB."""
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@pytest.fixture
def source(place: Place) -> Path:
    folder = place.folder / "source"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{NAME}{number:05}").write_text(str(number))
    return folder


def sh(place: Place, line: str) -> subprocess.CompletedProcess[bytes]:
    own = {"RESTIC_PASSWORD": "x", "RESTIC_REPOSITORY": "repo", "BORG_BASE_DIR": str(place.folder)}
    own |= {"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes", "RESTIC_CACHE_DIR": str(place.folder / "cache")}
    # SIGINT and the like are of no matter here; what a file may hold is said by the line itself.
    return subprocess.run(
        ["sh", "-c", line],
        cwd=place.folder,
        env=place.environment | own,
        capture_output=True,
        timeout=120,
        check=False,
    )


def restic(place: Place) -> tuple[str, Callable[[], int]]:
    assert sh(place, f"{found('restic')} init").returncode == 0
    return f"{found('restic')} backup source --json -vv", lambda: len(sh(place, "restic ls latest").stdout.splitlines())


def borg(place: Place) -> tuple[str, Callable[[], int]]:
    assert sh(place, f"{found('borg')} init -e none borg-repo").returncode == 0
    line = f"{found('borg')} create --json --log-json --list borg-repo::a source"
    return line, lambda: len(sh(place, "borg list --short borg-repo::a").stdout.splitlines())


def copied(place: Place) -> int:
    return len(list((place.folder / "copy").glob("file*")))


def rclone_copy(place: Place) -> tuple[str, Callable[[], int]]:
    return f"{rclone()} copy source copy -v -P --use-json-log", lambda: copied(place)


def rsync(place: Place) -> tuple[str, Callable[[], int]]:
    return f"{found('rsync')} -av --progress source/ copy/", lambda: copied(place)


def tar(place: Place) -> tuple[str, Callable[[], int]]:
    return f"{found('tar')} -cvf copy.tar source", lambda: len(sh(place, "tar -tf copy.tar").stdout.splitlines())


TOOLS = {"restic": (restic, 0), "borg": (borg, 2), "rclone": (rclone_copy, 0), "rsync": (rsync, 0), "tar": (tar, 2)}


@FULL
@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("places", ["> /dev/full", "> /dev/full 2>&1"])
def test_a_full_disk_for_messages_stops_no_backup(
    place: Place, recorder: Recorder, source: Path, name: str, places: str
) -> None:
    prepare, exit_code = TOOLS[name]
    line, backed_up = prepare(place)
    done = sh(place, f"{' '.join(JOBREPORT)} run -- {line} {places}")
    assert backed_up() >= FILES
    assert done.returncode == exit_code
    job = recorder.reports[-1]
    assert job.state is JobState.Exception
    assert "could not be passed on: No space left on device" in job.comments


@FULL
@pytest.mark.parametrize("name", TOOLS)
def test_the_exit_code_is_the_one_that_the_tool_itself_has_then(place: Place, source: Path, name: str) -> None:
    prepare, exit_code = TOOLS[name]
    line, backed_up = prepare(place)
    assert sh(place, f"{line} > /dev/full").returncode == exit_code
    assert backed_up() >= FILES


@pytest.mark.skipif(os.name != "posix", reason="a limit on files is POSIX's")
@pytest.mark.parametrize("name", ["rclone", "rsync"])
def test_a_log_that_may_grow_no_more_stops_no_backup(place: Place, recorder: Recorder, source: Path, name: str) -> None:
    prepare, _ = TOOLS[name]
    line, backed_up = prepare(place)
    done = sh(place, f"ulimit -f 16; {' '.join(JOBREPORT)} run -- {line} > log 2>&1")
    assert (backed_up(), done.returncode) == (FILES, 0)
    assert "File too large" in recorder.reports[-1].comments


@pytest.mark.parametrize("name", TOOLS)
def test_errors_that_nobody_wants_stop_no_backup(place: Place, recorder: Recorder, source: Path, name: str) -> None:
    prepare, _ = TOOLS[name]
    line, backed_up = prepare(place)
    done = sh(place, f"{' '.join(JOBREPORT)} run -- {line} 2>&-")
    assert (done.returncode, recorder.reports[-1].state) == (0, JobState.Successful)
    assert backed_up() >= FILES
