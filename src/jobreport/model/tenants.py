"""What every room must know of tenants: the name of the operator's own, and how long a deleted one can be resumed."""

from typing import Final

SERVICE_NAME: Final = "_service"
"""The operator's own tenant, which no customer's can be called: its number is `model.audit.SERVICE`.

What is done to tenants is in its report, and what concerns no tenant is in its chain of the audit log.
"""
GRACE_DAYS: Final = 30
"""How long a deleted tenant can be resumed, where nothing else is said."""
