"""A mail server that refuses one of two addresses: the other has its letter once, however often the first is tried."""

import pytest
from test_channel_mail import ANNA, BEN, channel
from test_sending import add, left, run

from clocks import Clock
from jobreport.store import Store
from jobreport.watch.delivery.sending import Sender
from receivers import mail_house, message


@pytest.mark.parametrize(
    ("answer", "waits"), [("550 5.1.1 no such mailbox", False), ("451 4.7.1 greylisted, come again", True)]
)
def test_who_is_refused_is_tried_alone_or_given_up_and_the_other_has_it_once(
    store: Store, clock: Clock, answer: str, waits: bool
) -> None:
    add(store, message(at=clock.now))
    with mail_house() as house:
        house.refused[ANNA] = answer
        sender = Sender(store, {"mail": channel(house)})
        run(sender)
        assert [one.to for one in house.letters] == [(BEN,)]
        (one,) = left(store, failed=not waits)
        assert answer.partition(" ")[0] in one.error
        house.refused.clear()
        clock.pass_by(3600)
        run(sender)
        assert [one.to for one in house.letters] == [(BEN,), *([(ANNA,)] if waits else [])]
