"""Reads the rows of an Excel workbook as the JSON objects of the write side, sheet after sheet, row after row."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from jobreport.contract.job_fields import NAMES
from jobreport.contract.job_row import CAUSE_TEXT, COLUMNS, TITLES
from jobreport.intake.source import UnreadableInputError
from jobreport.model import ticks
from jobreport.model.catalog import SERVICE_LABELS, STATE_LABELS
from jobreport.model.errors import InvalidInputError
from jobreport.model.job import TEXT_LIMITS

TIME_STEP: Final = ticks.PER_SECOND // 1000
"""A workbook has its times in milliseconds, in ticks."""
MAX_SHARED: Final = 256 * 1024 * 1024
"""The most bytes of the texts that cells share. They are in memory while the workbook is read."""
MAX_EXACT: Final = 10**15
"""The first number that has more than the 15 digits that Excel keeps."""
_LAST_DAY: Final = 2_958_466
"""The number that Excel has for the day after 9999-12-31."""
_DAY_0: Final = ticks.UNIX_EPOCH - 25_569 * ticks.PER_DAY
_TIMES: Final = [NAMES[field] for field in ("start", "finish", "observed")]
_FIELDS: Final = dict(zip(TITLES, COLUMNS, strict=True))
_TEXTS: Final = {NAMES[field] for field in TEXT_LIMITS} | {CAUSE_TEXT}
_CODES: Final = {label: code.name for labels in (SERVICE_LABELS, STATE_LABELS) for code, label in labels.items()}
_SHARED: Final = "xl/sharedStrings.xml"


class Rows:
    """The rows of a workbook below the titles in its first one, which an export or a person wrote.

    `names` are the fields for which the titles stand: those of an export, or the names that a CSV file has. Further
    sheets are read if they have the same titles. Raises UnreadableInputError if it is no workbook, or is damaged.
    """

    first: Final = 2
    """The number of the first row below the titles."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            shared = sum(part.file_size for part in zipfile.ZipFile(file).infolist() if part.filename == _SHARED)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True) if shared <= MAX_SHARED else None
        except _DAMAGES as error:
            raise UnreadableInputError(_DAMAGED) from error
        if book is None:
            raise UnreadableInputError(
                f"the texts of the workbook are more than {MAX_SHARED >> 20} MiB: save it as CSV, and import that"
            )
        self._sheets = iter(book.worksheets)
        self._rows = next(self._sheets).iter_rows(values_only=True)
        self._titles = next(self._rows, ())
        self.names = [_FIELDS.get(title, title) for title in map(str, self._titles)]

    def __iter__(self) -> Iterator[Sequence[Any]]:
        try:
            yield from self._rows
            for sheet in self._sheets:
                rows = sheet.iter_rows(values_only=True)
                if next(rows, ()) == self._titles:
                    yield from rows
        except _DAMAGES as error:
            raise UnreadableInputError(_DAMAGED) from error

    def document(self, row: Sequence[Any]) -> dict[str, Any]:
        """Returns a row as the JSON object that it would be; it is empty if the row is. Raises InvalidInputError."""
        named_cells = zip(self.names, row, strict=False)
        return {name: _value(name, cell) for name, cell in named_cells if cell not in (None, "")}


_DAMAGED: Final = "it is no Excel workbook, or it is damaged or was cut off"
_DAMAGES: Final = (zipfile.BadZipFile, zlib.error, EOFError, InvalidFileException, ParseError, KeyError, ValueError)


def _value(name: str, cell: object) -> object:
    """Returns a cell as the value that it would be in JSON."""
    if name in _TEXTS:
        return unescape(cell) if isinstance(cell, str) else str(cell)
    if isinstance(cell, datetime):
        return ticks.from_datetime(cell.replace(tzinfo=UTC))
    if isinstance(cell, str):
        return _CODES.get(cell, cell)
    if not isinstance(cell, int | float):
        return cell
    if name in _TIMES and 0 < cell < _LAST_DAY:
        return _DAY_0 + round(cell * ticks.PER_DAY)
    if name == NAMES["size"] and cell >= MAX_EXACT:
        raise InvalidInputError.of(name, "has more than the 15 digits that a workbook keeps: take CSV or Parquet")
    return int(cell) if float(cell).is_integer() else cell
