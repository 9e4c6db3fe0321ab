"""Alembic's entry: runs migrations on the connection, and in the transaction, that the caller holds."""

from alembic import context

from jobreport.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
