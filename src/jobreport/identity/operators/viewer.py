"""The viewer: the operator who sent a request of the monitor, and what this person may see and do.

It is for people what `identity.principals.Principal` is for apps.
"""

import msgspec

from jobreport.model.roles import Role


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """The operator who sent a request. `operator`: the number of the account. `reach`: the numbers of the tenants that
    this person may see; None for all tenants. `session`: the SHA-256 hash of the session's token. `confirmed`: when
    this person last gave proof, such as the password, in ticks. `issuer`: the provider by which this person signs in;
    empty if it is by password.
    """

    operator: int
    name: str
    role: Role
    reach: frozenset[int] | None
    session: bytes
    confirmed: int = 0
    issuer: str = ""

    def may_see(self, tenant: int) -> bool:
        """Returns whether this person may see the tenant with this number."""
        return self.reach is None or tenant in self.reach

    @property
    def sees_several(self) -> bool:
        """Whether this person may see more than one tenant."""
        return self.reach is None or len(self.reach) > 1
