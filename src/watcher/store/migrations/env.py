"""Alembic's way in: runs the steps on the connection that `store.database` hands over."""

from alembic import context

from watcher.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
context.run_migrations()
