"""A small file system, which a test may fill and make room on; skips where none may be mounted."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_BLOCK = bytes(1 << 20)


class SmallDisk:
    """A file system with so little room that a test can fill it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leaves no room at all."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(_BLOCK)
            except OSError:
                return

    def make_room(self) -> None:
        """Takes away what filled it."""
        self._ballast.unlink()


@contextmanager
def small_disk(mebibytes: int = 64) -> Iterator[SmallDisk]:
    """A disk of the test's own, in memory."""
    if os.geteuid() != 0:
        pytest.skip("only the superuser may mount a small disk")
    # Not pytest's own folder: it could not be cleared while a disk that a killed test left behind is in it.
    folder = Path(tempfile.mkdtemp(prefix="jobreport-disk-"))
    words = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=700", "jobreport-tests", folder]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        folder.rmdir()
        pytest.skip("there is no mount here")
    if done.returncode:
        folder.rmdir()
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: what a killed process had open is let go of a moment after its end.
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()
