"""The verdict of a series is what pages say of it, and one sentence says why: there is no second judgement."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.model.due_times import Missed, Settled
from jobreport.model.good_copy_age import Agreed, Source
from jobreport.model.judgement import NEEDS_SOMEBODY, Verdict
from jobreport.model.judging import NEVER, Expected, Facts, Freshness, judge, judge_again
from jobreport.model.need import BAD, Need, need_of
from jobreport.model.series import SeriesStatus
from jobreport.model.usual import Range, Run, Usual

HOUR: Final = 3600 * ticks.PER_SECOND
NOW: Final = 700_000 * ticks.PER_DAY
STATUSES: Final = st.builds(
    lambda good, bad, runs: SeriesStatus(
        jobs=9,
        newest_filed=NOW - HOUR,
        newest_id="n",
        newest_state=int(JobState.InProgress if runs else JobState.Successful),
        ended_filed=NOW - 2 * HOUR,
        ended_id="e",
        ended_state=int(JobState.Failed if bad else JobState.Successful),
        good_filed=NOW - good * HOUR if good else 0,
        good_id="g" if good else "",
        good_finish=NOW - good * HOUR if good else 0,
        not_good=bad,
        not_good_since=NOW - 5 * HOUR if bad else 0,
    ),
    st.integers(0, 60),
    st.integers(0, 3),
    st.booleans(),
)
AGREED: Final = st.sampled_from([None, Agreed(26 * HOUR, Source.DEFAULT), Agreed(8 * HOUR, Source.TENANT)])
SAME: Final = {Need.NOT_GOOD: Verdict.FAILING, Need.NOT_STARTED: Verdict.MISSED, Need.TOO_OLD: Verdict.STALE}


@given(STATUSES, AGREED, st.sampled_from([0, NOW - HOUR // 2]))
def test_a_verdict_needs_somebody_where_pages_say_so(status: SeriesStatus, agreed: Agreed | None, due: int) -> None:
    found = judge(Expected(agreed=agreed), Facts(kind=JobType.Backup, status=status, announced=due), Freshness(), NOW)
    need = need_of(JobType.Backup, status, agreed, due, NOW)
    assert (found.verdict in NEEDS_SOMEBODY) == (need in BAD)
    assert found.verdict is SAME.get(need, found.verdict)
    assert found.sentence


@given(STATUSES, AGREED)
def test_nothing_changes_before_it_is_judged_again(status: SeriesStatus, agreed: Agreed | None) -> None:
    expected, facts = Expected(agreed=agreed), Facts(kind=JobType.Backup, status=status)
    found = judge(expected, facts, Freshness(), NOW)
    again = judge_again(expected, facts, Freshness(), found, NOW)
    assert again > NOW
    if agreed and again != NEVER:
        assert judge(expected, facts, Freshness(), again - 1).verdict is found.verdict


WELL: Final = SeriesStatus(
    jobs=9, newest_filed=NOW - HOUR, newest_id="n", newest_state=2, good_filed=NOW - HOUR, good_id="n", good_finish=NOW
)
MISSED: Final = Missed(due=NOW - HOUR // 2, until=NOW + 23 * HOUR)
FLAT: Final = Range(1000, 900, 1100)


@pytest.mark.parametrize(
    ("facts", "expected", "freshness", "verdict", "says"),
    [
        ({}, {}, {}, Verdict.MET, "last good copy 1917-07-16 00:00 UTC"),
        ({"retired": True}, {}, {}, Verdict.MET, "no longer runs"),
        ({"missed": MISSED}, {}, {}, Verdict.MISSED, "did not start; expected 23:30 UTC, 1 h grace"),
        (
            {"missed": Missed(due=NOW, until=NOW + 1, known=False)},
            {},
            {"no_data": "no data since X"},
            "noData",
            "no data since X; not known",
        ),
        (
            {"missed": MISSED},
            {"maintenance": NOW + HOUR, "zone": "Europe/Berlin"},
            {},
            Verdict.MAINTENANCE,
            "in maintenance until 1917-07-16 03:00 Europe/Berlin: did not start",
        ),
        ({"settled": Settled(due=NOW - HOUR, deadline=NOW + HOUR)}, {}, {}, Verdict.LATE, "it has not started yet"),
        ({"settled": Settled(due=NOW - 60, deadline=NOW + HOUR)}, {}, {}, Verdict.MET, "next due"),
        (
            {"good": Run("n", 2, 0, 0, 99, 1000), "usual": Usual(3, FLAT, FLAT, FLAT)},
            {},
            {},
            Verdict.SHRUNK,
            "only 99 objects",
        ),
        ({"good": Run("n", 2, 0, 0, 100, 1000), "usual": Usual(3, FLAT, FLAT, FLAT)}, {}, {}, Verdict.MET, "last good"),
        ({"good": Run("n", 2, 0, 0, 9, 1000), "usual": Usual(2, FLAT, FLAT, FLAT)}, {}, {}, Verdict.MET, "last good"),
    ],
)
def test_each_verdict_says_why(
    facts: dict[str, Any], expected: dict[str, Any], freshness: dict[str, Any], verdict: str, says: str
) -> None:
    known = Facts(kind=JobType.Backup, status=WELL, **facts)
    wanted = Expected(grace=HOUR, **expected)
    found = judge(wanted, known, Freshness(**freshness), NOW)
    assert found.verdict == verdict
    assert says in found.sentence
