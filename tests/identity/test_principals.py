"""What a client writes around what counts: it is not remembered, so that nobody who signed in fills memory with it."""

import tracemalloc
from collections.abc import Callable

import pytest

from jobreport.identity.apps import registrations
from jobreport.identity.apps.permissions import READ
from jobreport.identity.principals import Principal, Principals, UnknownTenantError
from jobreport.model.tenants import MAX_NAME
from jobreport.store import Store

TIMES = 100
LONG = 70_000
"""Bytes of a header field that the server lets in."""


@pytest.fixture
def principals(store: Store) -> Principals:
    return Principals(store)


@pytest.fixture
def who(store: Store, principals: Principals) -> Principal:
    app = registrations.create(store, name="x", tenant="t" * MAX_NAME, permissions=[READ]).app
    return principals.find(app.client_id)


def kept_of(work: Callable[[int], object]) -> int:
    """Bytes that are in use after doing it many times, and were not before."""
    work(0)
    tracemalloc.start()
    try:
        for number in range(TIMES):
            work(number)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_name_that_no_tenant_can_have_is_not_remembered(principals: Principals, who: Principal) -> None:
    def ask(number: int) -> None:
        with pytest.raises(UnknownTenantError):
            principals.for_tenant(who, f"{number}".ljust(LONG, "x"))

    assert kept_of(ask) < LONG
    assert principals.for_tenant(who, "t" * MAX_NAME) == who
