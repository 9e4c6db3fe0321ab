"""Alembic's entry: runs migrations on the connection, and in the transaction, that the caller holds."""

from alembic import context

from jobreport.store.db import dialect_of
from jobreport.store.schema.jobs import tables_of

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables_of(dialect_of(connection)),
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
