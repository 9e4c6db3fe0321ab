"""Azure SQL of the fake: one server with databases and their operations, and long-term backups by region."""

from typing import Any

from fakes.azure.cloud import SUBSCRIPTION, Asked, Cloud, Record, RefusedError

from azure.mgmt.sql import models

_ROOT = f"/subscriptions/{SUBSCRIPTION}"
_SQL = "/providers/Microsoft.Sql"
REGION = "westeurope"
SERVER = f"{_ROOT}/resourceGroups/data{_SQL}/servers/shop"
INSTANCE = f"{_ROOT}/resourceGroups/data{_SQL}/managedInstances/erp"
_GUID = "55555555-6666-7777-8888-{:012}"


def long_term(number: int, at: str, *, instance: bool = False) -> Record:
    """Returns a long-term backup of a database."""
    name = f"{_GUID.format(number)};131637960820000000"
    kind = "ManagedInstance" if instance else ""
    owner = f"longTermRetention{kind or 'Server'}s/{'erp' if instance else 'shop'}"
    kept = f"longTermRetention{kind}Backups"
    place = f"{_ROOT}{_SQL}/locations/{REGION}/{owner}/longTermRetentionDatabases/db-{number}/{kept}"
    told = {"databaseName": f"db-{number}", "backupTime": at, "backupStorageRedundancy": "Geo"}
    whose = {"managedInstanceName": "erp"} if instance else {"serverName": "shop"}
    return {"id": f"{place}/{name}", "name": name, "type": "x", "properties": {**told, **whose}}


def operation(number: int, state: str, **more: Any) -> Record:
    """Returns an operation that restores a database; `more` are properties that it has in another way."""
    name = _GUID.format(number)
    told = {
        "databaseName": "orders",
        "serverName": "shop",
        "operation": "RESTORE DATABASE",
        "operationFriendlyName": "Restore database",
        "percentComplete": 100,
        "startTime": "2026-03-02T11:00:00Z",
        "state": state,
        **more,
    }
    return {"id": f"{SERVER}/databases/orders/operations/{name}", "name": name, "type": "x", "properties": told}


class Sql:
    """What the subscription has of Azure SQL. Databases without operations are there, too; `dropped` ones only in the
    list.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.operations: dict[str, list[Record]] = {"master": [], "orders": [], "stock": []}
        self.dropped: set[str] = set()
        self.backups: list[Record] = []
        self.instance_backups: list[Record] = []
        region = f"{_ROOT}{_SQL}/locations/{REGION}"
        cloud.on("GET", f"{_ROOT}{_SQL}/servers", self._list_servers)
        cloud.on("GET", f"{_ROOT}{_SQL}/managedInstances", self._list_instances)
        cloud.on("GET", f"{SERVER}/databases", self._list_databases)
        cloud.on("GET", rf"{SERVER}/databases/(?P<database>[^/]+)/operations", self._list_operations)
        cloud.on("GET", f"{region}/longTermRetentionBackups", self._list_backups)
        cloud.on("GET", f"{region}/longTermRetentionManagedInstanceBackups", self._list_instance_backups)

    def _list_servers(self, asked: Asked) -> Record:
        seen = [SERVER] if self.cloud.may("Microsoft.Sql/servers/read", SERVER) else []
        every = [{"id": one, "name": "shop", "location": "West Europe", "properties": {}} for one in seen]
        return self.cloud.listed(asked, every, models.Server)

    def _list_instances(self, asked: Asked) -> Record:
        seen = [INSTANCE] if self.cloud.may("Microsoft.Sql/managedInstances/read", INSTANCE) else []
        every = [{"id": one, "name": "erp", "location": REGION, "properties": {}} for one in seen]
        return self.cloud.listed(asked, every, models.ManagedInstance)

    def _list_databases(self, asked: Asked) -> Record:
        self.cloud.require("Microsoft.Sql/servers/databases/read", SERVER)
        every = [
            {"id": f"{SERVER}/databases/{name}", "name": name, "location": REGION, "properties": {"status": "Online"}}
            for name in self.operations
        ]
        return self.cloud.listed(asked, every, models.Database)

    def _list_operations(self, asked: Asked) -> Record:
        self.cloud.require("Microsoft.Sql/servers/databases/operations/read", SERVER)
        if asked.parts["database"] in self.dropped:
            raise RefusedError(404, "ResourceNotFound")
        return self.cloud.listed(asked, self.operations[asked.parts["database"]], models.DatabaseOperation)

    def _list_backups(self, asked: Asked) -> Record:
        self.cloud.require("Microsoft.Sql/locations/longTermRetentionBackups/read", asked.path)
        return self.cloud.listed(asked, self.backups, models.LongTermRetentionBackup)

    def _list_instance_backups(self, asked: Asked) -> Record:
        self.cloud.require("Microsoft.Sql/locations/longTermRetentionManagedInstanceBackups/read", asked.path)
        return self.cloud.listed(asked, self.instance_backups, models.ManagedInstanceLongTermRetentionBackup)
