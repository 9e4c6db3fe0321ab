"""Checks the names of the columns of a table, and reads those of a CSV file from its first line."""

import csv
from collections.abc import Sequence
from typing import Final

from jobreport.contract.job_document import unknown_field
from jobreport.contract.job_fields import NAMES
from jobreport.contract.job_row import DERIVED
from jobreport.intake.csv_records import not_utf8
from jobreport.intake.source import UnreadableInputError

_MAX: Final = 16 * 1024
"""The most bytes of a CSV header."""
_REQUIRED: Final = ("jobId", "serviceType", "jobType", "state")


def csv_header(first: bytes) -> tuple[list[str], str]:
    """Returns the names in the first line, and the separator between them. Raises UnreadableInputError if it is no
    header.
    """
    if len(first) > _MAX:
        raise UnreadableInputError(f"its first line, of more than {_MAX:,} bytes, is no JSON and no CSV header")
    try:
        text = first.decode()
    except UnicodeDecodeError as error:
        raise UnreadableInputError(f"it {not_utf8(first, error, 1)}") from None
    # Spreadsheets use `;` or a tab in countries where the comma is the decimal sign.
    delimiter = max(",;\t", key=text.count)
    try:
        names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter, strict=True))]
    except csv.Error:
        raise UnreadableInputError("it is no NDJSON, and its first line is no CSV header: a quote is wrong") from None
    check_names(names, "CSV header", unless="it is no NDJSON, and ")
    return names, delimiter


def check_names(names: Sequence[str], where: str, *, unless: str = "") -> None:
    """Raises UnreadableInputError if these are not the names of fields, each once, and with them those that every job
    needs. `where` says in the message where the names stand; `unless` stands before it if one is unknown.
    """
    known = {*NAMES.values(), *DERIVED}
    for name in names:
        if name not in known:
            said = unknown_field(name, NAMES.values())
            raise UnreadableInputError(f"{unless}its {where} is wrong: {said.field!r} {said.message}")
    if missing := [name for name in _REQUIRED if name not in names]:
        raise UnreadableInputError(f"its {where} lacks {', '.join(missing)}")
    if len(set(names)) < len(names):
        raise UnreadableInputError(f"its {where} has a name twice")
