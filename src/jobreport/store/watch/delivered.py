"""Reads what channels have taken about groups of incidents that go on, and deletes what was delivered long ago."""

from typing import Final

from sqlalchemy import BigInteger, Connection, delete, exists, literal_column, or_, select

from jobreport.model.message import Message
from jobreport.store.schema.deliveries import delivery as table
from jobreport.store.schema.incidents import incident_group as groups
from jobreport.store.schema.registry import tenant as tenants
from jobreport.store.watch.deliveries import DELIVERED, message_of

_GOES_ON: Final = (
    select(groups.c.in_group)
    .where(groups.c.tenant == table.c.tenant, groups.c.in_group == table.c.incident)
    .where(groups.c.closed == literal_column("0", BigInteger))
    .exists()
)
_IS_DELETED: Final = exists().where(
    tenants.c.tenant == table.c.tenant, or_(tenants.c.deleted.is_not(None), tenants.c.purged.is_not(None))
)


def going_on(connection: Connection, channel: str) -> list[Message]:
    """Returns the last message that a channel has taken of each group of incidents that goes on. Of a tenant that is
    deleted nothing does.
    """
    rows = connection.execute(
        select(table.c.content)
        .where(table.c.channel == channel, table.c.state == DELIVERED, _GOES_ON, ~_IS_DELETED)
        .order_by(table.c.added, table.c.message)
    ).scalars()
    return [*{(one.tenant, one.incident): one for one in map(message_of, rows)}.values()]


def delete_old(connection: Connection, before: int) -> int:
    """Deletes what was delivered before a time, except what goes on. Returns how many these were."""
    over = (table.c.state == DELIVERED, table.c.due < before, ~_GOES_ON)
    return connection.execute(delete(table).where(*over)).rowcount
