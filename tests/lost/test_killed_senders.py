"""`kill -9` of who sends messages, at the worst moments: none is lost, and what comes twice has its ID."""

import base64
import random
from collections import Counter
from contextlib import closing
from pathlib import Path

import msgspec

from clocks import Running
from jobreport.model.message import Delivery
from jobreport.store import open_store
from jobreport.store.watch import deliveries
from jobreport.watch.channels import identities
from jobreport.watch.delivery.sending import HOLD_SECONDS
from long import LONG
from receivers import Request, message, receiving, secret
from serving import PATIENCE, Started, environment, start

SCRIPT = Path(__file__).with_name("sending_process.py")


def test_every_message_arrives_whoever_is_killed_and_none_more_than_twice(store: str, tmp_path: Path) -> None:
    rounds = 300 if LONG else 5
    chance = random.Random(rounds)
    key = secret(tmp_path, f"whsec_{base64.b64encode(bytes(24)).decode()}")
    now = Running()()
    messages = [message(f"i{number}.opened", at=now) for number in range(4 * rounds)]
    with closing(open_store(store)) as opened:
        assert opened.tenant_id("default", create=True) == 1
        with opened.writing() as transaction:
            deliveries.add(transaction, [Delivery(one, "hook") for one in messages])
    with receiving() as receiver:
        sender: Started | None = None
        left = 0

        def kill(_: Request) -> None:
            """Kills while a message is on its way: its receiver has it, and the sender has not heard so."""
            nonlocal left
            left -= 1
            if left == 0 and sender is not None:
                sender.kill()

        receiver.on_request = kill
        for round_ in range(rounds + 1):
            # Not at the first one, which is the one that was killed the last time.
            left = chance.randint(2, 4) if round_ < rounds else -1
            words = (store, receiver.url, key, str(round_ * (HOLD_SECONDS + 1)))
            sender = start(*words, env=environment(), script=SCRIPT)
            _, errors = sender.communicate(timeout=PATIENCE)
            assert (sender.returncode == 0) == (round_ == rounds), errors
    arrived = Counter(request.headers["webhook-id"] for request in receiver.requests)
    assert arrived.keys() == {identities.of_message(one) for one in messages}
    assert sorted(arrived.values())[-1] == 2
    assert Counter(arrived.values())[2] == rounds
    bodies = {(request.headers["webhook-id"], request.body) for request in receiver.requests}
    assert len(bodies) == len(messages)
    assert msgspec.json.decode(receiver.requests[0].body)["data"]["incident"] == "i0"
