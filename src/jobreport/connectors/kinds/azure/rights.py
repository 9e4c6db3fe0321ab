"""The right that all kinds need to say which rights are missing."""

from typing import Final

from jobreport.connectors.base import Right

PERMISSIONS: Final = Right(
    name="Microsoft.Authorization/permissions/read", without="which of these rights are missing, and where"
)
