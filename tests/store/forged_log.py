"""What somebody can do to the audit log who writes SQL and knows how its hashes are made, but has no key."""

from sqlalchemy import text

from jobreport.model.audit import Link
from jobreport.store import Store
from jobreport.store.registry.audit_log import links

REMOVE_SEALS = "UPDATE audit_head SET seal = NULL, sealed = 0, key_id = NULL"


def execute(store: Store, *statements: str, **values: object) -> None:
    with store.writing() as connection:
        for statement in statements:
            connection.execute(text(statement), values)


def read_chain(store: Store, tenant: int) -> list[Link]:
    with store.reading() as connection:
        return list(links(connection, tenant))


def rewrite_chain(store: Store, tenant: int, target: str = "forged") -> None:
    """Changes every entry of a chain and mends all hashes and the head, so that it holds together again."""
    previous = bytes(32)
    forged = (
        "UPDATE audit SET target = :target, previous = :previous, hash = :hash "
        "WHERE tenant = :tenant AND number = :number"
    )
    for link in read_chain(store, tenant):
        changes = {"target": target, "previous": previous}
        new = Link(**{name: getattr(link, name) for name in Link.__struct_fields__} | changes)
        previous = new.computed()
        execute(store, forged, tenant=tenant, number=link.number, hash=previous, **changes)
    execute(store, "UPDATE audit_head SET hash = :hash WHERE tenant = :tenant", hash=previous, tenant=tenant)


def cut_off_entries(store: Store, tenant: int, left: int, head: str = "") -> None:
    """Takes away all entries of a chain behind the first `left`, and sets its head back."""
    execute(store, "DELETE FROM audit WHERE tenant = :tenant AND number > :left", tenant=tenant, left=left)
    execute(
        store,
        f"UPDATE audit_head SET number = :left, hash = :hash {head} WHERE tenant = :tenant",
        left=left,
        hash=read_chain(store, tenant)[-1].hash,
        tenant=tenant,
    )


def read_head(store: Store, tenant: int) -> dict[str, object]:
    with store.reading() as connection:
        row = connection.execute(
            text("SELECT number, hash, sealed, key_id, seal FROM audit_head WHERE tenant = :tenant"), {"tenant": tenant}
        ).one()
    return dict(row._mapping)


def restore_head(store: Store, tenant: int, old: dict[str, object]) -> None:
    """Puts a head with its seal back as it was, and cuts off what came behind."""
    execute(
        store,
        "DELETE FROM audit WHERE tenant = :tenant AND number > :number",
        "UPDATE audit_head SET number = :number, hash = :hash, sealed = :sealed, key_id = :key_id, seal = :seal "
        "WHERE tenant = :tenant",
        tenant=tenant,
        **old,
    )
