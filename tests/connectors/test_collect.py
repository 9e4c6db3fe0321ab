"""A pass over a connector: what it asks for again, what it presumes, what it does when a part fails."""

import pytest
from made_up import HOUR, MEMORY, Origin, configured
from msgspec.structs import replace

from clocks import Clock
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import OwnWork
from jobreport.connectors.lease import AlreadyReadError, claim, hold
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.query import JobFilter, JobQuery
from jobreport.model.sees import Sees
from jobreport.model.stored_job import StoredJob
from jobreport.model.streams import ConnectorStatus, complete_until, no_data
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store
from jobreport.store.jobs.collected import Read
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key, TakenOverError

DAY = ticks.PER_DAY


def kept(store: Store, tenant: int, name: str) -> StoredJob:
    found = store.history(tenant, name)
    assert found is not None
    return found.current


def standing(store: Store, tenant: int) -> ConnectorStatus:
    with store.reading() as transaction:
        (one,) = connectors.standings(transaction, tenant)
    return one


def test_a_late_result_and_a_correction_arrive(store: Store, tenant: int, origin: Origin, clock: Clock) -> None:
    name = origin.begin("east", 1)
    assert collect(store, tenant, configured(origin)).whole
    assert kept(store, tenant, name).job.origin == "made-up/made-up"
    clock.pass_by(20 * 3600)
    origin.end("east", name)
    assert collect(store, tenant, configured(origin)).whole
    assert kept(store, tenant, name).job.state is JobState.Successful
    clock.pass_by(60)
    origin.end("east", name, JobState.Exception, failed=1)
    assert collect(store, tenant, configured(origin)).whole
    assert kept(store, tenant, name).job.state is JobState.Exception


@pytest.mark.parametrize("whole", [True, False])
def test_a_job_that_is_gone_is_presumed_to_have_failed_and_gives_way_when_it_is_back(
    store: Store, tenant: int, origin: Origin, clock: Clock, whole: bool
) -> None:
    origin.whole = whole
    name = origin.begin("east", 1)
    collect(store, tenant, configured(origin))
    entry = origin.lists["east"].pop(name)
    clock.pass_by(60)
    collect(store, tenant, configured(origin))
    gone = kept(store, tenant, name)
    assert (gone.job.state, gone.presumed) == (JobState.Failed, True)
    assert gone.job.comments == f"presumed: not listed any more since {ticks.to_iso(clock.now, digits=0)}"
    clock.pass_by(60)
    origin.lists["east"][name] = entry
    entry.changed = clock.now
    collect(store, tenant, configured(origin))
    assert (kept(store, tenant, name).job.state, kept(store, tenant, name).presumed) == (JobState.InProgress, False)


def test_an_unfinished_job_that_turns_out_to_be_none_is_deleted_and_one_that_ended_is_not(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    first, second = origin.begin("east", 1), origin.begin("east", 2)
    collect(store, tenant, configured(origin))
    origin.no_jobs = {first, second}
    store.record(tenant, [kept(store, tenant, second).job.evolve(state=JobState.Successful, finish=clock.now + 1)])
    clock.pass_by(60)
    assert collect(store, tenant, configured(origin)).whole
    assert store.history(tenant, first) is None
    assert kept(store, tenant, second).job.state is JobState.Successful
    assert store.list_jobs(tenant, JobQuery()).total == 1
    with store.reading() as transaction:
        assert not connectors.unfinished_jobs(transaction, Key(tenant, "made-up"), "east").keys() & {first}


def test_a_job_that_never_changes_is_presumed_after_a_day_and_repeating_it_does_not_bring_it_back(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    name = origin.begin("east", 1)
    since = ticks.to_iso(clock.now, digits=0)
    for hours in (0, 23, 2, 1, 50):
        clock.pass_by(hours * 3600)
        assert collect(store, tenant, configured(origin)).whole
        assert (kept(store, tenant, name).job.state is JobState.Failed) == (hours in (2, 1, 50))
    assert kept(store, tenant, name).job.comments == f"presumed: unchanged since {since}"
    before = store.history(tenant, name)
    origin.end("east", name)
    collect(store, tenant, configured(origin))
    assert before is not None
    assert kept(store, tenant, name).job.state is JobState.Successful


def test_a_series_that_takes_long_is_given_three_times_as_long(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    for number in range(0, 12, 4):
        name = origin.begin("east", number)
        clock.pass_by(20 * 3600)
        origin.end("east", name)
    collect(store, tenant, configured(origin))
    name = origin.begin("east", 12)
    for hours, state in ((0, JobState.InProgress), (59, JobState.InProgress), (2, JobState.Failed)):
        clock.pass_by(hours * 3600)
        collect(store, tenant, configured(origin))
        assert kept(store, tenant, name).job.state is state


def test_a_part_that_fails_holds_up_no_other_and_has_no_data_after_three_intervals(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    collect(store, tenant, configured(origin))
    first = clock.now
    origin.denied = frozenset({"east"})
    for _ in range(4):
        clock.pass_by(300)
        origin.begin("west", clock.now // ticks.PER_SECOND)
        assert not collect(store, tenant, configured(origin)).whole
    found = standing(store, tenant)
    assert {one.stream: one.jobs for one in found.streams} == {"east": 0, "west": 4}
    assert [one.error for one in found.streams] == ["access denied for list in east", ""]
    assert [one.stream for one in found.without_data(clock.now)] == ["east"]
    assert no_data([found], clock.now) == ["made-up"]
    assert complete_until([found]) == first
    origin.denied = frozenset()
    clock.pass_by(60)
    assert collect(store, tenant, configured(origin)).whole
    assert complete_until([standing(store, tenant)]) == clock.now
    assert origin.asked[-2:] == ["east", "west"]


def test_a_look_that_broke_off_keeps_what_came_and_the_next_one_brings_the_rest(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    names = [origin.begin("east", number) for number in range(9)]
    origin.fails_after = 1
    passed = collect(store, tenant, configured(origin))
    assert [(one.stream, one.read, one.error) for one in passed.streams] == [
        ("east", 3, "500 Internal Server Error"),
        ("west", 0, "500 Internal Server Error"),
    ]
    assert sum(store.history(tenant, name) is not None for name in names) == 3
    origin.fails_after = None
    assert collect(store, tenant, configured(origin)).whole
    assert all(store.history(tenant, name) for name in names)


def test_what_the_origin_forgot_before_anybody_looked_is_a_hole_until_it_is_acknowledged(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    collect(store, tenant, configured(origin))
    first = clock.now
    clock.pass_by(40 * 86_400)
    assert collect(store, tenant, configured(origin)).whole
    clock.pass_by(300)
    assert collect(store, tenant, configured(origin)).whole
    found = standing(store, tenant)
    lost = (first, clock.now - 300 * ticks.PER_SECOND - MEMORY)
    assert [(hole.stream, hole.begins, hole.ends) for hole in found.holes] == [("east", *lost), ("west", *lost)]
    assert found.complete_until == first
    with store.writing() as transaction:
        for stream in origin.names:
            connectors.end_holes(transaction, Key(tenant, "made-up"), stream)
    assert standing(store, tenant).complete_until == clock.now


def test_a_clock_of_the_origin_that_is_slow_loses_nothing(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    origin.ahead = -3 * HOUR
    collect(store, tenant, configured(origin))
    clock.pass_by(300)
    name = origin.begin("east", 1)
    origin.end("east", name)
    assert collect(store, tenant, configured(origin)).whole
    assert kept(store, tenant, name).job.state is JobState.Successful


def test_a_clock_of_ours_that_was_ahead_hides_nothing_when_it_is_right_again(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    clock.pass_by(9 * 3600)
    collect(store, tenant, configured(origin))
    clock.pass_by(300 - 9 * 3600)
    name = origin.begin("east", 1)
    origin.denied = frozenset({"west"})
    collect(store, tenant, configured(origin))
    assert kept(store, tenant, name).job.state is JobState.InProgress
    assert complete_until([standing(store, tenant)]) == clock.now
    clock.pass_by(901)
    assert [one.stream for one in standing(store, tenant).without_data(clock.now)] == ["east", "west"]


def test_a_job_that_cannot_be_stored_is_told_and_the_others_are(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    origin.begin("east", 1, start=0)
    good = origin.begin("east", 2)
    passed = collect(store, tenant, configured(origin))
    assert "1 of its jobs cannot be stored: 'east:1', startTime: is required" in passed.streams[0].error
    assert store.history(tenant, good) is not None
    assert standing(store, tenant).streams[0].watermark == 0


def test_a_stream_that_is_not_listed_any_more_has_no_data(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    collect(store, tenant, configured(origin))
    origin.names = ("west",)
    clock.pass_by(1000)
    passed = collect(store, tenant, configured(origin))
    (west, east) = passed.streams
    assert (west.stream, west.error, east.stream) == ("west", "", "east")
    assert east.error.startswith("its origin does not list this stream any more, or a right is missing")
    assert [one.stream for one in standing(store, tenant).without_data(clock.now)] == ["east"]


def test_no_date_stays_in_the_names_of_a_job(store: Store, tenant: int, origin: Origin) -> None:
    origin.begin("east", 1, plan="nightly-20261122020000", description="Backup 2026-11-22 02:00 of db")
    collect(store, tenant, configured(origin))
    job = kept(store, tenant, "east:1").job
    assert (job.plan, job.description) == ("nightly", "Backup of db")


def test_a_list_of_results_says_so(store: Store, tenant: int, origin: Origin) -> None:
    origin.sees = Sees.RESULTS
    collect(store, tenant, configured(origin))
    assert {one.sees for one in standing(store, tenant).streams} == {Sees.RESULTS}


def test_two_passes_never_read_at_once_and_a_dead_one_is_taken_over(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    wanted, key = configured(origin), Key(tenant, "made-up")
    holder = claim(store, key, "made-up", 300)
    assert holder
    with pytest.raises(AlreadyReadError, match="another process reads the connector made-up now"):
        collect(store, tenant, wanted)
    assert origin.asked == []
    clock.pass_by(61)
    assert collect(store, tenant, wanted).whole
    state = standing(store, tenant).streams[0]
    with hold(store, key, "made-up", 300, holder) as dead, pytest.raises(TakenOverError):
        dead.save(Read(state=state))


def test_a_server_may_take_a_connector_for_the_process_that_it_starts(
    store: Store, tenant: int, origin: Origin
) -> None:
    holder = claim(store, Key(tenant, "made-up"), "made-up", 300)
    assert collect(store, tenant, configured(origin), holder=holder).whole
    assert standing(store, tenant).connector.held == 0


@pytest.mark.parametrize(
    ("own_work", "states"),
    [
        ("failures", [JobState.Exception, JobState.Failed]),
        ("all", [JobState.Successful, JobState.Exception, JobState.Exception, JobState.Successful, JobState.Failed]),
        ("none", []),
    ],
)
def test_our_own_work_is_a_job_of_the_operators_own_tenant_and_a_failure_is_told_once(
    store: Store, tenant: int, origin: Origin, clock: Clock, own_work: OwnWork, states: list[JobState]
) -> None:
    wanted = replace(configured(origin), own_work=own_work)
    for denied in ((), ("east",), ("east",), (), ("east", "west")):
        origin.denied = frozenset(denied)
        collect(store, tenant, wanted)
        clock.pass_by(300)
    service = store.tenant_id(SERVICE_NAME)
    page = store.list_jobs(service, JobQuery(size=100)) if service is not None else None
    found = [*reversed(page.lines)] if page else []
    assert [line.state for line in found] == states
    assert store.list_jobs(tenant, JobQuery()).total == 0
    if own_work == "failures":
        assert (found[0].failed, found[0].successful) == (1, 1)
        assert found[0].comments == "east: access denied for list in east"
        assert store.list_jobs(service or 0, JobQuery(where=JobFilter(search="default/made-up"))).total == 2
