"""Arbitrary jobs that keep every rule, for laws that must hold for all of them."""

import json
from typing import Any

from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, UNFINISHED, JobState, JobType, ServiceType
from jobreport.model.job import CAUSES, INT32_MAX, INT64_MAX, MAX_HEARTBEAT, Job

NOW = 639_000_000_000_000_000
"""A moment in 2025, the present of these tests."""

TIMES = st.integers(ticks.UNIX_EPOCH, ticks.YEAR_2200 - 1)
PAST = st.integers(ticks.UNIX_EPOCH, NOW)
COUNTS = st.one_of(st.integers(0, 20), st.integers(0, INT32_MAX))
FINISHED = [state for state in JobState if state not in UNFINISHED]

_CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(_CHARACTERS, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(_CHARACTERS, max_size=4), inner, max_size=3),
    max_leaves=6,
)
# A record that is JSON's null is the same as none at all.
RAW = st.just("") | _JSON.filter(lambda value: value is not None).map(
    lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
)


def texts(limit: int, least: int = 0) -> st.SearchStrategy[str]:
    """Text that may be kept: Unicode without NUL and without halves of surrogate pairs."""
    return st.text(_CHARACTERS, min_size=least, max_size=min(limit, 40))


@st.composite
def jobs(draw: st.DrawFn, **fixed: Any) -> Job:
    """A job that keeps every rule of the write side; `fixed` fields are as given."""
    state = fixed.pop("state", None) or draw(st.sampled_from(JobState))
    start = draw(TIMES) if state is not JobState.NotStarted else draw(st.just(0) | TIMES)
    values: dict[str, Any] = {
        "job_id": draw(texts(128, least=1)),
        "service": draw(st.sampled_from(ServiceType)),
        "type": draw(st.sampled_from(JobType)),
        "state": state,
        "start": start,
        "finish": draw(st.integers(start, ticks.YEAR_2200 - 1)) if state.finished else 0,
        "failed": 0 if state is JobState.Successful else draw(COUNTS),
        "successful": draw(COUNTS),
        "skipped": draw(COUNTS),
        "total": draw(COUNTS),
        "comments": draw(texts(4096)),
        "description": draw(texts(1024)),
        "plan": draw(texts(256)),
        "resource": draw(texts(1024)),
        "size": draw(st.integers(0, INT64_MAX)),
        "origin": draw(texts(128)),
        "raw": draw(RAW),
        "observed": draw(PAST),
        "heartbeat": draw(st.just(0) | st.integers(1, MAX_HEARTBEAT)),
        "cause": draw(st.sampled_from(["", "", *CAUSES])) if state in NOT_GOOD else "",
    }
    return Job(**values | fixed)
