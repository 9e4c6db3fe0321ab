"""Bytes on disk a job, of the store as it was built, without `raw` and with all indexes."""

from collections.abc import Iterator

from bench import Bench
from figure import Bar, Figure


def measure(bench: Bench) -> Iterator[Figure]:
    """One row; sample data has no `raw`."""
    what = "size on disk without `raw`, all indexes, with series and causes"
    yield Figure(what, bench.bytes_a_job, "bytes/job", None, "", Bar(400))
