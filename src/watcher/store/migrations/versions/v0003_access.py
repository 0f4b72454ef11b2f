"""Who may: users, tokens, sessions, and failures to sign in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; nobody is in them yet."""
    op.create_table(
        "users",
        sa.Column("name", sa.Text, primary_key=True),
        *_texts("title", "role", "kind", "password", "subject"),
        *_texts("created_at", "disabled_at", "signed_in_at"),
    )
    op.create_index("ix_users_subject", "users", ["subject"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("title", "role", "secret", "created_at", "created_by"),
        *_texts("expires_at", "used_at", "revoked_at"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("user", "created_at", "seen_at", "address", "agent"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_table(
        "strikes",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        *_texts("until", "last"),
    )
    op.create_index("ix_strikes_last", "strikes", ["last"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
