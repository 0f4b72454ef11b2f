"""What is due, and which cases may still be denied, found without going through all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_DOUBTED = sa.text("tier > 2")


def upgrade() -> None:
    """Add the indexes, and the tier: where it was not kept, 9 has the event be asked."""
    op.create_index("targets_due", "targets", ["next_due"])
    op.add_column("cases", sa.Column("tier", sa.Integer, nullable=False, server_default="9"))
    op.create_index(
        "cases_doubted",
        "cases",
        ["opened_at"],
        postgresql_where=_DOUBTED,
        sqlite_where=_DOUBTED,
    )
