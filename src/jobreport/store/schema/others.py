"""Names the modules of all tables beside those of jobs. To import it makes their tables."""

from jobreport.store.schema import (  # noqa: F401 - makes their tables
    aliases,
    audit,
    connectors,
    deliveries,
    digests,
    inboxes,
    incidents,
    operators,
    registry,
    watch,
)
