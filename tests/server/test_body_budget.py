"""The memory for bodies: no sender uses it up, and what was given back can be used again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobreport.identity.principals import Principal
from jobreport.server import body_budget
from jobreport.server.body_budget import MAX_HELD, Budget, Sender

MIB = 1024 * 1024


SENDERS = [Sender(tenant, app) for tenant in "ab" for app in "xyz"]


@given(st.lists(st.tuples(st.sampled_from(SENDERS), st.integers(1, 40)), max_size=60))
def test_there_is_never_more_held_than_there_is_and_room_is_left_for_others(wanted: list[tuple[Sender, int]]) -> None:
    budget, held = Budget(1000), dict.fromkeys(SENDERS, 0)

    def left(tenant: object, more: int = 0) -> int:
        """What the tenant has left when it has `more`: what is free, less what it has."""
        of_tenant = sum(size for sender, size in held.items() if sender.tenant == tenant)
        return 1000 - sum(held.values()) - of_tenant - 2 * more

    for sender, size in wanted:
        if budget.add(sender, size):
            held[sender] += size
            assert held[sender] <= left(sender.tenant)
        else:
            assert held[sender] + size > left(sender.tenant, size)
    for tenant in "abc":
        newest = Sender(tenant, "new app")
        assert left(tenant) > 0
        room = left(tenant) // 3
        assert budget.add(newest, room)
        assert not budget.add(newest, 1)
        budget.give_back(newest, room)
    for sender, size in held.items():
        budget.give_back(sender, size)
    assert budget.add(Sender("d", "x"), 333)
    assert not budget.add(Sender("d", "x"), 1)
    assert budget.add(Sender("d", "y"), 111)


def principal(client: str, tenant: int, *, several: bool = False) -> Principal:
    return Principal(client, tenant, f"t{tenant}", frozenset(), several)


def test_sender_is_an_app_of_a_tenant_a_providers_app_or_all_who_have_not_signed_in() -> None:
    def request(who: Principal | None) -> dict[str, Any]:
        return {"principal": who} if who else {}

    flooding = [request(principal("a", 1)), request(principal("b", 1))]
    assert body_budget.hold(flooding[0], 16 * MIB)
    assert not body_budget.hold(request(principal("a", 1)), 6 * MIB)
    assert body_budget.hold(flooding[1], 10 * MIB)
    another = request(principal("c", 1))
    assert body_budget.hold(another, 4 * MIB)
    body_budget.release(another)
    other = [request(principal("p", number, several=True)) for number in (2, 3)]
    assert body_budget.hold(other[0], 12 * MIB)
    assert not body_budget.hold(other[1], MIB), "a provider's app is one sender, whichever tenants it names"
    strangers = [request(None), request(None)]
    assert body_budget.hold(strangers[0], 4 * MIB)
    assert not body_budget.hold(strangers[1], 8 * MIB)
    for scope in (*flooding, *other, *strangers, another):
        body_budget.release(scope)
        body_budget.release(scope)
    assert body_budget.hold(another, MAX_HELD // 3)
    assert not body_budget.hold(another, MAX_HELD // 3 + 1)
    body_budget.release(another)
