"""Walls: the hash of a token finds the tenant that the screen shows, until it ends or the tenant does."""

from collections.abc import Callable

import pytest

from jobreport.identity import tenants
from jobreport.identity.operators import walls
from jobreport.identity.operators.walls import WallError
from jobreport.identity.tenants import TenantError
from jobreport.store import Store
from jobreport.store.registry import tenants as registry
from jobreport.store.registry import walls as rows


def named(store: Store, number: int) -> str:
    with store.reading() as transaction:
        found = registry.by_number(transaction, number)
    assert found
    return found.name


def test_a_token_shows_its_tenant_until_the_wall_ends(store: Store, new_tenant: Callable[[], int]) -> None:
    one, other = new_tenant(), new_tenant()
    made, token = walls.create(store, name="hall", tenant=named(store, one))
    _, second = walls.create(store, name="hall 2", tenant=named(store, other))
    shown = walls.tenant_of(store, token)
    assert shown
    assert (shown.number, made.tenant) == (one, one)
    assert token.encode() not in made.token
    with store.reading() as transaction:
        assert [wall.name for wall in rows.list_walls(transaction, one)] == ["hall"]
    assert walls.end(store, walls.wall_id(made)).name == "hall"
    assert walls.tenant_of(store, token) is None
    assert walls.tenant_of(store, second)


@pytest.mark.parametrize("token", ["", "jrw_", "jrw_wrong", "jro_x", "\ud800", "x" * 10_000])
def test_any_other_token_shows_nothing(store: Store, tenant: int, token: str) -> None:
    walls.create(store, name="hall", tenant=named(store, tenant))
    assert walls.tenant_of(store, token) is None


def test_a_suspended_tenant_is_not_shown(store: Store, new_tenant: Callable[[], int]) -> None:
    name = named(store, new_tenant())
    _, token = walls.create(store, name="hall", tenant=name)
    tenants.suspend(store, name)
    assert walls.tenant_of(store, token) is None
    with pytest.raises(WallError, match="suspended"):
        walls.create(store, name="another", tenant=name)


def test_what_cannot_be_is_told(store: Store, new_tenant: Callable[[], int]) -> None:
    name = named(store, new_tenant())
    for wrong in ("", " ", "x" * 65, "a\nb"):
        with pytest.raises(WallError, match="1 to 64 printable"):
            walls.create(store, name=wrong, tenant=name)
    with pytest.raises(TenantError):
        walls.create(store, name="hall", tenant="nosuch")
    for _ in range(2):
        walls.create(store, name="twin", tenant=name)
    with pytest.raises(WallError, match="several walls"):
        walls.end(store, "twin")
    for wrong in ("nosuch", ""):
        with pytest.raises(WallError):
            walls.end(store, wrong)
