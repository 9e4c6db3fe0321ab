"""Arbitrary questions of the query language, for laws that must hold for all of them."""

from typing import Any

from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey

REAL_TIMES = st.integers(ticks.UNIX_EPOCH, ticks.YEAR_2200 - 1)
NAMES = st.text(min_size=1, max_size=20).filter(lambda text: "\0" not in text)


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.sets(values, max_size=4).map(lambda found: tuple(sorted(found)))


FILTERED = st.builds(
    JobFilter,
    search=st.just("") | NAMES,
    since=st.none() | REAL_TIMES.map(lambda time: time // 2 + ticks.UNIX_EPOCH // 2),
    until=st.none() | st.just(ticks.YEAR_2200 - 1),
    services=several(st.sampled_from(ServiceType)),
    types=several(st.sampled_from(JobType)),
    states=several(st.sampled_from(JobState)),
    plans=several(NAMES),
    resources=several(NAMES),
    origins=several(NAMES),
    comments=st.just("") | NAMES,
    min_duration=st.integers(0, ticks.YEAR_2200),
    min_failed=st.integers(0, 2**31 - 1),
    ended_since=st.none() | REAL_TIMES.map(lambda time: time // 2 + ticks.UNIX_EPOCH // 2),
    ended_until=st.none() | st.just(ticks.YEAR_2200 - 1),
)
QUERIES = st.builds(
    JobQuery,
    where=FILTERED,
    sort=st.builds(Sort, st.sampled_from(SortKey), st.booleans()),
    page=st.integers(0, 2**31 - 1),
    size=st.integers(1, 10_000),
)
