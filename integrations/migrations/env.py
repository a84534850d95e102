"""Run by Alembic, on the connection and in the transaction that ``integrations.store`` hands over."""

from alembic import context

from integrations.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
