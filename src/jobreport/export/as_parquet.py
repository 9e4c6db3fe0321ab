"""Writes jobs as a Parquet file with a type for each column, one row group at a time."""

import io
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

try:
    import pyarrow as pa
    from pyarrow import parquet
except ModuleNotFoundError as error:
    from jobreport.export.batches import MissingExtraError

    raise MissingExtraError("parquet") from error

from jobreport.contract.job_row import COLUMNS, Row, times
from jobreport.export.batches import Result, counted
from jobreport.export.texts import SERVICES, STATES, TYPES, seconds
from jobreport.model import ticks

ROW_GROUP: Final = 32_768
"""The number of jobs in a row group. Writing one needs about 40 MiB of memory; readers read or skip it as a whole."""

# Microseconds, not 100 ns as in ticks: many readers cannot read nanoseconds.
_MOMENT: Final = pa.timestamp("us", tz="UTC")
_NAME: Final = pa.dictionary(pa.int8(), pa.string())
_TYPES: Final = {
    "serviceType": _NAME,
    "jobType": _NAME,
    "state": _NAME,
    "startTime": _MOMENT,
    "finishTime": _MOMENT,
    "durationSeconds": pa.float64(),
    "observedAt": _MOMENT,
    "failedCount": pa.int32(),
    "successfulCount": pa.int32(),
    "skippedCount": pa.int32(),
    "totalCount": pa.int32(),
    "bytes": pa.int64(),
}
_OPTIONAL: Final = ("startTime", "finishTime", "observedAt")
SCHEMA: Final = pa.schema([pa.field(name, _TYPES.get(name, pa.string()), name in _OPTIONAL) for name in COLUMNS])
"""The columns of the file. Only a time can be null; that means it is unset."""

_REPEATED: Final = [name for name, of in _TYPES.items() if of == _NAME] + [
    name for name in COLUMNS[13:] if name != "reference"
]
"""The columns with values that repeat. They get a dictionary; for other columns it would only waste memory."""

_BUFFERS: Final = {pa.int8(): "b", pa.int32(): "i", pa.int64(): "q", pa.float64(): "d"}
"""The type code of the standard library's `array` for each numeric type."""


# Made from buffers, not with `pa.array`: that imports pandas if it is installed, which needs as much memory as a whole
# export.
def _numbers(values: Sequence[float], of: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(of, len(values), [None, pa.py_buffer(array(_BUFFERS[of], values))])


def _strings(values: Sequence[str]) -> pa.Array:
    raw = [value.encode() for value in values]
    ends = array("i", accumulate(map(len, raw), initial=0))
    return pa.StringArray.from_buffers(len(raw), pa.py_buffer(ends), pa.py_buffer(b"".join(raw)))


def _moments(found: Sequence[int]) -> pa.Array:
    there = sum(1 << place for place, at in enumerate(found) if at)
    since_1970 = array("q", [(at - ticks.UNIX_EPOCH) // 10 if at else 0 for at in found])
    valid = there.to_bytes((len(found) + 7) // 8, "little")
    return pa.Array.from_buffers(_MOMENT, len(found), [pa.py_buffer(valid), pa.py_buffer(since_1970)])


_CODES: Final = tuple(
    ({code: place for place, code in enumerate(names)}, _strings([*names.values()]))
    for names in (SERVICES, TYPES, STATES)
)


def encode(result: Result) -> Iterator[bytes]:
    """Gives one row group at a time. The footer, without which no reader accepts the file, comes after the last job."""
    sink = _Sink()
    with parquet.ParquetWriter(sink, SCHEMA, compression="snappy", use_dictionary=_REPEATED) as writer:
        waiting: list[pa.RecordBatch] = []
        for batch in counted(result):
            waiting.append(_record_batch(batch, result.now))
            if sum(map(len, waiting)) >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(waiting, SCHEMA))
                waiting.clear()
                yield sink.taken()
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, SCHEMA))
    yield sink.taken()


# Freed memory goes back to the operating system. A memory pool would only grow.
pa.set_memory_pool(pa.system_memory_pool())


class _Sink(io.RawIOBase):
    """Collects what is written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(memoryview(data))
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _record_batch(batch: list[Row], now: int) -> pa.RecordBatch:
    job_ids, services, kinds, states, starts, finishes, observed, *rest = zip(*batch, strict=True)
    told = [times(state, start, finish, now) for state, start, finish in zip(states, starts, finishes, strict=True)]
    columns = [
        _strings(job_ids),
        *(
            pa.DictionaryArray.from_arrays(_numbers([places[code] for code in codes], pa.int8()), names)
            for (places, names), codes in zip(_CODES, (services, kinds, states), strict=True)
        ),
        _moments([start for start, _, _ in told]),
        _moments([finish for _, finish, _ in told]),
        _numbers([seconds(duration) for _, _, duration in told], pa.float64()),
        _moments(observed),
        *(
            _numbers(values, _TYPES[name]) if name in _TYPES else _strings(values)
            for name, values in zip(COLUMNS[8:], rest, strict=True)
        ),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
