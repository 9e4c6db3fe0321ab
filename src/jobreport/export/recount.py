"""Counts the jobs in an export file, while it is written or afterwards, to compare their number with the total."""

import re
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Final

_DIMENSION: Final = re.compile(rb'<dimension ref="A1(?::[A-Z]+(\d+))?"/>')
_HEAD: Final = 2048


class Lines:
    """Counts the jobs of CSV or of lines of JSON while they are written."""

    def __init__(self, form: str) -> None:
        self._quotes = form == "csv"
        self._inside = False
        self._ends = -1 if self._quotes else 0  # the names of the columns are a line too

    def add(self, piece: bytes) -> None:
        """Counts the next piece of the file."""
        if not self._quotes:
            self._ends += piece.count(b"\n")
            return
        # A line end between quotes belongs to a text and is not counted. A quote inside a text is doubled, so it does
        # not change which parts are between quotes.
        parts = piece.split(b'"')
        self._ends += sum(part.count(b"\n") for part in parts[self._inside :: 2])
        self._inside ^= len(parts) % 2 == 0

    @property
    def jobs(self) -> int:
        """The number of jobs so far."""
        return max(0, self._ends)


def jobs_in(form: str, file: Path) -> int | None:
    """Returns the number of jobs in a finished workbook or Parquet file; None if no library is installed that can read
    it.

    Returns 0 if the file is not complete.
    """
    if form == "xlsx":
        return _of_workbook(file)
    try:
        parquet = import_module("pyarrow.parquet")
    except ModuleNotFoundError:
        return None
    try:
        return int(parquet.read_metadata(file).num_rows)
    except (ValueError, OSError):
        return 0


def _of_workbook(file: Path) -> int:
    try:
        with zipfile.ZipFile(file) as book:
            sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
            return sum(_of_sheet(book, name) for name in sheets)
    except zipfile.BadZipFile:
        return 0


def _of_sheet(book: zipfile.ZipFile, name: str) -> int:
    with book.open(name) as sheet:
        dimension = _DIMENSION.search(sheet.read(_HEAD))
    return int(dimension[1]) - 1 if dimension and dimension[1] else 0
