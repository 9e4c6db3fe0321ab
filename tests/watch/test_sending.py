"""What is due is sent: once to each receiver, again after a fault, for a day; then it is given up, and said to be."""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from clocks import Clock
from jobreport.model.message import Delivery, Message, Step
from jobreport.store import Store, open_store
from jobreport.store.watch import deliveries, undelivered
from jobreport.store.watch.deliveries import Undelivered
from jobreport.watch.channels.base import UndeliveredError
from jobreport.watch.delivery import sending
from jobreport.watch.delivery.sending import Sender
from receivers import message

BUSY = UndeliveredError("the server is away")
DAY = 24 * 3600


class Made:
    """A channel of the tests' own: `fault` says what becomes of a message to a receiver; `told` is what they have."""

    def __init__(self, *receivers: str) -> None:
        self.names = receivers or ("anna",)
        self.told: list[tuple[str, str]] = []
        self.tried = 0
        self.fault: Callable[[Message, str], Exception | None] = lambda _message, _receiver: None

    def receivers(self) -> Sequence[str]:
        return self.names

    def send(self, one: Message, receiver: str) -> None:
        self.tried += 1
        if (error := self.fault(one, receiver)) is not None:
            raise error
        self.told.append((one.id, receiver))


@pytest.fixture
def channel() -> Made:
    return Made()


def house(store: Store, **channels: Made) -> Sender:
    return Sender(store, channels)


def add(store: Store, *messages: Message, channel: str = "mail") -> None:
    tenant = store.tenant_id("default", create=True)
    assert tenant == 1
    with store.writing() as transaction:
        deliveries.add(transaction, [Delivery(one, channel) for one in messages])


def run(sender: Sender, name: str = "mail") -> None:
    for _ in sender.send_due(name):
        pass


def left(store: Store, *, failed: bool) -> list[Undelivered]:
    with store.reading() as transaction:
        return deliveries.undelivered(transaction, failed=failed, most=1000)


def waiting(store: Store) -> int:
    with store.reading() as transaction:
        return sum(one.waiting for one in deliveries.backlog(transaction).values())


def test_each_message_goes_to_each_receiver_of_its_channel_once(store: Store) -> None:
    mail, pager = Made("anna", "ben"), Made()
    sender = house(store, mail=mail, pager=pager)
    add(store, message("i1.opened"), message("i2.opened"))
    add(store, message("i1.opened"), channel="pager")
    for _ in range(2):
        run(sender)
        run(sender, "pager")
        add(store, message("i1.opened"))
    assert mail.told == [(number, name) for number in ("i1.opened", "i2.opened") for name in ("anna", "ben")]
    assert pager.told == [("i1.opened", "anna")]
    assert waiting(store) == 0


def test_a_message_that_was_not_taken_is_tried_for_a_day_ever_more_seldom_and_then_given_up(
    store: Store, channel: Made, clock: Clock
) -> None:
    channel.fault = lambda _message, _receiver: UndeliveredError("the mailbox is full", alone=True)
    sender = house(store, mail=channel)
    add(store, message())
    began, gaps = clock.now, []
    run(sender)
    while found := left(store, failed=False):
        assert (found[0].error, found[0].tries) == ("the mailbox is full", channel.tried)
        run(sender)  # not before it is due
        gaps.append((found[0].due - clock.now) // 10_000_000)
        clock.now = found[0].due
        run(sender)
    assert gaps[:8] == [30, 60, 120, 240, 480, 960, 1920, 3600]
    assert max(gaps) == 3600
    assert sum(gaps) == DAY == (clock.now - began) // 10_000_000
    (failed,) = left(store, failed=True)
    assert (failed.error, failed.tries) == ("the mailbox is full", len(gaps) + 1)
    assert channel.tried == failed.tries


def test_where_a_channel_takes_nothing_one_message_tries_it_for_all(store: Store, channel: Made, clock: Clock) -> None:
    channel.fault = lambda _message, _receiver: BUSY
    sender = house(store, mail=channel)
    add(store, *(message(f"i{number}.opened") for number in range(60)))
    run(sender)
    assert channel.tried == 1
    assert {(one.error, one.tries) for one in left(store, failed=False)} == {(BUSY.why, 1)}
    clock.pass_by(30)
    channel.fault = lambda _message, _receiver: None
    run(sender)
    assert len({number for number, _ in channel.told}) == len(channel.told) == 60


def test_what_waits_for_a_channel_that_is_away_is_given_up_after_a_day_and_what_came_later_is_not(
    store: Store, channel: Made, clock: Clock
) -> None:
    channel.fault = lambda _message, _receiver: BUSY
    sender = house(store, mail=channel)
    add(store, *(message(f"i{number}.opened") for number in range(5)))
    run(sender)
    clock.pass_by(DAY / 2)
    add(store, message("late.opened", at=clock.now))
    run(sender)
    clock.pass_by(DAY / 2)
    run(sender)
    assert len(left(store, failed=True)) == 5
    assert [one.key.message for one in left(store, failed=False)] == ["late.opened"]


def test_a_receiver_that_has_it_is_not_told_again_since_another_could_not_be(store: Store, clock: Clock) -> None:
    channel = Made("anna", "ben", "cleo")
    full = UndeliveredError("the mailbox is full", alone=True)
    gone = UndeliveredError("no such mailbox", alone=True, for_good=True)
    channel.fault = lambda _message, receiver: {"anna": gone, "ben": full}.get(receiver)
    sender = house(store, mail=channel)
    add(store, message())
    run(sender)
    assert channel.told == [("i1.opened", "cleo")]
    assert [one.error for one in left(store, failed=False)] == [full.why]
    clock.pass_by(30)
    channel.fault = lambda _message, receiver: gone if receiver == "anna" else None
    run(sender)
    assert channel.told == [("i1.opened", "cleo"), ("i1.opened", "ben")]
    (failed,) = left(store, failed=True)
    assert failed.error == gone.why
    with store.writing() as transaction:
        undelivered.try_again(transaction, None, clock.now)
    channel.fault = lambda _message, _receiver: None
    run(sender)
    assert channel.told == [("i1.opened", name) for name in ("cleo", "ben", "anna")]
    assert waiting(store) == len(left(store, failed=True)) == 0


def test_who_mended_a_channel_need_not_wait_for_the_next_try(store: Store, channel: Made, clock: Clock) -> None:
    channel.fault = lambda _message, _receiver: BUSY
    sender = house(store, mail=channel, other=channel)
    add(store, message(), message("i2.opened"))
    add(store, message("i3.opened"), channel="other")
    run(sender)
    run(sender, "other")
    channel.fault = lambda _message, _receiver: None
    run(sender)
    assert channel.told == []
    with store.writing() as transaction:
        assert undelivered.try_again(transaction, "mail", clock.now) == 2
    run(sender)
    run(sender, "other")
    assert channel.told == [("i1.opened", "anna"), ("i2.opened", "anna")]
    assert waiting(store) == 1


def test_a_receiver_that_asks_for_time_gets_it(store: Store, channel: Made, clock: Clock) -> None:
    channel.fault = lambda _message, _receiver: UndeliveredError("too many requests", after=600)
    sender = house(store, mail=channel)
    add(store, message(), message("i2.opened"))
    run(sender)
    assert {one.due for one in left(store, failed=False)} == {clock.now + 600 * 10_000_000}


def test_good_news_does_not_overtake_bad_news(store: Store, channel: Made, clock: Clock) -> None:
    channel.fault = lambda one, _receiver: UndeliveredError("once", alone=True) if one.step is Step.OPENED else None
    sender = house(store, mail=channel)
    add(
        store,
        message(),
        message("i1.closed", step=Step.CLOSED, at=clock.now + 1),
        message("i2.closed", step=Step.CLOSED),
    )
    clock.pass_by(1)
    run(sender)
    assert channel.told == [("i2.closed", "anna")]
    channel.fault = lambda _message, _receiver: None
    clock.pass_by(60)
    run(sender)
    assert channel.told[1:] == [("i1.opened", "anna"), ("i1.closed", "anna")]


def test_what_a_library_raises_is_a_fault_of_that_message_and_its_words_are_not_shown(
    store: Store, channel: Made
) -> None:
    channel.fault = lambda _message, _receiver: RuntimeError("https://user:secret@example.com")
    sender = house(store, mail=channel)
    add(store, message(), message("i2.opened"))
    run(sender)
    assert {one.error for one in left(store, failed=False)} == {"it failed with RuntimeError"}
    assert channel.tried == 2


def test_a_channel_that_never_ends_holds_up_nobody_for_ever(
    store: Store, channel: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SEND_SECONDS", 0.1)
    end = threading.Event()

    def wait(_message: Message, _receiver: str) -> None:
        end.wait()

    channel.fault = wait
    add(store, message())
    run(house(store, mail=channel))
    end.set()
    assert [one.error for one in left(store, failed=False)] == ["it takes longer than 0.1 s"]


def test_what_goes_to_a_channel_that_there_is_not_is_said_to_be_and_given_up_after_a_day(
    store: Store, channel: Made, clock: Clock
) -> None:
    add(store, message(), message("i2.opened"), channel="pagr")
    sender = house(store, mail=channel)
    sender.fail_unknown()
    assert {one.error for one in left(store, failed=False)} == {sending.UNKNOWN}
    clock.pass_by(DAY)
    sender.fail_unknown()
    assert [one.error for one in left(store, failed=True)] == [sending.UNKNOWN] * 2
    renamed = house(store, pagr=channel)
    with store.writing() as transaction:
        undelivered.try_again(transaction, "pagr", clock.now)
    run(renamed, "pagr")
    assert len(channel.told) == 2


def test_what_was_delivered_is_forgotten_after_a_month(store: Store, channel: Made, clock: Clock) -> None:
    sender = house(store, mail=channel)
    add(store, message())
    run(sender)
    clock.pass_by((sending.KEPT_DAYS - 1) * DAY)
    sender.forget_delivered()
    add(store, message())
    run(sender)
    assert len(channel.told) == 1
    clock.pass_by(2 * DAY)
    sender.forget_delivered()
    add(store, message())
    run(sender)
    assert len(channel.told) == 2


def test_two_senders_at_once_send_nothing_twice(new_file: Path, store: Store, store_url: str, clock: Clock) -> None:
    channel = Made()
    add(store, *(message(f"i{number}.opened") for number in range(60)))
    with closing(open_store(store_url, clock=clock)) as other:
        threads = [threading.Thread(target=run, args=(house(one, mail=channel),)) for one in (store, other, store)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(channel.told) == sorted((f"i{number}.opened", "anna") for number in range(60))
    assert waiting(store) == 0


def test_why_a_channel_takes_nothing_is_in_the_log_once_and_that_it_does_again(
    store: Store, channel: Made, clock: Clock
) -> None:
    channel.fault = lambda _message, _receiver: BUSY
    sender = house(store, mail=channel)
    add(store, message())
    with capture_logs() as said:
        for _ in range(3):
            run(sender)
            clock.now = left(store, failed=False)[0].due
        channel.fault = lambda _message, _receiver: None
        run(sender)
    assert [(one["event"], one.get("reason")) for one in said] == [
        ("message not delivered yet", "the server is away"),
        ("channel takes messages again", None),
    ]
