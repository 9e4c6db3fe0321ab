"""What did not start stays as it was told when the clock is set back, and when its jobs are pruned or purged."""

from watched_tenant import DAY, DUE, HOUR, MINUTE, Watched

from jobreport.identity import purge
from jobreport.identity import tenants as identity
from jobreport.model.catalog import JobState
from jobreport.model.judgement import Verdict
from jobreport.store import HEARTBEAT_SECONDS
from jobreport.store.admin import prune
from jobreport.store.jobs.stalled import heartbeat
from jobreport.store.watch import incidents, missed, outages, verdicts


def beats(watched: Watched, at: int) -> None:
    """The service runs at a time."""
    watched.clock.now = at
    with watched.store.writing() as transaction:
        heartbeat(transaction, at, 3 * HEARTBEAT_SECONDS * MINUTE // 60)


def open_incidents(watched: Watched) -> int:
    with watched.store.reading() as transaction:
        return len(incidents.going_on(transaction).get(watched.number, ()))


def test_a_clock_that_is_set_back_an_hour_has_nothing_told_twice_or_taken_back(nightly: Watched) -> None:
    missing = DUE + HOUR + 30 * MINUTE
    beats(nightly, missing)
    assert nightly.verdicts(missing) == [Verdict.MISSED]
    for at in (missing - HOUR + MINUTE, missing - MINUTE, missing + MINUTE // 6):
        beats(nightly, at)
        assert nightly.told(at) == []
    assert (nightly.number_of(JobState.Failed), open_incidents(nightly)) == (1, 1)
    with nightly.store.reading() as transaction:
        assert outages.every(transaction) == ()
    # The next night is judged as ever.
    beats(nightly, missing + 2 * MINUTE)
    nightly.ran(DUE + DAY)
    assert nightly.verdicts(DUE + DAY + HOUR) == [Verdict.MET]


def test_a_job_that_did_not_start_is_pruned_like_others_and_not_written_again(nightly: Watched) -> None:
    assert nightly.verdicts(DUE + 2 * HOUR) == [Verdict.MISSED]
    nightly.ran(DUE + DAY)
    nightly.told(DUE + DAY + HOUR)
    nightly.clock.now = DUE + DAY + HOUR
    assert sum(prune.prune(nightly.store, nightly.number, prune.Rule(DUE + HOUR, DUE + HOUR))) == 4
    assert nightly.told(DUE + DAY + 2 * HOUR) == []
    # What is told of late finds no job any more, and makes none.
    nightly.ran(DUE, "late", at=DUE + DAY + 3 * HOUR)
    assert nightly.told(DUE + DAY + 3 * HOUR) == []
    assert {one.job_id for one in nightly.jobs()} == {"late", f"FB{DUE + DAY}"}


def test_of_a_purged_tenant_nothing_is_left_of_what_did_not_start(nightly: Watched) -> None:
    nightly.told(DUE + 2 * HOUR)
    assert open_incidents(nightly) == 1
    identity.delete(nightly.store, nightly.name, grace_seconds=0)
    nightly.clock.now = DUE + 3 * HOUR
    for one, _ in purge.due(nightly.store, nightly.name, at_once=True):
        assert sum(purge.purge(nightly.store, one)) == 4
    with nightly.store.reading() as transaction:
        left = missed.of_series(transaction, nightly.number, [1]), verdicts.kept(transaction, nightly.number, [1])
    assert (left, open_incidents(nightly)) == (({}, {}), 0)
