"""What a connector reads is missed only when it has read so far; what it cannot see is not known, and told so."""

from watched_tenant import DAY, DUE, HOUR, MIDNIGHT, MINUTE, Watched

from jobreport.model.catalog import JobState
from jobreport.model.judgement import Verdict
from jobreport.model.streams import Hole, StreamState
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key

ORIGIN = "exec/prod"


def read(watched: Watched, until: int, error: str = "") -> None:
    """The connector was read until a time; or it was tried then, in vain."""
    key = Key(watched.number, "prod")
    with watched.store.writing() as transaction:
        connectors.claim(transaction, key, "exec", 300, "me", until, until)
        known = connectors.streams(transaction, key).get("eu")
        looked = known.looked if known and error else until
        state = StreamState(stream="eu", added=looked, watermark=looked, looked=looked, tried=until, error=error)
        connectors.put_stream(transaction, key, state)


def nightly_by_connector(watched: Watched) -> None:
    for night in (3, 2, 1):
        watched.ran(DUE - night * DAY + MINUTE, origin=ORIGIN)
    read(watched, MIDNIGHT)
    watched.expect(plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin")
    watched.told(MIDNIGHT)


def test_nothing_is_missed_before_the_connector_has_read_so_far(watched: Watched) -> None:
    nightly_by_connector(watched)
    read(watched, DUE + 55 * MINUTE)
    assert watched.verdicts(DUE + HOUR + 2 * MINUTE) == [Verdict.LATE]
    read(watched, DUE + HOUR + 4 * MINUTE)
    (missed,) = watched.told(DUE + HOUR + 5 * MINUTE)
    assert (missed.verdict, missed.connector) == (Verdict.MISSED, "prod")


def test_a_connector_that_is_blind_for_two_days_makes_nothing_missed(watched: Watched) -> None:
    nightly_by_connector(watched)
    read(watched, DUE + DAY + 2 * HOUR, "access denied")
    (blind,) = watched.told(DUE + 2 * HOUR)
    assert blind.verdict is Verdict.NO_DATA
    assert blind.sentence.startswith("no data since 2026-11-23T00:00:00Z: access denied; not known whether")
    assert watched.told(DUE + DAY + 2 * HOUR) == []
    unknown = watched.jobs(JobState.NotStarted)
    assert {job.start for job in unknown} == {DUE, DUE + DAY}
    assert {job.comments for job in unknown} == {"no data since 2026-11-23T00:00:00Z: access denied; not known"}
    assert watched.jobs(JobState.Failed) == []
    # It sees again: one of the two nights ran.
    now = DUE + DAY + 3 * HOUR
    read(watched, now)
    watched.ran(DUE + MINUTE, "FBseen", at=now, origin=ORIGIN)
    (told,) = watched.told(now)
    assert told.verdict is Verdict.MISSED
    assert [job.start for job in watched.jobs(JobState.Failed)] == [DUE + DAY]
    (seen,) = watched.jobs(JobState.Skipped)
    assert seen.comments == "ran on time, and was told of late, as FBseen"
    assert watched.jobs(JobState.NotStarted) == []


def test_a_young_copy_is_met_however_blind_its_connector_is(watched: Watched) -> None:
    watched.ran(DUE, origin=ORIGIN)
    read(watched, DUE + HOUR)
    watched.expect(age="26h")
    watched.told(DUE + HOUR)
    read(watched, DUE + 20 * HOUR, "access denied")
    assert watched.told(DUE + 20 * HOUR) == []
    (blind,) = watched.told(DUE + 27 * HOUR)
    assert blind.verdict is Verdict.NO_DATA
    assert blind.sentence.endswith("last good copy 2026-11-23 01:10 UTC, at most 26h old expected, as far as is known")


def forgotten(watched: Watched, begins: int, ends: int) -> None:
    """The origin has forgotten what ran in this time."""
    with watched.store.writing() as transaction:
        hole = Hole(stream="eu", begins=begins, ends=ends, found=ends)
        connectors.add_hole(transaction, Key(watched.number, "prod"), hole)


def test_what_was_due_in_a_hole_is_never_known_and_what_is_due_after_it_is(watched: Watched) -> None:
    nightly_by_connector(watched)
    read(watched, DUE + 2 * HOUR, "access denied")
    watched.told(DUE + 2 * HOUR)
    # It sees again, but only what is younger than a day: of the first night nothing is known.
    now = DUE + DAY + 2 * HOUR
    read(watched, now)
    forgotten(watched, MIDNIGHT, now - DAY)
    watched.ran(DUE + DAY, "FBseen", at=now, origin=ORIGIN)
    assert watched.verdicts(now) == [Verdict.MET]
    with watched.store.writing() as transaction:
        connectors.end_holes(transaction, Key(watched.number, "prod"), "eu")
    later = now + DAY
    read(watched, later)
    assert watched.verdicts(later) == [Verdict.MISSED]
    assert [job.start for job in watched.jobs(JobState.NotStarted)] == [DUE]
    assert [job.start for job in watched.jobs(JobState.Failed)] == [DUE + 2 * DAY]


def test_a_copy_is_not_too_old_while_a_young_one_may_lie_in_a_hole(watched: Watched) -> None:
    watched.ran(DUE, origin=ORIGIN)
    read(watched, DUE + HOUR)
    watched.expect(age="26h")
    watched.told(DUE + HOUR)
    now = DUE + 40 * HOUR
    read(watched, now)
    forgotten(watched, DUE + HOUR, DUE + 30 * HOUR)
    (unknown,) = watched.told(now)
    assert unknown.verdict is Verdict.NO_DATA
    assert "no data from 2026-11-23 02:00 UTC to 2026-11-24 07:00 UTC, which was forgotten" in unknown.sentence
    read(watched, DUE + 55 * HOUR)
    assert watched.told(DUE + 55 * HOUR) == []
    read(watched, DUE + 57 * HOUR)
    assert watched.verdicts(DUE + 57 * HOUR) == [Verdict.STALE]
