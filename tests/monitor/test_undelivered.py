"""What could not be delivered stands in red on every page, for those who may see its tenant."""

from contextlib import closing

from people import Browser, signed_in
from test_wall import made

from jobreport.model.message import Delivery
from jobreport.store import open_store
from jobreport.store.watch import deliveries
from jobreport.store.watch.deliveries import Key
from receivers import message
from serving import Server, typed, until


def give_up(server: Server, name: str, number: int) -> None:
    """Stores so many messages of a tenant that could not be delivered."""
    with closing(open_store(server.store)) as store:
        tenant = store.tenant_id(name)
        assert tenant is not None
        with store.writing() as transaction:
            now = store.clock()
            for one in (message(f"i{one}.opened", tenant=tenant, at=now) for one in range(number)):
                deliveries.add(transaction, [Delivery(one, "mail")])
                deliveries.take(transaction, Key(tenant, one.id, "mail"), "x", now, now + 1)
                deliveries.give_up(transaction, Key(tenant, one.id, "mail"), "x", now, "no such mailbox")


def test_each_page_says_how_many_messages_of_the_viewers_tenants_were_not_delivered(monitored: Server) -> None:
    anna, vera, gus = (signed_in(monitored, name) for name in ("anna", "vera", "gus"))
    wall = made(monitored, "hall of the undelivered", "acme")
    give_up(monitored, "acme", 2)
    try:
        until(lambda: "2 messages of what needs somebody could not be delivered" in vera.get("/").text, "the red line")
        for path in ("/", "/jobs", "/series", "/night", "/sessions"):
            assert 'class="undelivered"' in vera.get(path).text, path
        assert 'class="undelivered"' in anna.get("/customers").text
        assert 'class="undelivered"' not in gus.get("/").text
        assert 'class="undelivered"' not in Browser(monitored).get("/sign-in").text
        assert "2 messages not delivered" in Browser(monitored).get(wall).text
    finally:
        assert typed("notify", "drop", "--store", monitored.store).stdout == "Dropped 2 messages.\n"
    until(lambda: 'class="undelivered"' not in vera.get("/").text, "no red line")
