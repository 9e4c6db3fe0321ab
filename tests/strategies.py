"""Arbitrary jobs that keep every rule, for laws that must hold for all of them."""

import json
from typing import Any

from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, UNFINISHED, JobState, JobType, ServiceType
from jobreport.model.job import CAUSES, INT32_MAX, INT64_MAX, MAX_HEARTBEAT, Job
from jobreport.model.sees import Sees

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


# Made once: each strategy that is made for a draw is also validated, for as long as the draw takes.
_STATES, _SERVICES, _TYPES = st.sampled_from(JobState), st.sampled_from(ServiceType), st.sampled_from(JobType)
_UNSET_OR_TIMES = st.just(0) | TIMES
_SIZES = st.integers(0, INT64_MAX)
_REFERENCES = st.just("") | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
_SEES = st.sampled_from(Sees)
_HEARTBEATS = st.just(0) | st.integers(1, MAX_HEARTBEAT)
_CAUSES = st.sampled_from(["", "", *CAUSES])
_TEXTS = {
    name: texts(limit, least)
    for name, limit, least in (
        ("job_id", 128, 1),
        ("comments", 4096, 0),
        ("description", 1024, 0),
        ("plan", 256, 0),
        ("resource", 1024, 0),
        ("origin", 128, 0),
    )
}


@st.composite
def jobs(draw: st.DrawFn, **fixed: Any) -> Job:
    """A job that keeps every rule of the write side; `fixed` fields are as given."""
    state = fixed.pop("state", None) or draw(_STATES)
    start = draw(TIMES) if state is not JobState.NotStarted else draw(_UNSET_OR_TIMES)
    values: dict[str, Any] = {
        "job_id": draw(_TEXTS["job_id"]),
        "service": draw(_SERVICES),
        "type": draw(_TYPES),
        "state": state,
        "start": start,
        "finish": draw(st.integers(start, ticks.YEAR_2200 - 1)) if state.finished else 0,
        "failed": 0 if state is JobState.Successful else draw(COUNTS),
        "successful": draw(COUNTS),
        "skipped": draw(COUNTS),
        "total": draw(COUNTS),
        "comments": draw(_TEXTS["comments"]),
        "description": draw(_TEXTS["description"]),
        "plan": draw(_TEXTS["plan"]),
        "resource": draw(_TEXTS["resource"]),
        "size": draw(_SIZES),
        "origin": draw(_TEXTS["origin"]),
        "raw": draw(RAW),
        "observed": draw(PAST),
        "heartbeat": draw(_HEARTBEATS),
        "cause": draw(_CAUSES) if state in NOT_GOOD else "",
        "reference": draw(_REFERENCES),
        "sees": draw(_SEES),
        "made": draw(_REFERENCES),
    }
    return Job(**values | fixed)
