"""What is measured, by name, in the order of the table: each takes a `Bench` and gives the rows of its group."""

from collections.abc import Callable, Iterator
from typing import Final

from bench import Bench
from figure import Figure
from measures import (
    connectors,
    crowd,
    disk,
    export,
    filters,
    importing,
    kept,
    memory,
    monitor,
    origins,
    report,
    search,
    series,
    start,
    summaries,
    watch,
    writes,
)

MEASURES: Final[dict[str, Callable[[Bench], Iterator[Figure]]]] = {
    "report": report.measure,
    "filters": filters.measure,
    "states": filters.measure_states,
    "search": search.measure_selective,
    "worst": search.measure_worst,
    "summaries": summaries.measure,
    "series": series.measure,
    "monitor": monitor.measure,
    "crowd": crowd.measure,
    "watch": watch.measure,
    "export": export.measure,
    "import": importing.measure,
    "collect": connectors.measure,
    "origins": origins.measure,
    "kept": kept.measure,
    "writes": writes.measure,
    "memory": memory.measure,
    "disk": disk.measure,
    "start": start.measure,
}
