"""Writes a file completely or not at all: after a crash or a power cut there is either the old file or the new one.

The content first goes into a temporary file in the same folder, which only its owner may read. When that is on disk,
it is renamed. A crash can leave a temporary file behind; its name matches `PARTIAL_FILES`.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

_SUFFIX: Final = ".partial"
PARTIAL_FILES: Final = f".*{_SUFFIX}"
"""A glob pattern for the names of the temporary files."""


def write(path: Path, content: bytes) -> None:
    """Creates or replaces the file `path` (mode 0600). It is safely on disk on return. Raises OSError."""
    with replacing(path) as (file, _):
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Opens a temporary file to write. It replaces `path` when the block ends without an error.

    Gives the open file and the path of the temporary file. Raises OSError if it cannot be written.
    """
    with partial_file(path) as partial:
        with partial.open("wb") as file:
            yield file, partial
        put(partial, path)


@contextmanager
def partial_file(path: Path) -> Iterator[Path]:
    """Creates an empty temporary file (mode 0600) in the folder of `path`, and gives its path.

    It is deleted when the block ends, unless `put` has moved it. Raises OSError.
    """
    partial = path.parent / f".{path.name}.{secrets.token_hex(8)}{_SUFFIX}"
    try:
        # Inside `try`, so that the file is deleted even if an interrupt comes right after this line.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        yield partial
    finally:
        with suppress(OSError):
            partial.unlink()


def put(partial: Path, path: Path) -> None:
    """Moves a finished file from `partial_file` to `path`. Raises OSError.

    The file is synced before it is renamed, and the folder after that: so content and name are on disk on return.
    """
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    with suppress(OSError):  # some systems cannot sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
