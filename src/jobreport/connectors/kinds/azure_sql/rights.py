"""The rights that a full view of Azure SQL's backups needs; `deploy/roles/azure-sql.json` is a role of them."""

from typing import Final

from jobreport.connectors.base import Right
from jobreport.connectors.kinds.azure.rights import PERMISSIONS

SERVERS: Final = Right(name="Microsoft.Sql/servers/read", without="all: it finds no servers")
INSTANCES: Final = Right(name="Microsoft.Sql/managedInstances/read", without="all: it finds no managed instances")
BACKUPS: Final = Right(
    name="Microsoft.Sql/locations/longTermRetentionBackups/read", without="long-term backups of databases"
)
INSTANCE_BACKUPS: Final = Right(
    name="Microsoft.Sql/locations/longTermRetentionManagedInstanceBackups/read",
    without="long-term backups of managed instances",
)
DATABASES: Final = Right(name="Microsoft.Sql/servers/databases/read", without="restores of the server's databases")
OPERATIONS: Final = Right(
    name="Microsoft.Sql/servers/databases/operations/read", without="restores of the server's databases"
)
RIGHTS: Final = (SERVERS, INSTANCES, BACKUPS, INSTANCE_BACKUPS, DATABASES, OPERATIONS, PERMISSIONS)
