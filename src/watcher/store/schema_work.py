"""The tables of who works on a store and whose turn it is."""

from __future__ import annotations

import sqlalchemy as sa

from watcher.store.metadata import metadata

processes = sa.Table(
    "processes",
    metadata,
    # who works on this store now, each with its last sign of life
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("started_at", sa.Text, nullable=False),
    sa.Column("beat_at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)

turns = sa.Table(
    "turns",
    metadata,
    # what one process at a time does, a server to be asked or a channel, and whose turn it is
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("held_by", sa.Text, nullable=False),
    sa.Column("held_since", sa.Text, nullable=False),
)
