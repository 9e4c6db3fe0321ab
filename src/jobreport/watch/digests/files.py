"""The file that goes with a digest: the jobs of a tenant that have ended since the last one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from jobreport import atomic_file
from jobreport.export.batches import Result
from jobreport.export.formats import FORMATS
from jobreport.model import ticks
from jobreport.model.message import File
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from jobreport.store import Store

MOST: Final = 2 * 1024 * 1024
"""The most bytes of a file that goes with a message."""


def name_of(digest: str, whose: str, due: int, ending: str) -> str:
    """Returns the name of a file: `morning-acme-20261123T060000Z.csv`. Names of digests and tenants fit any folder."""
    return f"{digest}-{whose}-{ticks.to_datetime(due):%Y%m%dT%H%M%SZ}.{ending}"


def attached(store: Store, tenant: int, since: int, until: int, form: str, name: str) -> File | None:
    """Returns the jobs that ended from `since` and before `until` (ticks) as a file; None if it would be too large."""
    content = b""
    with _pieces(store, tenant, since, until, form) as pieces:
        for piece in pieces:
            content += piece
            if len(content) > MOST:
                return None
    return File(name, FORMATS[form].media_type, content)


def written(store: Store, tenant: int, since: int, until: int, form: str, path: Path) -> None:
    """Writes the same to a file, however many jobs there are. Raises OSError."""
    with atomic_file.replacing(path) as (file, _), _pieces(store, tenant, since, until, form) as pieces:
        for piece in pieces:
            file.write(piece)


@contextmanager
def _pieces(store: Store, tenant: int, since: int, until: int, form: str) -> Iterator[Iterator[bytes]]:
    where = JobFilter(ended_since=since, ended_until=until - 1)
    query = JobQuery(where=where, sort=Sort(SortKey.FINISH, descending=False))
    with store.stream_jobs(tenant, query) as found:
        yield FORMATS[form].encoder()(Result(found.total, found.now, found.batches()))
