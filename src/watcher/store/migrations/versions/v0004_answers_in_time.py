"""Answers in time: indexes, the order of lists of cases, and the words medicines are found by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from watcher.store.search import SqlSearch

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes and the views, and fill them from what is there."""
    op.create_index("events_by_source", "events", ["source", "position"])
    op.create_index("events_by_severity", "events", ["severity", "position"])
    op.create_index("cases_by_opening", "cases", ["opened_at"])
    op.create_index("case_events_by_position", "case_events", ["position"])
    _cases()
    _names()
    _search()


def _cases() -> None:
    for name in ("gravity", "lead"):
        op.add_column(
            "case_states", sa.Column(name, sa.Integer, nullable=False, server_default="0")
        )
    op.execute(
        "UPDATE case_states SET lead = "
        'COALESCE((SELECT cases.lead FROM cases WHERE cases.key = case_states."case"), 0)'
    )
    op.execute(
        "UPDATE case_states SET gravity = CASE WHEN severity > 0 THEN severity ELSE COALESCE("
        "(SELECT events.severity FROM events WHERE events.position = case_states.lead), 0) END"
    )
    op.create_index("case_states_by_gravity", "case_states", ["state", "gravity", "lead"])
    op.create_index("case_states_by_lead", "case_states", ["lead"])


def _names() -> None:
    made = op.create_table(
        "stream_names",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("stream", sa.Text, primary_key=True),
    )
    op.create_index("ix_stream_names_stream", "stream_names", ["stream"])
    rows = [
        {"name": name, "stream": row.stream}
        for row in op.get_bind().execute(sa.text("SELECT stream, names FROM streams"))
        for name in row.names.split("\n")
        if name
    ]
    if rows:
        op.bulk_insert(made, rows)


def _search() -> None:
    op.drop_table("search")
    op.create_table(
        "search_words",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("word", sa.Text, primary_key=True),
    )
    op.create_index("search_words_by_word", "search_words", ["word", "kind", "subject"])
    op.create_table(
        "search_endings",
        sa.Column("ending", sa.Text, primary_key=True),
        sa.Column("word", sa.Text, primary_key=True),
    )
    op.create_table(
        "search_names",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_index("search_names_by_name", "search_names", ["name", "subject"])
    SqlSearch(op.get_bind()).fill()
