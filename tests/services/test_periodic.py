"""Work beside serving: it is repeated, whatever becomes of it, in steps if it takes long, and ends in good order."""

import asyncio
import threading
from collections.abc import Callable, Generator

import pytest
from structlog.testing import capture_logs

from jobreport.services.periodic import Periodic
from jobreport.store import StoreUnavailableError

SOON = 0.001


def run(periodic: Periodic, until: Callable[[], object]) -> None:
    """Runs it until `until` is true, then cancels it as a server does that stops."""

    async def serve() -> None:
        task = asyncio.create_task(periodic.run())
        while not until():
            await asyncio.sleep(SOON)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(serve(), 30))


def test_work_is_done_again_and_again_off_the_event_loop() -> None:
    threads: list[threading.Thread] = []
    run(Periodic("work", SOON, lambda: threads.append(threading.current_thread())), lambda: len(threads) > 3)
    assert threading.main_thread() not in threads


@pytest.mark.parametrize(
    ("fault", "level"), [(StoreUnavailableError("the disk is full"), "warning"), (RuntimeError("a bug"), "error")]
)
def test_fault_is_logged_under_the_name_and_the_work_goes_on(fault: Exception, level: str) -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise fault

    with capture_logs() as logged:
        run(Periodic("work not done", SOON, work), lambda: len(tries) > 2)
    assert [(line["event"], line["log_level"]) for line in logged[:2]] == [("work not done", level)] * 2


def test_long_work_is_closed_between_two_steps_when_the_server_stops() -> None:
    done: list[str] = []

    def steps() -> Generator[None, None, None]:
        try:
            while True:
                done.append("step")
                yield
        finally:
            done.append("closed")

    run(Periodic("steps", SOON, steps), lambda: len(done) > 2)
    assert done.count("closed") == 1
    assert done[-1] == "closed"


def test_steps_that_come_to_their_end_are_begun_anew_the_next_time() -> None:
    begun: list[int] = []

    def steps() -> Generator[None, None, None]:
        begun.append(1)
        yield

    run(Periodic("steps", SOON, steps), lambda: len(begun) > 2)
    assert len(begun) > 2


def test_step_in_hand_is_finished_before_what_is_done_at_the_end() -> None:
    order: list[str] = []
    began = threading.Event()
    may_end = threading.Event()

    def work() -> None:
        began.set()
        may_end.wait(20)
        order.append("work")

    def serve() -> bool:
        if began.is_set():
            threading.Timer(0.05, may_end.set).start()
        return began.is_set()

    run(Periodic("work", SOON, work, lambda: order.append("end")), serve)
    assert order == ["work", "end"]


def test_fault_of_the_store_at_the_end_is_nobodys_trouble() -> None:
    done: list[int] = []

    def end() -> None:
        raise StoreUnavailableError("the store is gone")

    run(Periodic("work", SOON, lambda: done.append(1), end), lambda: done)
    assert done
