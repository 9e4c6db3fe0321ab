"""The databases that the contract of the store is tried on."""

import citus

DATABASES = ["sqlite", "postgresql", *(["citus"] if citus.GIVEN else [])]
"""What the contract of the store is held against; a cluster only where there is one."""
