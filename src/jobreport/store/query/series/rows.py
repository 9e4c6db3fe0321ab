"""Makes series of the rows that statements read."""

from typing import Any

from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.series import SeriesStatus
from jobreport.model.series_query import Series
from jobreport.store.query.series.statements import ABOUT, FIELDS


def as_series(row: tuple[Any, ...]) -> Series:
    """Returns the series of a row that begins with the columns `COLUMNS`."""
    number, digest, service, kind, plan, resource, origin = row[: len(ABOUT)]
    return Series(
        number=number,
        key=digest.hex(),
        service=ServiceType(service),
        type=JobType(kind),
        plan=plan,
        resource=resource,
        origin=origin,
        status=SeriesStatus(*row[len(ABOUT) : len(ABOUT) + len(FIELDS)]),
    )
