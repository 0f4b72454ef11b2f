"""What somebody is at, found without going through all that nobody is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LEASED = sa.text("leased_by <> ''")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "targets_leased",
        "targets",
        ["leased_by"],
        postgresql_where=_LEASED,
        sqlite_where=_LEASED,
    )
