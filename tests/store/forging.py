"""What somebody can do to the audit log who writes SQL and knows how its hashes are made, but has no key."""

from sqlalchemy import text

from jobreport.model.audit import Link
from jobreport.store import Store
from jobreport.store.registry.audit_log import links

STRIP = "UPDATE audit_head SET seal = NULL, sealed = 0, key_id = NULL"


def by_hand(store: Store, *statements: str, **values: object) -> None:
    with store.writing() as connection:
        for statement in statements:
            connection.execute(text(statement), values)


def chain(store: Store, tenant: int) -> list[Link]:
    with store.reading() as connection:
        return list(links(connection, tenant))


def rewrite(store: Store, tenant: int, target: str = "forged") -> None:
    """Changes every entry of a chain and mends all hashes and the head, so that it holds together again."""
    previous = bytes(32)
    forged = (
        "UPDATE audit SET target = :target, previous = :previous, hash = :hash "
        "WHERE tenant = :tenant AND number = :number"
    )
    for link in chain(store, tenant):
        changes = {"target": target, "previous": previous}
        new = Link(**{name: getattr(link, name) for name in Link.__struct_fields__} | changes)
        previous = new.computed()
        by_hand(store, forged, tenant=tenant, number=link.number, hash=previous, **changes)
    by_hand(store, "UPDATE audit_head SET hash = :hash WHERE tenant = :tenant", hash=previous, tenant=tenant)


def cut(store: Store, tenant: int, left: int, head: str = "") -> None:
    """Takes away all entries of a chain behind the first `left`, and sets its head back."""
    by_hand(store, "DELETE FROM audit WHERE tenant = :tenant AND number > :left", tenant=tenant, left=left)
    by_hand(
        store,
        f"UPDATE audit_head SET number = :left, hash = :hash {head} WHERE tenant = :tenant",
        left=left,
        hash=chain(store, tenant)[-1].hash,
        tenant=tenant,
    )


def sealed_as(store: Store, tenant: int) -> dict[str, object]:
    with store.reading() as connection:
        row = connection.execute(
            text("SELECT number, hash, sealed, key_id, seal FROM audit_head WHERE tenant = :tenant"), {"tenant": tenant}
        ).one()
    return dict(row._mapping)


def set_back(store: Store, tenant: int, old: dict[str, object]) -> None:
    """Puts a head with its seal back as it was, and cuts off what came behind."""
    by_hand(
        store,
        "DELETE FROM audit WHERE tenant = :tenant AND number > :number",
        "UPDATE audit_head SET number = :number, hash = :hash, sealed = :sealed, key_id = :key_id, seal = :seal "
        "WHERE tenant = :tenant",
        tenant=tenant,
        **old,
    )
