"""Whatever receivers answer, and whoever is killed: each has each message once, in order, or it is given up."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clocks import Clock
from jobreport.model.message import Delivery, Message
from jobreport.store import Store
from jobreport.store.watch import deliveries, undelivered
from jobreport.watch.channels.base import UndeliveredError
from jobreport.watch.delivery.sending import HOLD_SECONDS, Sender
from long import times
from receivers import message

RECEIVERS = ("anna", "ben")
DAY = 24 * 3600
answers = st.lists(st.sampled_from(["taken", "taken", "full", "gone", "away", "killed"]), max_size=12)
added = st.lists(st.tuples(st.sampled_from(["i1", "i2", ""]), st.integers(0, 7200)), min_size=1, max_size=5)


class Killed(BaseException):
    """The process ends after the receiver has the message, before that is noted."""


class Answering:
    """A channel whose receivers give these answers one after the other, and then take everything."""

    def __init__(self, said: Sequence[str]) -> None:
        self.said = [*said]
        self.told: list[tuple[str, str]] = []
        self.gone: set[str] = set()
        self.killed: Counter[tuple[str, str]] = Counter()

    def receivers(self) -> Sequence[str]:
        return RECEIVERS

    def send(self, one: Message, receiver: str) -> None:
        answer = self.said.pop(0) if self.said else "taken"
        if answer == "gone":
            self.gone.add(one.id)
        if answer in ("full", "gone", "away"):
            raise UndeliveredError(answer, alone=answer != "away", for_good=answer == "gone")
        self.told.append((one.id, receiver))
        if answer == "killed":
            self.killed[one.id, receiver] += 1
            raise Killed


def run(store: Store, channel: Answering) -> None:
    try:
        for _ in Sender(store, {"mail": channel}).send_due("mail"):
            pass
    except Killed:
        return


def waiting(store: Store) -> int:
    with store.reading() as transaction:
        return sum(one.waiting for one in deliveries.backlog(transaction).values())


@settings(max_examples=times(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers, added)
def test_each_receiver_has_each_message_once_and_in_order(
    store: Store, clock: Clock, said: list[str], wanted: list[tuple[str, int]]
) -> None:
    tenant = store.tenant_id("default", create=True)
    assert tenant is not None
    channel, now = Answering(said), clock.now
    messages = [
        replace(message(f"m{place}"), incident=incident, tenant=tenant, at=now + after * 10_000_000)
        for place, (incident, after) in enumerate(wanted)
    ]
    with store.writing() as transaction:
        undelivered.end_all(transaction, tenant)
        deliveries.add(transaction, [Delivery(one, "mail") for one in messages])
    for _ in range(60):
        run(store, channel)
        if not waiting(store):
            break
        clock.pass_by(HOLD_SECONDS + 1 if channel.said else DAY / 24)
    with store.reading() as transaction:
        failed = {one.key.message for one in deliveries.undelivered(transaction, failed=True, most=100)}
    assert waiting(store) == 0
    for one in messages:
        for receiver in RECEIVERS:
            often = channel.told.count((one.id, receiver))
            assert often <= 1 + channel.killed[one.id, receiver]
            assert often or one.id in failed
    # It is given up only where a receiver is gone for good: nothing was away for a day.
    assert failed <= channel.gone
    for receiver in RECEIVERS:
        for incident in ("i1", "i2"):
            mine = sorted((one for one in messages if one.incident == incident), key=lambda one: (one.at, one.id))
            order = [number for number, to in channel.told if to == receiver]
            arrived = [one.id for one in mine if one.id in order]
            assert [*dict.fromkeys(number for number in order if number in arrived)] == arrived
