"""Writes the table of metrics, from the catalog by which they are told."""

from collections.abc import Callable
from typing import Final

from blocks.markdown import table
from jobreport.metrics.catalog import METRICS

_SUFFIXES: Final = {"gauge": "", "counter": "_total", "histogram": "_bucket"}


def metrics() -> str:
    """Returns the table of metrics, in the order in which they are told."""
    rows = (
        (f"`{one.name}{_SUFFIXES[one.type]}`", one.type, one.meaning, ", ".join(f"`{label}`" for label in one.labels))
        for one in METRICS
    )
    return table(("metric", "type", "what it says", "labels"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {"metrics": metrics}
