"""The permissions (OAuth scopes) that an app may have, and what each of them allows."""

from collections.abc import Iterable
from typing import Final

from jobreport.model.spelling import meant

READ_WRITE: Final = "PlatformBackup.ReadWrite.All"
"""Allows reading and writing every job of the app's tenant. It is the only permission that the publisher has."""
READ: Final = "PlatformBackup.Read.All"
"""Allows reading every job of the app's tenant."""
REPORT: Final = "PlatformBackup.Jobs.Report"
"""Allows writing only the jobs that the same app reported, and reading none: for a runner whose machine may be
attacked."""

PERMISSIONS: Final = {
    READ_WRITE: "Read and write every job of the tenant.",
    READ: "Read every job of the tenant.",
    REPORT: "Write the jobs that the same app reports; read nothing.",
}
MAY_READ: Final = frozenset({READ_WRITE, READ})
MAY_WRITE: Final = frozenset({READ_WRITE, REPORT})

_BY_FOLDED_NAME: Final = {name.casefold(): name for name in PERMISSIONS}


def canonical(names: Iterable[str]) -> tuple[str, ...]:
    """Returns the permissions with these names, each once and in a fixed order. The case of the names does not matter.

    Raises ValueError if a permission does not exist; the message lists those that do.
    """
    wanted = set()
    for name in names:
        known = _BY_FOLDED_NAME.get(name.casefold())
        if known is None:
            rest = f"there are {', '.join(PERMISSIONS)}"
            raise ValueError(f"there is no permission {name!r}: {meant(name, PERMISSIONS, rest)}")
        wanted.add(known)
    return tuple(name for name in PERMISSIONS if name in wanted)
