"""The formats of an export: each has a name, a media type and a module that writes it."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Final, NamedTuple

from jobreport.contract.parameters import Parameter
from jobreport.export.batches import Result
from jobreport.model.spelling import meant


class Format(NamedTuple):
    """One format. Its module is loaded when it is first used, since some need the libraries of an extra."""

    name: str
    media_type: str
    module: str

    def encoder(self) -> Callable[[Result], Iterator[bytes]]:
        """Returns the function that writes the format. Raises MissingExtraError if a library is not installed."""
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
"""The formats by name. The name is also the file extension."""


def _format(text: str) -> Format | None:
    if text and text.casefold() not in FORMATS:
        raise ValueError(meant(text, FORMATS, f"must be one of {', '.join(FORMATS)}"))
    return FORMATS[text.casefold()] if text else None


FORMAT: Final = Parameter(
    name="format",
    field="format",
    flag="--format",
    meaning=f"The form of the file: {', '.join(FORMATS)}.",
    schema={"type": "string", "enum": list(FORMATS)},
    convert=_format,
    write=lambda one: str(one.name),
    example="csv",
    required=True,
)
"""The parameter that chooses the format."""
