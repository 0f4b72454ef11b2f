"""The looks of one source by their numbers: what the last one that failed was like."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("captures_by_source", "captures", ["source", "number"])
