"""A trial says what a pass would: which rights are missing, and which jobs could not be stored."""

import pytest
from made_up import Origin, configured

from clocks import Clock
from jobreport.cli.output.connectors import show_trial
from jobreport.connectors.base import Stream
from jobreport.connectors.collect import collect
from jobreport.connectors.trial import StreamTrial, Trial, trial
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


@pytest.mark.parametrize(
    ("announces", "jobs", "next_runs", "said"),
    [
        (False, 2, 0, "nas: 2 jobs (2 Failed)\n"),
        (True, 1, 2, "nas: 1 job (1 Failed), 2 next runs\n"),
        (True, 0, 1, "nas: 1 next run\n"),
        (True, 0, 0, "nas: 0 jobs, 0 next runs\n"),
    ],
)
def test_jobs_and_next_runs_of_a_stream_are_both_shown(
    capsys: pytest.CaptureFixture[str], announces: bool, jobs: int, next_runs: int, said: str
) -> None:
    states = {JobState.Failed: jobs} if jobs else {}
    stream = Stream(name="nas", announces=announces)
    show_trial(
        Trial(streams=(StreamTrial(stream=stream, states=states, newest=None, more=False, next_runs=next_runs),))
    )
    assert capsys.readouterr().out == f"{said}Nothing was stored.\n"


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
