"""The memory for bodies: no sender uses it up, and what was given back can be used again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobreport.identity.principals import Principal
from jobreport.server import body_budget
from jobreport.server.body_budget import MAX_HELD, Budget

MIB = 1024 * 1024


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 40)), max_size=60))
def test_there_is_never_more_held_than_there_is_and_room_is_left_for_another(wanted: list[tuple[str, int]]) -> None:
    budget, held = Budget(100), dict.fromkeys("abc", 0)
    for sender, size in wanted:
        if budget.add(sender, size):
            held[sender] += size
            assert held[sender] <= 100 - sum(held.values())
        else:
            assert held[sender] + size > 100 - sum(held.values()) - size
    for sender, size in held.items():
        budget.give_back(sender, size)
    assert budget.add("d", 50)
    assert not budget.add("d", 1)


def principal(client: str, tenant: int, *, several: bool = False) -> Principal:
    return Principal(client, tenant, f"t{tenant}", frozenset(), several)


def test_sender_is_a_tenant_a_providers_app_or_all_who_have_not_signed_in() -> None:
    def request(who: Principal | None) -> dict[str, Any]:
        return {"principal": who} if who else {}

    flooding = [request(principal("a", 1)), request(principal("b", 1))]
    assert body_budget.hold(flooding[0], 16 * MIB)
    assert body_budget.hold(flooding[1], 16 * MIB)
    another = request(principal("c", 1))
    assert not body_budget.hold(another, MIB)
    other = [request(principal("p", number, several=True)) for number in (2, 3)]
    assert body_budget.hold(other[0], 16 * MIB)
    assert not body_budget.hold(other[1], MIB), "a provider's app is one sender, whichever tenants it names"
    strangers = [request(None), request(None)]
    assert body_budget.hold(strangers[0], 4 * MIB)
    assert not body_budget.hold(strangers[1], 5 * MIB)
    for scope in (*flooding, *other, *strangers, another):
        body_budget.release(scope)
        body_budget.release(scope)
    assert body_budget.hold(another, MAX_HELD // 2)
    assert not body_budget.hold(another, MAX_HELD // 2 + 1)
    body_budget.release(another)
