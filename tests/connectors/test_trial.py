"""A trial says what a pass would: which rights are missing, and which jobs could not be stored."""

from made_up import Origin, configured

from clocks import Clock
from jobreport.connectors.collect import collect
from jobreport.connectors.trial import trial
from jobreport.model.catalog import JobState
from jobreport.store import Store


def test_a_trial_tells_what_a_look_would_bring(origin: Origin, clock: Clock) -> None:
    name = origin.begin("east", 1)
    origin.end("east", name)
    found = trial(configured(origin), clock.now)
    assert found.whole
    assert [(one.stream.name, one.states) for one in found.streams] == [
        ("east", {JobState.Successful: 1}),
        ("west", {}),
    ]


def test_a_right_that_is_missing_is_told(origin: Origin, clock: Clock) -> None:
    origin.denied = frozenset({"west"})
    found = trial(configured(origin), clock.now)
    assert not found.whole
    assert [right.held for right in found.rights] == [True, False]
    assert [one.error for one in found.streams] == ["", "access denied for list in west"]


def test_a_job_that_could_not_be_stored_is_told(origin: Origin, clock: Clock) -> None:
    origin.begin("east", 1, start=0)
    origin.begin("east", 2)
    found = trial(configured(origin), clock.now)
    assert not found.whole
    assert found.streams[0].states == {JobState.InProgress: 1}
    assert "1 of its jobs cannot be stored: 'east:1', startTime: is required" in found.streams[0].error


def test_an_origin_that_shows_nothing_to_read_is_not_seen_whole(store: Store, tenant: int, clock: Clock) -> None:
    origin = Origin(clock, names=())
    found = trial(configured(origin), clock.now)
    passed = collect(store, tenant, configured(origin))
    assert (found.whole, found.streams, found.error) == (False, (), "")
    assert (passed.whole, passed.streams, passed.error) == (False, (), "")
