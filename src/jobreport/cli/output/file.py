"""Writes the output file of a command, completely or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from jobreport import atomic_file


@contextmanager
def output_file(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Opens a temporary file to write, readable by its owner only. It replaces `path` if the block ends without error.

    Gives the open file and the path of the temporary file. Raises ClickException if it cannot be written.
    """
    try:
        with atomic_file.replacing(path) as opened:
            yield opened
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
