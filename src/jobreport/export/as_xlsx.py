"""Writes jobs as an Excel workbook for people: states are words; times and durations are cells of these types.

A workbook is a ZIP archive whose parts are only closed at the end. So it is first made in a temporary file, and the
first byte is given when it is complete.
"""

import tempfile
from collections.abc import Iterator
from typing import Final

try:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet
except ModuleNotFoundError as error:
    from jobreport.export.batches import MissingExtraError

    raise MissingExtraError("xlsx") from error

from jobreport.contract.job_row import TITLES, Row, times
from jobreport.export.batches import Result, counted
from jobreport.export.texts import TYPES
from jobreport.model import ticks
from jobreport.model.catalog import SERVICE_LABELS, STATE_LABELS, JobState, ServiceType

SHEET_ROWS: Final = 1_048_576
"""The most rows of a sheet in Excel, including the row with the column names."""
_PIECE: Final = 256 * 1024
_DAY_0: Final = ticks.UNIX_EPOCH - 25_569 * ticks.PER_DAY
"""1899-12-30T00:00:00Z, day 0 in Excel's dates."""

_MOMENT, _LENGTH, _TEXT, _NUMBER = "moment", "length", "text", "number"
_KINDS_AND_WIDTHS: Final = (
    (_TEXT, 24),
    (_TEXT, 22),
    (_TEXT, 18),
    (_TEXT, 22),
    (_MOMENT, 20),
    (_MOMENT, 20),
    (_LENGTH, 10),
    (_MOMENT, 20),
    (_NUMBER, 10),
    (_NUMBER, 12),
    (_NUMBER, 10),
    (_NUMBER, 10),
    (_NUMBER, 16),
    (_TEXT, 60),
    (_TEXT, 40),
    (_TEXT, 24),
    (_TEXT, 30),
    (_TEXT, 20),
    (_TEXT, 16),
    (_TEXT, 40),
    (_TEXT, 40),
    (_TEXT, 10),
)
COLUMNS: Final = [(title, *rest) for title, rest in zip(TITLES, _KINDS_AND_WIDTHS, strict=True)]
"""For each column: its title, the kind of its values, and its width in characters."""


def encode(result: Result, *, sheet_rows: int = SHEET_ROWS) -> Iterator[bytes]:
    """Gives the workbook in pieces. When a sheet is full, another sheet begins."""
    with tempfile.TemporaryDirectory(prefix="jobreport-") as folder, tempfile.TemporaryFile(dir=folder) as file:
        options = {"constant_memory": True, "tmpdir": folder, "use_zip64": True}
        with xlsxwriter.Workbook(file, options) as book:
            _fill(_Book(book, sheet_rows), result)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _fill(book: "_Book", result: Result) -> None:
    for batch in counted(result):
        for row in batch:
            book.add(row, result.now)
    book.conclude()


class _Book:
    """Writes jobs into sheets, one sheet after another."""

    def __init__(self, book: xlsxwriter.Workbook, sheet_rows: int) -> None:
        self._book, self._rows = book, sheet_rows
        self._head = book.add_format({"bold": True, "bottom": 1})
        # A text format, so that a text such as `=1+1` does not become a formula when somebody edits the cell.
        self._text = book.add_format({"quote_prefix": True})
        self._formats: dict[str, Format] = {
            _MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            _LENGTH: book.add_format({"num_format": "[h]:mm:ss"}),
            _NUMBER: book.add_format({"num_format": "0"}),
        }
        self._number = 0
        self._sheet = self._begin()

    def _begin(self) -> Worksheet:
        self._number += 1
        sheet = self._book.add_worksheet("Jobs" if self._number == 1 else f"Jobs {self._number}")
        for column, (name, kind, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width, self._formats.get(kind))
            sheet.write_string(0, column, name, self._head)
        sheet.freeze_panes(1, 0)
        self._at = 1
        return sheet

    def conclude(self) -> None:
        """Ends the sheet, and adds a filter to each of its columns."""
        self._sheet.autofilter(0, 0, self._at - 1, len(COLUMNS) - 1)

    def add(self, row: Row, now: int) -> None:
        """Adds the next job."""
        if self._at == self._rows:
            self.conclude()
            self._sheet = self._begin()
        (
            job_id,
            service,
            kind,
            state,
            start,
            finish,
            observed,
            *counts,
            comments,
            description,
            plan,
            resource,
            origin,
            cause,
            cause_text,
            reference,
            sees,
        ) = row
        start, finish, duration = times(state, start, finish, now)
        sheet, at = self._sheet, self._at
        texts = (comments, description, plan, resource, origin, cause, cause_text, reference, sees)
        for column, text in ((0, job_id), *enumerate(texts, 13)):
            if text:
                sheet.write_string(at, column, text, self._text)
        sheet.write_string(at, 1, SERVICE_LABELS[ServiceType(service)])
        sheet.write_string(at, 2, TYPES[kind])
        sheet.write_string(at, 3, STATE_LABELS[JobState(state)])
        moments = self._formats[_MOMENT]
        if start:
            sheet.write_number(at, 4, (start - _DAY_0) / ticks.PER_DAY, moments)
        if finish:
            sheet.write_number(at, 5, (finish - _DAY_0) / ticks.PER_DAY, moments)
        sheet.write_number(at, 6, duration / ticks.PER_DAY, self._formats[_LENGTH])
        if observed:
            sheet.write_number(at, 7, (observed - _DAY_0) / ticks.PER_DAY, moments)
        for column, count in enumerate(counts, 8):
            sheet.write_number(at, column, count, self._formats[_NUMBER])
        self._at += 1
