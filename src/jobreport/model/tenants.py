"""Facts about tenants that all packages need: the operator's own tenant, and how long a deletion can be undone."""

from typing import Final

SERVICE_NAME: Final = "_service"
"""The name of the operator's own tenant. No customer's tenant can have it. Its number is `model.audit.SERVICE`.

Its job report has the deletions of tenants. Its chain of the audit log has the actions that concern no other tenant.
"""
GRACE_DAYS: Final = 30
"""The days for which a deleted tenant can be resumed, unless the operator chooses another number."""
