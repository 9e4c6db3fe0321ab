"""Whatever an origin does, and whenever it is read: in the end the store has exactly its jobs, or a hole that says
which are missing.
"""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import HOUR, MEMORY, Origin, configured

import postgres
from clocks import Clock
from jobreport.connectors.collect import collect
from jobreport.model.catalog import JobState
from jobreport.model.query import JobQuery
from jobreport.store import Store, open_store
from jobreport.store.registry import connectors
from long import times

STREAMS = ("east", "west")


class Night(NamedTuple):
    """What happens, in this order: jobs begin and end, one is lost, time passes, more end, and somebody may look."""

    begins: list[str]
    ends: list[tuple[int, JobState]]
    lost: int | None
    seconds: int
    late: list[tuple[int, JobState]]
    look: tuple[str, Any]


ENDS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([JobState.Successful, JobState.Failed])), max_size=3)
NIGHTS = st.lists(
    st.builds(
        Night,
        begins=st.lists(st.sampled_from(STREAMS), min_size=1, max_size=4),
        ends=ENDS,
        lost=st.none() | st.integers(0, 5),
        seconds=st.sampled_from([60, 3000, 7200, 20 * 86_400, 33 * 86_400]),
        late=ENDS,
        look=st.one_of(
            st.just(("none", None)),
            st.just(("whole", None)),
            st.tuples(st.just("fails"), st.integers(0, 6)),
            st.tuples(st.just("denied"), st.sampled_from(STREAMS)),
        ),
    ),
    min_size=2,
    max_size=8,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Clock]]:
    clock = Clock()
    with ExitStack() as stack:
        if request.param == "sqlite":
            file = shutil.copy(request.getfixturevalue("new_file"), tmp_path_factory.mktemp("law"))
            url = f"sqlite:///{file}"
        else:
            url = stack.enter_context(postgres.database(request.getfixturevalue("postgres_url")))
        yield stack.enter_context(closing(open_store(url, migrate=True, clock=clock))), clock


class Run:
    """An origin, and a store that reads it."""

    def __init__(self, store: Store, clock: Clock, *, whole: bool, ahead: int) -> None:
        self.store, self.clock = store, clock
        number = store.tenant_id(uuid.uuid4().hex, create=True)
        assert number is not None
        self.tenant = number
        self.origin = Origin(clock, STREAMS, whole=whole, ahead=ahead)
        self.wanted = configured(self.origin)
        self.made = 0
        self.lost: set[str] = set()
        self.look()

    def look(self, **how: object) -> bool:
        """A pass; whether it came to the end."""
        for name, value in how.items():
            setattr(self.origin, name, value)
        passed = collect(self.store, self.tenant, self.wanted)
        self.origin.fails_after, self.origin.denied = None, frozenset()
        return passed.whole

    def live(self, night: Night) -> None:
        for stream in night.begins:
            self.made += 1
            self.origin.begin(stream, self.made)
        self.clock.pass_by(1)
        self._end(night.ends)
        if night.lost is not None and (open_ := self._open()):
            stream, name = open_[night.lost % len(open_)]
            self.origin.lose(stream, name)
            self.lost.add(name)
        self.clock.pass_by(night.seconds)
        self._end(night.late)
        self.origin.forget()
        match night.look:
            case "whole", _:
                assert self.look()
            case "fails", pages:
                self.look(fails_after=pages)
            case "denied", stream:
                assert not self.look(denied=frozenset({stream}))

    def _end(self, ends: list[tuple[int, JobState]]) -> None:
        for which, state in ends:
            if open_ := self._open():
                self.origin.end(*open_[which % len(open_)], state)

    def _open(self) -> list[tuple[str, str]]:
        return [
            (stream, name)
            for stream in STREAMS
            for name, one in self.origin.lists[stream].items()
            if not one.job.state.finished
        ]

    def holes(self) -> list[tuple[str, int, int]]:
        with self.store.reading() as transaction:
            (standing,) = connectors.standings(transaction, self.tenant)
        return [(hole.stream, hole.begins, hole.ends) for hole in standing.holes]


@given(nights=NIGHTS, whole=st.booleans(), ahead=st.sampled_from([0, 600, -600]))
@settings(max_examples=times(15))
def test_a_store_ends_with_the_origins_jobs_or_with_a_hole_that_names_what_is_missing(
    opened: tuple[Store, Clock], nights: list[Night], whole: bool, ahead: int
) -> None:
    run = Run(*opened, whole=whole, ahead=ahead * 10_000_000)
    for night in nights:
        run.live(night)
    run.clock.pass_by(1)
    assert run.look()
    holes = run.holes()

    def in_a_hole(stream: str, moment: int) -> bool:
        moment -= run.origin.ahead
        return any(name == stream and begins - HOUR <= moment <= ends + HOUR for name, begins, ends in holes)

    page = run.store.list_jobs(run.tenant, JobQuery(size=10_000))
    kept = {line.job_id: line for line in page.lines}
    assert page.total == len(kept)
    assert kept.keys() <= run.origin.ever.keys()
    for name, entry in run.origin.ever.items():
        job, missing = entry.job, in_a_hole(name.partition(":")[0], entry.changed)
        if name in run.lost:
            assert name not in kept or kept[name].state == JobState.Failed
        elif name not in kept:
            assert missing, f"{name} is missing, and no hole says so"
        elif not job.state.finished:
            presumed = run.clock.now - entry.changed > 24 * HOUR - 2 * abs(run.origin.ahead)
            assert kept[name].state == job.state or (presumed and kept[name].state == JobState.Failed)
        else:
            same = (kept[name].state, kept[name].start, kept[name].finish) == (job.state, job.start, job.finish)
            assert same or missing
    changed = [run.origin.now - entry.changed for entry in run.origin.ever.values()]
    if holes:
        assert all(ends - begins > 0 for _, begins, ends in holes)
    elif all(age < MEMORY for age in changed):
        assert kept.keys() >= run.origin.ever.keys() - run.lost


def test_reading_twice_changes_nothing(opened: tuple[Store, Clock]) -> None:
    store, clock = opened
    run = Run(store, clock, whole=False, ahead=0)
    for number in range(8):
        name = run.origin.begin("east", number)
        if number % 2:
            run.origin.end("east", name)
    assert run.look()
    before = [store.history(run.tenant, name) for name in run.origin.ever]
    clock.pass_by(60)
    assert run.look()
    assert [store.history(run.tenant, name) for name in run.origin.ever] == before
