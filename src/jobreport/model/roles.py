"""Roles of operators: what a person may do in the monitor."""

from enum import IntEnum
from typing import Final


class Role(IntEnum):
    """What an operator may do. Each role may do what those before it may: a greater number is more."""

    Viewer = 1
    """Sees jobs, series and tenants."""
    Operator = 2
    """Also marks who has something in hand, what was seen, and says what is expected of series."""
    Admin = 3
    """Also manages apps and their secrets."""


NAMES: Final = {role.name.lower(): role for role in Role}
"""The roles by the names that people write: `viewer`, `operator`, `admin`."""
