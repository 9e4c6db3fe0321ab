"""Facts about tenants that all packages need: their names, the operator's own tenant, how long a deletion waits."""

import re
from typing import Final

MAX_NAME: Final = 63
"""The most characters of a tenant's name."""

SERVICE_NAME: Final = "_service"
"""The name of the operator's own tenant. No customer's tenant can have it. Its number is `model.audit.SERVICE`.

Its job report has the deletions of tenants. Its chain of the audit log has the actions that concern no other tenant.
"""
GRACE_DAYS: Final = 30
"""The days for which a deleted tenant can be resumed, unless the operator chooses another number."""

_NAME: Final = re.compile(rf"[a-z0-9]([a-z0-9._-]{{0,{MAX_NAME - 2}}}[a-z0-9])?")


def wrong_name(name: str) -> str:
    """Returns why no tenant may have this name; empty: one may."""
    if name == SERVICE_NAME or _NAME.fullmatch(name):
        return ""
    return (
        f"a tenant's name has 1 to {MAX_NAME} lower-case letters, digits, dots, dashes or underscores, "
        "and starts and ends with a letter or digit"
    )
