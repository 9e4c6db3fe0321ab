"""The dead-man's switch is told only while all that judges and delivers does its work, and messages get through."""

from collections.abc import Callable, Generator

import pytest
from structlog.testing import capture_logs

from clocks import Clock
from jobreport.configuration.file import Configuration
from jobreport.identity.tenants import ensure
from jobreport.model.message import Delivery
from jobreport.services.alive import LEAST_SECONDS, PATIENCE, WAIT_SECONDS, Alive
from jobreport.services.periodic import Periodic
from jobreport.store import Store, StoreUnavailableError
from jobreport.store.watch import deliveries
from jobreport.watch.delivery.deadman import DeadMan, deadman
from receivers import Receiver, message, receiving


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def switch(receiver: Receiver) -> DeadMan:
    found = deadman(Configuration(None, f'[deadman]\nurl = "{receiver.url}"'))
    assert found is not None
    return found


def steps(number: int, fault: Exception | None = None) -> Callable[[], Generator[None, None, None]]:
    def work() -> Generator[None, None, None]:
        for _ in range(number):
            yield
        if fault:
            raise fault

    return work


def test_it_is_told_as_long_as_each_service_comes_to_its_end(store: Store, seconds: Seconds) -> None:
    alive = Alive(seconds)
    well = alive.watched(Periodic("series not judged", 5, lambda: None))
    slow = alive.watched(Periodic("digests not made", 60, steps(3)))
    with receiving() as receiver:
        (pings,) = alive.pings(store, switch(receiver))
        pings.work()
        assert [request.path for request in receiver.requests] == ["/hook/secret-path"]
        seconds.now += LEAST_SECONDS + 1
        assert alive.stopped() == ["series not judged"]
        with capture_logs() as logged:
            pings.work()
            pings.work()
        assert [line["reason"] for line in logged] == ["series not judged"]
        well.work()
        pings.work()
        seconds.now += 60 * PATIENCE
        well.work()
        assert alive.stopped() == ["digests not made"]
        for _ in slow.work() or ():
            pass
        pings.work()
    assert len(receiver.requests) == 3


def test_a_service_that_fails_each_time_does_not_count(store: Store, seconds: Seconds) -> None:
    alive = Alive(seconds)
    fault = StoreUnavailableError("the disk is full")

    def fail() -> None:
        raise fault

    for one in (alive.watched(Periodic("one", 1, fail)), alive.watched(Periodic("two", 1, steps(0, fault)))):
        seconds.now = LEAST_SECONDS + 1
        with pytest.raises(StoreUnavailableError):
            list(one.work() or ())
    assert alive.stopped() == ["one", "two"]


def test_it_is_not_told_while_messages_do_not_get_through(store: Store, clock: Clock, seconds: Seconds) -> None:
    tenant = ensure(store, "default").number
    with store.writing() as transaction:
        deliveries.add(transaction, [Delivery(message(tenant=tenant, at=clock.now), "admins")])
    with receiving() as receiver:
        (pings,) = Alive(seconds).pings(store, switch(receiver))
        pings.work()
        clock.pass_by(WAIT_SECONDS + 1)
        with capture_logs() as logged:
            pings.work()
    assert len(receiver.requests) == 1
    assert logged[0]["reason"] == "messages do not get through by admins"


def test_a_switch_that_does_not_answer_is_logged_once_without_its_address(store: Store, seconds: Seconds) -> None:
    with receiving() as receiver:
        receiver.answers = [(500, {}), (500, {}), (200, {})]
        (pings,) = Alive(seconds).pings(store, switch(receiver))
        with capture_logs() as logged:
            for _ in range(3):
                pings.work()
    assert [line["reason"] for line in logged] == ["127.0.0.1 answers 500 Internal Server Error", "it is told again"]


def test_without_a_switch_there_is_no_service(store: Store) -> None:
    assert Alive().pings(store, None) == ()
