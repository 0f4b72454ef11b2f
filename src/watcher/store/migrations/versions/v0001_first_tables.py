"""The first tables."""

from __future__ import annotations

from alembic import op

from watcher.store.schema import APPEND_ONLY, metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of the first version, and the triggers that keep the log append-only."""
    metadata.create_all(op.get_bind())
    for trigger in APPEND_ONLY:
        op.execute(trigger)
