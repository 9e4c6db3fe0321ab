"""A pass over an origin that is not as it should be: what it cannot read is told, and hides nothing else."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import Any

import pytest
from made_up import HOUR, MEMORY, Origin, Reader, configured
from msgspec.structs import replace

from clocks import Clock
from jobreport.cli.output.unseen import unseen_in_store
from jobreport.connectors import lease
from jobreport.connectors.base import CannotReadError, Look, Page, Stream
from jobreport.connectors.collect import PassResult, collect
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.store import Store
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key
from serving import until

Reading = Callable[[Stream, Look], Iterator[Page]]
DAY = ticks.PER_DAY


class Other(Reader):
    """Reads the made-up origin in a way of the test's."""

    def __init__(self, origin: Origin, read: Reading, **more: bool) -> None:
        super().__init__(origin)
        self._read, self._more = read, more

    def streams(self) -> list[Stream]:
        return [replace(one, **self._more) for one in super().streams()]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        return self._read(stream, look)


def passed(
    store: Store, tenant: int, origin: Origin, read: Reading, *, back: int | None = None, **more: bool
) -> PassResult:
    wanted = configured(origin)
    kind = replace(wanted.kind, open=lambda _settings: nullcontext(Other(origin, read, **more)))
    return collect(store, tenant, replace(wanted, kind=kind), back=back)


def state_of(store: Store, tenant: int, name: str) -> JobState:
    found = store.history(tenant, name)
    assert found is not None
    return found.current.job.state


def test_a_record_that_cannot_be_read_is_told_and_the_others_are_stored(
    store: Store, tenant: int, origin: Origin
) -> None:
    name = origin.begin("east", 1)

    def read(stream: Stream, look: Look) -> Iterator[Page]:
        yield Page(refused=["its start is no time"], state=1)
        yield Page(jobs=[one.job for one in origin.lists[stream.name].values()], refused=["another"])

    found = passed(store, tenant, origin, read)
    assert {one.error for one in found.streams} == {"2 of its records cannot be read: its start is no time"}
    assert state_of(store, tenant, name) is JobState.InProgress
    with store.reading() as transaction:
        states = connectors.streams(transaction, Key(tenant, "made-up"))
    assert {(one.watermark, one.state) for one in states.values()} == {(0, "")}


@pytest.mark.parametrize("remembers", [0, MEMORY])
def test_a_first_look_that_comes_late_goes_back_as_far_as_one_in_time_or_tells_what_is_lost(
    store: Store, tenant: int, origin: Origin, clock: Clock, monkeypatch: pytest.MonkeyPatch, remembers: int
) -> None:
    monkeypatch.setattr("made_up.MEMORY", remembers)
    origin.denied = frozenset({"east"})
    begun = clock.now
    collect(store, tenant, configured(origin))
    name = origin.begin("east", 1)
    clock.pass_by(40 * 86_400)
    origin.denied = frozenset()
    collect(store, tenant, configured(origin))
    assert state_of(store, tenant, name) is JobState.InProgress
    with store.reading() as transaction:
        (found,) = connectors.standings(transaction, tenant)
    holes = {(one.stream, one.begins, one.ends) for one in found.holes}
    ends = clock.now - MEMORY
    assert holes == ({("east", begun, ends), ("west", begun, ends)} if remembers else set())


def test_a_time_of_observation_that_lies_ahead_does_not_hold_up_what_is_told_later(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    name = origin.begin("east", 1, observed=clock.now + 400 * DAY)
    collect(store, tenant, configured(origin))
    clock.pass_by(600)
    origin.end("east", name, JobState.Failed, observed=0)
    collect(store, tenant, configured(origin))
    assert state_of(store, tenant, name) is JobState.Failed


def test_a_list_does_not_end_a_job_that_another_told_of(store: Store, tenant: int, origin: Origin) -> None:
    name, other = origin.begin("east", 1), origin.begin("west", 1)
    collect(store, tenant, configured(origin))
    passed(store, tenant, origin, lambda stream, look: iter([Page(gone=[other])] if stream.name == "east" else []))
    assert state_of(store, tenant, other) is JobState.InProgress
    passed(store, tenant, origin, lambda stream, look: iter([Page(gone=[name])] if stream.name == "east" else []))
    assert state_of(store, tenant, name) is JobState.Failed


def test_a_look_goes_back_to_no_time_that_is_none(store: Store, tenant: int, origin: Origin) -> None:
    asked = []

    def read(stream: Stream, look: Look) -> Iterator[Page]:
        asked.append(look.since)
        yield Page()

    passed(store, tenant, origin, read, back=10**18)
    assert asked == [ticks.YEAR_2000] * 2


def test_a_page_that_still_has_a_job_running_does_not_undo_the_one_before(
    store: Store, tenant: int, origin: Origin
) -> None:
    name = origin.begin("east", 1)
    running = origin.lists["east"][name].job
    origin.end("east", name)
    both = [origin.lists["east"][name].job, running]
    found = passed(store, tenant, origin, lambda stream, look: iter([Page(jobs=both)]))
    assert found.whole
    assert state_of(store, tenant, name) is JobState.Successful
    with store.reading() as transaction:
        assert connectors.unfinished_jobs(transaction, Key(tenant, "made-up"), "east") == {}


@pytest.mark.parametrize("notes", [True, False])
def test_what_was_noted_of_jobs_holds_where_a_look_begins_anew(
    store: Store, tenant: int, origin: Origin, notes: bool
) -> None:
    given = []

    def read(stream: Stream, look: Look) -> Iterator[Page]:
        given.append(look.state)
        yield Page(state={"a": 1})

    passed(store, tenant, origin, read, notes=notes)
    passed(store, tenant, origin, read, notes=notes, back=HOUR)
    assert given == [None, None, *([{"a": 1} if notes else None] * 2)]


def test_a_trial_tells_an_error_that_nobody_foresaw_and_goes_on(origin: Origin, clock: Clock) -> None:
    def read(stream: Stream, look: Look) -> Iterator[Page]:
        if stream.name == "east":
            raise RuntimeError("the token is hunter2")
        yield Page()

    wanted = configured(origin)
    broken = replace(wanted.kind, open=lambda _settings: nullcontext(Other(origin, read)))
    found = trial(replace(wanted, kind=broken), clock.now)
    assert [one.error for one in found.streams] == ["unforeseen: RuntimeError", ""]

    def unforeseen(_settings: Any) -> Any:
        raise ZeroDivisionError

    closed = replace(wanted.kind, open=unforeseen)
    assert trial(replace(wanted, kind=closed), clock.now).error == "unforeseen: ZeroDivisionError"


def test_words_of_an_origin_that_no_store_takes_are_told_without_what_it_does_not(
    store: Store, tenant: int, origin: Origin
) -> None:
    def read(stream: Stream, look: Look) -> Iterator[Page]:
        yield Page(refused=[f"a\0b\x1b[31m\ud800{'c' * 10_000}"])
        raise CannotReadError("d\0e\ud800")

    assert {one.error for one in passed(store, tenant, origin, read).streams} == {"d e?"}
    found = passed(store, tenant, origin, lambda stream, look: islice(read(stream, look), 1))
    assert found.streams[0].error.startswith("1 of its records cannot be read: a b?ccc")
    assert len(found.streams[0].error) <= 2_000
    origin.names = ("a\0",)
    assert "has a name that cannot be printed" in collect(store, tenant, configured(origin)).error


def test_a_pass_that_is_ended_in_a_stream_that_hangs_does_not_begin_with_it_again(
    store: Store, tenant: int, origin: Origin, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_BEAT", 0.01)

    def is_noted() -> bool:
        with store.reading() as transaction:
            known = connectors.streams(transaction, Key(tenant, "made-up"))
        return "east" in known and known["east"].tried == clock.now

    def read(stream: Stream, look: Look) -> Iterator[Page]:
        until(is_noted)
        raise SystemExit  # as a pass that is ended
        yield

    for _ in range(2):
        clock.pass_by(300)
        with pytest.raises(SystemExit):
            passed(store, tenant, origin, read)
        collected = collect(store, tenant, configured(origin))
        assert [one.stream for one in collected.streams] == ["west", "east"]


def test_of_several_lists_without_data_the_one_that_told_of_jobs_is_named(
    store: Store, tenant: int, origin: Origin, clock: Clock
) -> None:
    """The other one may be empty by itself, or gone with a right that it hung on."""
    origin.begin("west", 1)
    collect(store, tenant, configured(origin))
    origin.denied = frozenset({"east", "west"})
    clock.pass_by(1000)
    collect(store, tenant, configured(origin))
    (said,) = unseen_in_store(store, tenant)
    assert ", west: no data since" in said
    assert said.endswith("access denied for list in west; and 1 more of its streams")
