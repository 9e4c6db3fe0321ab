"""Writes the file that a command was asked for: whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from jobreport import atomic_file


@contextmanager
def output_file(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file to write, and where it lies until it is whole and replaces `path`; readable by its owner alone.

    ClickException where it cannot be written.
    """
    try:
        with atomic_file.replacing(path) as opened:
            yield opened
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
