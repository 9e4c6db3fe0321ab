"""The permissions (OAuth scopes) that an app may be granted, and what each allows."""

from collections.abc import Iterable
from typing import Final

READ_WRITE: Final = "PlatformBackup.ReadWrite.All"
"""Reads and writes every job of the app's tenant; the publisher's one permission."""
READ: Final = "PlatformBackup.Read.All"
"""Reads every job of the app's tenant."""
REPORT: Final = "PlatformBackup.Jobs.Report"
"""Writes the jobs that the same app reported, and reads nothing: for a runner on a machine that may be taken over."""

PERMISSIONS: Final = {
    READ_WRITE: "Read and write every job of the tenant.",
    READ: "Read every job of the tenant.",
    REPORT: "Write the jobs that the same app reports; read nothing.",
}
MAY_READ: Final = frozenset({READ_WRITE, READ})
MAY_WRITE: Final = frozenset({READ_WRITE, REPORT})

_BY_FOLDED_NAME: Final = {name.casefold(): name for name in PERMISSIONS}


def canonical(names: Iterable[str]) -> tuple[str, ...]:
    """The permissions of these names, compared without regard to case, each once and in a fixed order.

    ValueError names the first that does not exist and lists those that do.
    """
    wanted = set()
    for name in names:
        known = _BY_FOLDED_NAME.get(name.casefold())
        if known is None:
            raise ValueError(f"there is no permission {name!r}; there are {', '.join(PERMISSIONS)}")
        wanted.add(known)
    return tuple(name for name in PERMISSIONS if name in wanted)
