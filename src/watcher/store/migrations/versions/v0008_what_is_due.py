"""What is due now, at whatever server, found without asking server by server."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("targets_due", "targets", ["next_due"])
