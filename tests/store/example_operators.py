"""Operators, of whom tests need one or two."""

from jobreport.identity import tenants as identity
from jobreport.identity.operators import accounts
from jobreport.identity.operators.accounts import Reach
from jobreport.identity.operators.passwords import Passwords
from jobreport.model.audit import Actor
from jobreport.model.roles import Role
from jobreport.store import Store
from jobreport.store.registry.operators import Operator

PASSWORD, OTHER = "correct horse battery staple", "seven green bottles on a wall"
BY = Actor("user:root", "host")


def added(store: Store, hashing: Passwords, name: str, role: Role = Role.Viewer, *tenants: str) -> Operator:
    """An operator who sees these tenants, which are made; or all."""
    for tenant in tenants:
        identity.ensure(store, tenant)
    reach = Reach(tenants, not tenants)
    return accounts.add(store, name=name, role=role, reach=reach, password=PASSWORD, hashing=hashing, by=BY)
