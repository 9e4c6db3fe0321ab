"""An origin that another process reads: what it brings is what this one would read, and it ends when it shall."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from made_up import Origin, Settings, configured

from connecting import until
from jobreport.clock import now_ticks
from jobreport.connectors.base import CannotReadError, Kind, Look, Page, Right, Stream
from jobreport.connectors.collect import PassResult, collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.reading import Seen, apart
from jobreport.connectors.reading.serve import AHEAD
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.model.sees import Sees
from jobreport.store import Store

LOOK = Look(since=0, now=now_ticks(), state={"large": 2**70})
READS = Callable[[Stream, Look], Iterator[Page]]


class Told:
    """A connector with one stream, which `reads` reads."""

    def __init__(self, reads: READS) -> None:
        self.read = reads

    def streams(self) -> list[Stream]:
        return [Stream(name="east", about=object())]

    def rights(self) -> list[Right]:
        return []


def kind_of(reads: READS, closed: Path | None = None) -> Kind:
    """A kind of connector; `closed` is a file that is made when one is let go of."""

    @contextmanager
    def opening(_settings: Settings) -> Iterator[Told]:
        try:
            yield Told(reads)
        finally:
            if closed:
                closed.touch()

    return Kind(name="made-up", about="", sees=Sees.RUNS, settings=Settings, keys={}, open=opening)


def job(number: int, **more: object) -> Job:
    made = Job(job_id=f"east:{number}", service=ServiceType.VM, type=JobType.Backup, state=JobState.Successful)
    return made.evolve(start=now_ticks(), finish=now_ticks(), plan="nightly-20261122", **more)


def passed(store: Store, tenant: int, wanted: Configured, *, away: bool) -> PassResult:
    if not away:
        return collect(store, tenant, wanted)
    with apart.begun(wanted.kind, wanted.settings, wanted.origin) as reading:
        return collect(store, tenant, wanted, reading)


@pytest.mark.parametrize("away", [True, False])
def test_a_pass_brings_the_same_wherever_the_origin_is_read(store: Store, tenant: int, away: bool) -> None:
    origin = Origin(now_ticks)
    names = [origin.begin("east", number) for number in range(7)]
    for name in names[:4]:
        origin.end("east", name)
    wanted = configured(origin)
    first, again = (passed(store, tenant, wanted, away=away) for _ in range(2))
    origin.end("east", names[4], JobState.Failed)
    last = passed(store, tenant, wanted, away=away)
    assert [one.whole for one in (first, again, last)] == [True] * 3
    east = [next(one for one in each.streams if one.stream == "east") for each in (first, again, last)]
    assert [(one.created, one.updated) for one in east] == [(7, 0), (0, 0), (0, 1)]
    found = store.list_jobs(tenant, JobQuery(size=10)).lines
    assert sorted(JobState(line.state).name for line in found) == ["Failed", *["InProgress"] * 2, *["Successful"] * 4]


def test_what_is_amiss_is_told_in_the_same_words() -> None:
    def denied(_stream: Stream, _look: Look) -> Iterator[Page]:
        yield Page(jobs=[job(1), job(2, comments="\ud800")], refused=["of \x1b[31mred"], state={"at": 2**70})
        raise CannotReadError("access denied\x07")

    def broken(_stream: Stream, look: Look) -> Iterator[Page]:
        assert (look.since, look.now, look.state) == (LOOK.since, LOOK.now, LOOK.state)
        yield Page(gone=["a"], withdrawn=["b"], clock=7)
        raise ZeroDivisionError("hunter2")

    with apart.begun(kind_of(denied), Settings(), "made-up/a") as reading:
        assert reading
        (stream,) = reading.streams()
        seen = reading.look(stream, LOOK)
        first = next(seen)
        assert [(one.job_id, one.plan, one.origin) for one in first.jobs] == [("east:1", "nightly", "made-up/a")]
        assert first.unreadable == ["of red"]
        assert first.unstorable[0].startswith("'east:2', comments:")
        assert first.state == f'{{"at":{2**70}}}'
        with pytest.raises(CannotReadError, match=r"^access denied ?$"):
            next(seen)
    with apart.begun(kind_of(broken), Settings(), "made-up/a") as reading:
        assert reading
        seen = reading.look(reading.streams()[0], LOOK)
        told = next(seen)
        assert (told.gone, told.withdrawn, told.clock, told.state) == (["a"], ["b"], 7, None)
        # Nothing that a page may have is left out on the way.
        assert {*Page.__struct_fields__} - {"refused"} <= {*Seen.__struct_fields__}
        with pytest.raises(CannotReadError, match=r"^unforeseen: ZeroDivisionError$"):
            next(seen)


def test_one_that_cannot_be_opened_says_why_when_it_is_asked(store: Store, tenant: int) -> None:
    @contextmanager
    def opening(_settings: Settings) -> Iterator[Told]:
        raise CannotReadError("no such account")
        yield

    kind = Kind(name="made-up", about="", sees=Sees.RUNS, settings=Settings, keys={}, open=opening)
    wanted = Configured(name="a", kind=kind, every=60, tenant="default", settings=Settings())
    assert passed(store, tenant, wanted, away=True) == PassResult(streams=(), error="no such account")


def test_a_process_that_is_killed_is_told_and_what_came_before_is_stored(store: Store, tenant: int) -> None:
    def killed(_stream: Stream, _look: Look) -> Iterator[Page]:
        for number in range(3):
            yield Page(jobs=[job(number, raw=f'"{"x" * 60_000}"')])
        time.sleep(0.05)  # what was told is on its way
        os.kill(os.getpid(), signal.SIGKILL)

    wanted = Configured(name="a", kind=kind_of(killed), every=60, tenant="default", settings=Settings())
    (east,) = passed(store, tenant, wanted, away=True).streams
    assert east.error == "the process that reads the origin ended with the signal SIGKILL"
    assert east.created <= 3
    assert store.list_jobs(tenant, JobQuery()).total == east.created


def test_it_reads_ahead_but_not_far_and_lets_go_of_the_origin_when_nobody_asks(tmp_path: Path) -> None:
    count, closed = tmp_path / "count", tmp_path / "closed"
    size = 60_000

    def endless(_stream: Stream, _look: Look) -> Iterator[Page]:
        number = 0
        while True:
            with count.open("ab") as file:
                file.write(b".")
            yield Page(jobs=[job(number, raw=f'"{"x" * size}"')])
            number += 1

    def pages() -> int:
        return count.stat().st_size if count.exists() else 0

    with apart.begun(kind_of(endless, closed), Settings(), "made-up/a") as reading:
        assert reading
        seen = reading.look(reading.streams()[0], LOOK)
        next(seen)
        until(lambda: pages() > AHEAD // size)
        for _ in range(20):
            next(seen)
        until(lambda: pages() > AHEAD // size + 20)
        # Beside what waits, the pipe holds a part, and one page each is being sent and was read meanwhile.
        assert pages() <= AHEAD // size + 21 + 5
        assert not closed.exists()
    assert closed.exists()
