"""Reads Azure SQL: the long-term backups of each region, and those operations of each server that restore a database.

The list of long-term backups is an inventory: a backup that failed is not in it, and one that succeeded may appear up
to a week after its own time. Operations are listed database by database.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from azure.mgmt.sql import SqlManagementClient

from jobreport.connectors.base import Look, Page, Right, Stream
from jobreport.connectors.kinds.azure.asking import Azure, Listed
from jobreport.connectors.kinds.azure.discovery import Place, found, rights_in
from jobreport.connectors.kinds.azure.records import Resource, understood
from jobreport.connectors.kinds.azure.rights import PERMISSIONS
from jobreport.connectors.kinds.azure.words import AbsentError
from jobreport.connectors.kinds.azure_sql.jobs import backup_of, restore_of
from jobreport.connectors.kinds.azure_sql.rights import (
    BACKUPS,
    DATABASES,
    INSTANCE_BACKUPS,
    INSTANCES,
    OPERATIONS,
    RIGHTS,
    SERVERS,
)
from jobreport.connectors.kinds.azure_sql.settings import SqlSettings
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.sees import Sees

OVERLAP: Final = 8 * ticks.PER_DAY
REMEMBERS: Final = 3600 * ticks.PER_SECOND
"""Microsoft says of the view behind the operations that it keeps them for about an hour."""


class Backups(msgspec.Struct, frozen=True):
    """The long-term backups in a region, of databases or of managed instances."""

    region: str
    of_instances: bool


class Sql:
    """The servers and managed instances of one subscription."""

    def __init__(self, azure: Azure, settings: SqlSettings) -> None:
        self._azure, self._regions = azure, settings.regions
        self._client = azure.client(SqlManagementClient)

    def streams(self) -> Iterator[Stream]:
        """Gives two streams for each region in which there is something, and one for each server."""
        servers, instances = self._servers(), self._found(self._client.managed_instances.list, INSTANCES)
        regions = {_bare(one) for one in (*(one.location for one in (*servers, *instances)), *self._regions)}
        for region in sorted(regions):
            for of_instances, what in ((False, "databases"), (True, "managed instances")):
                name = f"{region}: long-term backups of {what}"
                about = Backups(region, of_instances)
                yield Stream(name=name, sees=Sees.RESULTS, overlap=OVERLAP, about=about)
        for server in servers:
            yield Stream(name=f"{server.label}: restores", whole=True, remembers=REMEMBERS, notes=True, about=server)

    def rights(self) -> Iterator[Right]:
        """Asks for the rights in the subscription and on each server."""
        on_each = (DATABASES, OPERATIONS, PERMISSIONS)
        return rights_in(
            self._azure,
            self._client,
            RIGHTS[:4],
            lambda: [Place(one.id, f"{one.label}: restores", on_each) for one in self._servers()],
            on_each,
        )

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the long-term backups since, or all restores that are listed."""
        if isinstance(stream.about, Backups):
            return self._backups(stream.about, stream.name, look)
        return self._restores(stream.about, look)

    def _backups(self, about: Backups, where: str, look: Look) -> Iterator[Page]:
        if about.of_instances:
            lists, right = self._client.long_term_retention_managed_instance_backups, INSTANCE_BACKUPS
        else:
            lists, right = self._client.long_term_retention_backups, BACKUPS
        for listed in self._azure.pages(partial(lists.list_by_location, about.region), right.name, where):
            every, refused = readable(listed.items, lambda item: backup_of(item, where))
            yield Page(jobs=[job for job in every if job.start >= look.since], refused=refused, clock=listed.clock)

    def _restores(self, server: Resource, look: Look) -> Iterator[Page]:
        where = f"the server {server.label}"
        before = look.state if isinstance(look.state, Mapping) else {}
        ended: dict[str, int] = {}

        def first_seen(operation: str) -> int:
            ended[operation] = before.get(operation, look.now)
            return ended[operation]

        call = partial(self._client.databases.list_by_server, server.group, server.name)
        for databases in self._azure.pages(call, DATABASES.name, where):
            for item in databases.items:
                name = understood(item, Resource, where).name
                for page in self._operations(server, name):
                    jobs, refused = readable(page.items, lambda item: restore_of(item, where, first_seen))
                    yield Page(jobs=jobs, refused=refused, state={**before, **ended}, clock=page.clock)
        yield Page(state=ended)  # without those that are not listed any more

    def _operations(self, server: Resource, database: str) -> Iterator[Listed]:
        where = f"the database {server.label}/{database}"
        call = partial(self._client.database_operations.list_by_database, server.group, server.name, database)
        try:
            yield from self._azure.pages(call, OPERATIONS.name, where)
        except AbsentError:  # it was dropped meanwhile
            return

    def _servers(self) -> list[Resource]:
        return self._found(self._client.servers.list, SERVERS)

    def _found(self, call: Any, right: Right) -> list[Resource]:
        return found(self._azure, self._client, call, right, (), "server")[0]


def _bare(region: str) -> str:
    """Returns a region as addresses have it: `West Europe` is `westeurope`."""
    return region.replace(" ", "").casefold()
