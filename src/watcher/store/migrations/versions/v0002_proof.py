"""Proof, memos and manners: the ledger numbered, subtrees, signed checkpoints, hosts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Number the captures as they were added, make the new tables, and close two more of them."""
    op.add_column("captures", sa.Column("number", sa.Integer, nullable=True))
    op.execute(
        "UPDATE captures SET number = "
        "(SELECT COUNT(*) FROM captures AS earlier WHERE earlier.rowid <= captures.rowid)"
    )
    op.create_index("captures_by_number", "captures", ["number"], unique=True)
    _create_tables()
    for table, what in (
        ("captures", "the ledger of captures"),
        ("signed_checkpoints", "the list of signed checkpoints"),
    ):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{what} is append-only'); END"
            )


def _create_tables() -> None:
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "signed_checkpoints",
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "memos",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("observed_until", sa.Text, nullable=False),
        sa.Column("recorded_until", sa.Text, nullable=False),
        sa.Column("states", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("last_asked", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("paused_until", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("robots", sa.LargeBinary, nullable=False),
        sa.Column("robots_at", sa.Text, nullable=False),
    )
