"""Writes a file whole or not at all: after a crash or a power cut there is the old file or the new one.

The new file is written beside its place, readable by its owner alone, and renamed when it is on disk. A crash in
between leaves a file whose name matches `PARTIAL_FILES`.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

_SUFFIX: Final = ".partial"
PARTIAL_FILES: Final = f".*{_SUFFIX}"
"""The names of files that are not whole yet, as a pattern."""


def write(path: Path, content: bytes) -> None:
    """Replaces or makes the file `path` (mode 0600); its content and its name are on disk when it returns. OSError."""
    with replacing(path) as (file, _):
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file to write, and where it lies until it replaces `path`, which it does when the block ends without an error.

    OSError where it cannot be written.
    """
    with partial_file(path) as partial:
        with partial.open("wb") as file:
            yield file, partial
        put(partial, path)


@contextmanager
def partial_file(path: Path) -> Iterator[Path]:
    """A new, empty file (mode 0600) beside `path`. It is removed in the end, unless `put` has moved it. OSError."""
    partial = path.parent / f".{path.name}.{secrets.token_hex(8)}{_SUFFIX}"
    try:
        # Within `try`, so that an interrupt right after it does not leave the file.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        yield partial
    finally:
        with suppress(OSError):
            partial.unlink()


def put(partial: Path, path: Path) -> None:
    """Moves a whole file of `partial_file` to `path`; its content and its name are on disk when it returns. OSError."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    with suppress(OSError):  # not every system can sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
