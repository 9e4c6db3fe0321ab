"""Reads the rows of a Parquet file as the JSON objects of the write side, one small batch at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import pyarrow as pa
from pyarrow import parquet

from jobreport.intake.source import UnreadableInputError
from jobreport.model import ticks

TIME_STEP: Final = 10
"""An export has its times in microseconds, in ticks."""
_BATCH: Final = 4096


class Rows:
    """The rows of a file; `names` are those of its columns. Raises UnreadableInputError if it is damaged."""

    first: Final = 1
    """The number of the first row."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._file = parquet.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableInputError(_DAMAGED) from error
        self.names: list[str] = self._file.schema_arrow.names

    def __iter__(self) -> Iterator[dict[str, Any]]:
        try:
            for batch in self._file.iter_batches(_BATCH):
                yield from pa.RecordBatch.from_arrays(list(map(_plain, batch.columns)), self.names).to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise UnreadableInputError(_DAMAGED) from error

    def document(self, row: dict[str, Any]) -> dict[str, Any]:
        """Returns a row as the JSON object that it would be. A text that is empty is none, as in CSV."""
        return {name: _value(value) for name, value in row.items() if value not in (None, "")}


_DAMAGED: Final = "the Parquet file is damaged, or was cut off"


def _plain(column: pa.Array) -> pa.Array:
    """Returns a column of times as one of microseconds, as Python has them; a time without a zone is one of UTC."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", tz="UTC"), safe=False)
    return column


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return ticks.from_datetime(value.astimezone(UTC))
    # Numbers that another program wrote may be floats: pandas has no whole numbers beside a missing one.
    return int(value) if isinstance(value, float) and value.is_integer() else value
