"""Jobs in; Parquet with a type for each column out, a row group at a time."""

import io
from collections.abc import Iterator
from typing import Any, Final

try:
    import pyarrow as pa
    from pyarrow import parquet
except ModuleNotFoundError as error:
    from jobreport.export.batches import MissingExtraError

    raise MissingExtraError("parquet") from error

from jobreport.export.batches import Result, counted
from jobreport.export.texts import SERVICES, STATES, TYPES, seconds
from jobreport.model import ticks
from jobreport.model.entry import COLUMNS, Row, times

ROW_GROUP: Final = 32_768
"""Jobs of a row group: some 40 MiB of memory in all, and what a reader takes or leaves at once."""

# Microseconds and not a tick's 100 ns: many readers take no nanoseconds.
_MOMENT: Final = pa.timestamp("us", tz="UTC")
_NAME: Final = pa.dictionary(pa.int8(), pa.string())
_TYPES: Final = {
    "serviceType": _NAME,
    "jobType": _NAME,
    "state": _NAME,
    "startTime": _MOMENT,
    "finishTime": _MOMENT,
    "durationSeconds": pa.float64(),
    "failedCount": pa.int32(),
    "successfulCount": pa.int32(),
    "skippedCount": pa.int32(),
    "totalCount": pa.int32(),
    "bytes": pa.int64(),
}
_OPTIONAL: Final = ("startTime", "finishTime")
SCHEMA: Final = pa.schema([pa.field(name, _TYPES.get(name, pa.string()), name in _OPTIONAL) for name in COLUMNS])
"""The columns; only a time may be null, where it is unset."""

_REPEATED: Final = [name for name, of in _TYPES.items() if of == _NAME] + [*COLUMNS[12:]]
"""Columns whose values come back; of others a dictionary would take memory for nothing."""

_CODES: Final = tuple(
    ({code: place for place, code in enumerate(names)}, pa.array(list(names.values())))
    for names in (SERVICES, TYPES, STATES)
)


def encode(result: Result) -> Iterator[bytes]:
    """A row group at a time; the end, without which no reader takes the file, after the last job."""
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


# What is freed goes back to the system, and not into a pool that only grows.
pa.set_memory_pool(pa.system_memory_pool())


class _Sink(io.RawIOBase):
    """What is written, until it is taken."""

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
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def _record_batch(batch: list[Row], now: int) -> pa.RecordBatch:
    job_ids, services, kinds, states, starts, finishes, *rest = zip(*batch, strict=True)
    told = [times(state, start, finish, now) for state, start, finish in zip(states, starts, finishes, strict=True)]
    columns = [
        pa.array(job_ids, pa.string()),
        *(
            pa.DictionaryArray.from_arrays(pa.array([places[code] for code in codes], pa.int8()), names)
            for (places, names), codes in zip(_CODES, (services, kinds, states), strict=True)
        ),
        _moments([start for start, _, _ in told]),
        _moments([finish for _, finish, _ in told]),
        pa.array([seconds(duration) for _, _, duration in told], pa.float64()),
        *(pa.array(values, _TYPES.get(name, pa.string())) for name, values in zip(COLUMNS[7:], rest, strict=True)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _moments(found: list[int]) -> pa.Array:
    since_1970 = [(at - ticks.UNIX_EPOCH) // 10 if at else None for at in found]
    return pa.array(since_1970, pa.int64()).cast(_MOMENT)
