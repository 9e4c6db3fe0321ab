"""What an origin's own scheduler announces is expected of its series: it comes, or it was missed as any other."""

from collections.abc import Mapping, Sequence

import pytest
from watched_tenant import DAY, DUE, HOUR, MIDNIGHT, MINUTE, Watched

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.judgement import Verdict
from jobreport.model.streams import StreamState
from jobreport.store.jobs.collected import Read, store_read
from jobreport.store.registry import connectors, next_runs
from jobreport.store.registry.connectors import Key
from jobreport.watch.explaining import explained

ORIGIN = "veeam/vbr"


@pytest.fixture
def nightly(watched: Watched) -> Watched:
    """A series that ran in three nights."""
    for night in (3, 2, 1):
        watched.ran(DUE - night * DAY, origin=ORIGIN)
    return watched


def read(watched: Watched, at: int, runs: Mapping[str, Sequence[int]] | None, error: str = "") -> None:
    """The connector was read at a time, and its origin announced these runs; or it was tried then, in vain."""
    watched.clock.now = at
    key = Key(watched.number, "vbr")
    with watched.store.writing() as transaction:
        connectors.claim(transaction, key, "veeam", 300, "me", at, at + HOUR)
        known = connectors.streams(transaction, key).get("next runs")
        looked = known.looked if known and error else at
        state = StreamState(stream="next runs", added=looked, watermark=looked, looked=looked, tried=at, error=error)
        store_read(transaction, key, "me", at + HOUR, Read(state=state, next_runs=runs), at)


def kept(watched: Watched) -> Mapping[str, Sequence[int]]:
    with watched.store.reading() as transaction:
        return next_runs.of_plans(transaction, Key(watched.number, "vbr"), ["nightly", "weekly"])


def test_what_comes_is_well_and_what_does_not_is_missed_as_any_other(nightly: Watched) -> None:
    read(nightly, MIDNIGHT, {"nightly": [DUE]})
    assert nightly.told(MIDNIGHT) == []
    nightly.ran(DUE + MINUTE, origin=ORIGIN)
    read(nightly, DUE + 2 * HOUR, {"nightly": [DUE + DAY]})
    assert nightly.told(DUE + 2 * HOUR) == []
    # The scheduler goes on to the night after, and nothing ran.
    read(nightly, DUE + DAY + MINUTE, {"nightly": [DUE + 2 * DAY]})
    assert nightly.told(DUE + DAY + MINUTE) == []
    read(nightly, DUE + DAY + HOUR + 5 * MINUTE, {"nightly": [DUE + 2 * DAY]})
    (missed,) = nightly.told(DUE + DAY + HOUR + 5 * MINUTE)
    assert (missed.verdict, missed.connector) == (Verdict.MISSED, "vbr")
    assert missed.sentence.startswith("did not start; expected 01:00 UTC, 1 h grace")
    (job,) = nightly.jobs(JobState.Failed)
    assert (job.start, job.plan) == (DUE + DAY, "nightly")
    # It runs again when it is due next.
    nightly.ran(DUE + 2 * DAY, origin=ORIGIN)
    assert nightly.verdicts(DUE + 2 * DAY + 20 * MINUTE) == [Verdict.MET]


def test_it_is_told_by_whom_it_is_expected_and_what_people_declare_counts_before(nightly: Watched) -> None:
    read(nightly, MIDNIGHT, {"nightly": [DUE]})
    nightly.told(MIDNIGHT)
    lines = explained(nightly.store, nightly.name, "1").lines
    assert lines[3] == (
        "schedule: by vbr (plan=nightly origin=veeam/vbr: the next runs that its origin announces); "
        "next due 2026-11-23 01:00 UTC"
    )
    nightly.expect(name="mine", plan="nightly", cron=("0 5 * * *",))
    nightly.told(MIDNIGHT + MINUTE)
    found = explained(nightly.store, nightly.name, "1")
    assert found.lines[3] == 'schedule: by mine (plan=nightly: cron "0 5 * * *"); next due 2026-11-23 05:00 UTC'
    read(nightly, DUE + 2 * HOUR, {"nightly": [DUE + DAY]})
    assert nightly.told(DUE + 2 * HOUR) == []


def test_a_time_that_is_announced_no_more_before_it_comes_is_not_missed(nightly: Watched) -> None:
    read(nightly, MIDNIGHT, {"nightly": [DUE]})
    nightly.told(MIDNIGHT)
    read(nightly, MIDNIGHT + 10 * MINUTE, {"nightly": [DUE + 10 * HOUR]})
    assert nightly.told(MIDNIGHT + 10 * MINUTE) == []
    read(nightly, DUE + 80 * MINUTE, {"nightly": [DUE + 10 * HOUR]})
    assert nightly.told(DUE + 80 * MINUTE) == []
    assert explained(nightly.store, nightly.name, "1").lines[3].endswith("next due 2026-11-23 11:00 UTC")
    # The job is disabled: only its age counts from then on.
    read(nightly, DUE + 6 * HOUR, {})
    assert nightly.verdicts(DUE + 6 * HOUR) == [Verdict.STALE]
    assert explained(nightly.store, nightly.name, "1").lines[3].startswith("schedule: none")
    assert not nightly.jobs(JobState.Failed)


def test_what_is_announced_after_a_while_without_any_is_expected(nightly: Watched) -> None:
    read(nightly, MIDNIGHT, {"nightly": [DUE]})
    nightly.ran(DUE, origin=ORIGIN)
    nightly.told(DUE + 2 * HOUR)
    read(nightly, DUE + 3 * HOUR, {"nightly": [DUE + 5 * HOUR]})
    nightly.told(DUE + 3 * HOUR)
    read(nightly, DUE + 7 * HOUR, {})
    assert nightly.verdicts(DUE + 7 * HOUR) == [Verdict.MISSED]


def test_while_the_connector_is_blind_nothing_is_missed(nightly: Watched) -> None:
    read(nightly, MIDNIGHT, {"nightly": [DUE]})
    nightly.told(MIDNIGHT)
    read(nightly, DUE + 3 * HOUR, None, "access denied")
    (blind,) = nightly.told(DUE + 3 * HOUR)
    assert blind.verdict is Verdict.NO_DATA
    assert not nightly.jobs(JobState.Failed)


@pytest.mark.parametrize(
    "other",
    [
        {"plan": "weekly"},
        {"origin": "veeam/another"},
        {"type": JobType.Report, "service": ServiceType.Common},
        {"plan": ""},
    ],
)
def test_another_plan_origin_or_work_is_not_expected(watched: Watched, other: dict[str, object]) -> None:
    watched.ran(DUE - DAY, **{"origin": ORIGIN, **other})
    read(watched, MIDNIGHT, {"nightly": [DUE], "": [DUE]})
    watched.told(MIDNIGHT)
    read(watched, DUE + 3 * HOUR, {})
    watched.told(DUE + 3 * HOUR)
    assert not watched.jobs(JobState.Failed)


def test_what_has_passed_is_kept_for_a_week_and_what_cannot_be_a_key_is_left_out(watched: Watched) -> None:
    read(watched, MIDNIGHT, {"nightly": [DUE, MIDNIGHT - 1, DUE + 1000 * 366 * DAY], "x" * 401: [DUE]})
    assert kept(watched) == {"nightly": [DUE]}
    read(watched, DUE + DAY, {"nightly": [DUE + 2 * DAY], "weekly": [DUE + 5 * DAY]})
    assert kept(watched) == {"nightly": [DUE, DUE + 2 * DAY], "weekly": [DUE + 5 * DAY]}
    read(watched, DUE + 8 * DAY, {})
    assert kept(watched) == {"nightly": [DUE + 2 * DAY], "weekly": [DUE + 5 * DAY]}
    with watched.store.writing() as transaction:
        connectors.end(transaction, Key(watched.number, "vbr"))
    assert kept(watched) == {}
