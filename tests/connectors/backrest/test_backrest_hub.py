"""An instance and the hub to which it reports tell of one operation, and a hub hides none of an instance."""

import pytest
from backrest_looks import Look, Serve
from collected_jobs import Jobs
from fakes.backrest.backrest_server import Instance, milliseconds, snapshot

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.model import ticks
from jobreport.model.catalog import JobState

KEY = "ed25519.9c1f"


@pytest.fixture
def hub(clock: Clock) -> Instance:
    """It has done much itself, so its numbers are far beyond those of the instance."""
    hub = Instance(clock, name="hub", peers={KEY: "nas-1"})
    hub.modno = hub.highest = 9_000
    hub.add(**snapshot(99), planId="its own")
    return hub


def ends(passed: PassResult) -> dict[str, str]:
    return {looked.stream: looked.error for looked in passed.streams}


@pytest.mark.parametrize("first", ["instance", "hub"])
def test_what_both_tell_counts_once_whoever_is_first(
    instance: Instance, hub: Instance, serve: Serve, look: Look, jobs: Jobs, clock: Clock, first: str
) -> None:
    at_hub = serve(hub)

    def look_at_both() -> None:
        for place in ("instance", "hub") if first == "instance" else ("hub", "instance"):
            assert (look() if place == "instance" else look(at_hub)).whole

    clock.pass_by(60)
    op = instance.add("STATUS_INPROGRESS")
    instance.report(hub, op)
    look_at_both()
    assert [job.state for job in jobs()] == [JobState.Successful, JobState.InProgress]
    look_at_both()
    instance.end(op, **snapshot(1))
    instance.report(hub, op)
    look_at_both()
    assert [(job.plan, job.state) for job in jobs()] == [
        ("its own", JobState.Successful),
        ("daily-home", JobState.Successful),
    ]
    assert jobs()[1].job_id.startswith("backrest:nas-1:")


def test_each_instance_is_a_stream_with_numbers_of_its_own(
    instance: Instance, hub: Instance, serve: Serve, look: Look, jobs: Jobs, clock: Clock
) -> None:
    at_hub = serve(hub)
    assert ends(look(at_hub)) == {"hub": "", "nas-1": ""}
    clock.pass_by(1)
    instance.report(hub, instance.add("STATUS_ERROR"))
    look(at_hub)
    assert [job.resource for job in jobs()] == ["hub: s3-main", "nas-1: s3-main"]


def test_what_an_instance_did_while_it_was_away_comes_within_hours_though_its_numbers_are_old(
    instance: Instance, hub: Instance, serve: Serve, look: Look, jobs: Jobs, clock: Clock
) -> None:
    at_hub = serve(hub)
    away = instance.add("STATUS_ERROR")
    clock.pass_by(1)
    instance.report(hub, instance.add(**snapshot(1)))
    look(at_hub)
    instance.report(hub, away)
    look(at_hub)
    clock.pass_by(6 * 3600)
    look(at_hub)
    assert [job.state for job in jobs() if job.plan == "daily-home"] == [JobState.Failed, JobState.Successful]


def test_an_instance_that_is_not_connected_is_no_data_and_not_a_quiet_night(
    instance: Instance, hub: Instance, serve: Serve, look: Look, jobs: Jobs, clock: Clock
) -> None:
    at_hub = serve(hub)
    due = clock.now + ticks.PER_DAY // 2
    instance.report(hub, instance.add(**snapshot(1)))
    instance.report(hub, instance.add("STATUS_PENDING", unixTimeStartMs=milliseconds(due)))
    clock.pass_by(86_400)
    assert look(at_hub).whole
    clock.pass_by(43_200)
    told = f"{ticks.to_iso(due, digits=0)}, and nothing of it has come"
    said = f"nas-1 has not been connected to this hub: its next run should have begun at {told}"
    assert ends(look(at_hub)) == {"hub": "", "nas-1": said}
    assert len(jobs()) == 2
    instance.report(hub, instance.add("STATUS_INPROGRESS"))  # the run before it is still under way
    assert look(at_hub).whole


def test_two_instances_of_one_name_are_two_streams(instance: Instance, hub: Instance, serve: Serve, look: Look) -> None:
    hub.peers = {KEY: "hub", "ed25519.77": ""}
    assert ends(look(serve(hub))).keys() == {"hub", f"hub ({KEY})", "ed25519.77"}
