"""Alembic calls this module. It runs the migrations on the connection of the caller, in the caller's transaction."""

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
