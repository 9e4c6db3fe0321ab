"""A question in words: every part of it is said, and can be taken away."""

import re

import pytest
from hypothesis import given
from msgspec.structs import replace

from jobreport.contract.query_language import FILTERS
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import JobFilter, JobQuery
from jobreport.monitor.texts import Times
from jobreport.monitor.views import question
from questions import QUERIES

BERLIN = Times("Europe/Berlin", ticks.from_iso("2026-11-23T06:58:12Z"))


def said(where: JobFilter) -> list[str]:
    return [re.sub(r"<[^>]*>", "", str(part.words)) for part in question.parts(where, BERLIN)]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (JobFilter(), []),
        (JobFilter(states=(JobState.Exception, JobState.Failed, JobState.Stopped)), ["not good"]),
        (JobFilter(states=(JobState.Skipped, JobState.Failed)), ["skipped or failed"]),
        (JobFilter(ended_since=ticks.from_iso("2026-11-20T17:00:00Z")), ["ended since Fri 20 Nov 18:00"]),
        (JobFilter(until=ticks.from_iso("2025-11-20T17:00:00Z")), ["started until Thu 20 Nov 2025 18:00"]),
        (JobFilter(services=(ServiceType.FileShare, ServiceType.AKS)), ["File share or Kubernetes"]),
        (JobFilter(types=(JobType.Backup, JobType.Restore, JobType.Export)), ["Backup, Restore or Export"]),
        (JobFilter(plans=("a", "b"), resources=("web-1",)), ["plan a or b", "resource web-1"]),
        (JobFilter(search="web", comments="no space"), ["“web” in ID or description", "“no space” in the comments"]),
        (JobFilter(min_duration=90 * 60 * ticks.PER_SECOND), ["took 1 h 30 min or longer"]),
        (JobFilter(min_failed=1), ["1 failed object or more"]),
    ],
)
def test_each_part_is_said_in_words(where: JobFilter, words: list[str]) -> None:
    assert said(where) == words


@given(QUERIES)
def test_without_all_its_parts_a_question_asks_for_all(query: JobQuery) -> None:
    where = query.where
    for part in [*question.parts(where, BERLIN)]:
        less = question.without(where, part.field)
        assert len(said(less)) == len(said(where)) - 1
        where = less
    assert where == JobFilter()


def test_no_filter_is_without_words() -> None:
    one_of_each = {
        "search": "a", "comments": "a", "plans": ("a",), "resources": ("a",), "origins": ("a",), "causes": ("a",),
        "services": (ServiceType.VM,), "types": (JobType.Backup,), "states": (JobState.Failed,),
        "since": BERLIN.now, "until": BERLIN.now, "ended_since": BERLIN.now, "ended_until": BERLIN.now,
        "min_duration": ticks.PER_SECOND, "min_failed": 1,
    }  # fmt: skip
    assert one_of_each.keys() == {parameter.field for parameter in FILTERS}
    assert len(said(replace(JobFilter(), **one_of_each))) == len(FILTERS)


def test_a_cause_has_the_words_that_the_overview_has_for_it() -> None:
    assert "Sign-in refused" in str(said(JobFilter(causes=("wrong-password",)))[0])
    assert "x-0123456789" in str(said(JobFilter(causes=("x-0123456789",)))[0])
