"""The name of a format in; what it is called elsewhere, and what writes it, out."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Final, NamedTuple

from jobreport.export.batches import Result


class Format(NamedTuple):
    """One format. A module writes it, which is loaded when it is first asked for: some need libraries of an extra."""

    name: str
    media_type: str
    module: str

    def encoder(self) -> Callable[[Result], Iterator[bytes]]:
        """What writes it; MissingExtraError where a library is not installed."""
        found: Callable[[Result], Iterator[bytes]] = import_module(f"jobreport.export.{self.module}").encode
        return found


FORMATS: Final = {
    one.name: one
    for one in (
        Format("csv", "text/csv; charset=utf-8; header=present", "as_csv"),
        Format("ndjson", "application/x-ndjson", "as_ndjson"),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "as_xlsx"),
        Format("parquet", "application/vnd.apache.parquet", "as_parquet"),
    )
}
"""Each format by its name, which is also how the name of its file ends."""
