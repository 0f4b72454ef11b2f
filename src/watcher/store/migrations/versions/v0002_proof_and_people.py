"""Proof, memos, manners, people: the ledger numbered, signed checkpoints, hosts, digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from watcher.core.facts import Subject
from watcher.core.search_words import as_text, is_findable, words_of
from watcher.store.append_only import append_only
from watcher.store.codec import decode_state

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Number the captures as they were added, make the new tables, and close two more of them."""
    op.add_column("captures", sa.Column("number", sa.Integer, nullable=True))
    engine = op.get_bind().dialect.name
    if engine == "sqlite":
        # no database of PostgreSQL ever was of the first version with something in it
        op.execute(
            "UPDATE captures SET number = "
            "(SELECT COUNT(*) FROM captures AS earlier WHERE earlier.rowid <= captures.rowid)"
        )
    op.create_index("captures_by_number", "captures", ["number"], unique=True)
    _create_tables()
    _search()
    _telling()
    for table, what in (
        ("captures", "the ledger of captures"),
        ("signed_checkpoints", "the list of signed checkpoints"),
    ):
        for trigger in append_only(engine, table, what):
            op.execute(trigger)


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


def _search() -> None:
    """Make the words that medicines are found by, from the view of what the sources say."""
    made = op.create_table(
        "search",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    rows = []
    for row in op.get_bind().execute(sa.text("SELECT stream, subject, state FROM streams")):
        subject = Subject.parse(row.subject)
        if is_findable(subject):
            words = as_text(words_of(subject, decode_state(row.state)))
            rows.append({"stream": row.stream, "subject": row.subject, "words": words})
    if rows:
        op.bulk_insert(made, rows)


def _telling() -> None:
    """Add the person, kind and severity of a message, and the tables of what people do with it."""
    for column in (
        sa.Column("person", sa.Text, nullable=False, server_default=""),
        sa.Column("kind", sa.Text, nullable=False, server_default="alert"),
        sa.Column("severity", sa.Integer, nullable=False, server_default="0"),
    ):
        op.add_column("outbox", column)
    op.create_index("outbox_by_case", "outbox", ["case"])
    op.create_index("outbox_by_person", "outbox", ["person", "channel", "created_at"])
    _digests()
    _cases()
    _channels()


def _digests() -> None:
    op.create_table(
        "digest_items",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("cadence", sa.Text, nullable=False),
        sa.Column("due", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        sa.Column("told_in", sa.Text, nullable=False),
        sa.UniqueConstraint("channel", "key"),
    )
    op.create_index("digest_items_due", "digest_items", ["told_in", "due"])
    op.create_index("digest_items_by_case", "digest_items", ["case"])


def _cases() -> None:
    op.create_table(
        "case_states",
        sa.Column("case", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("assigned_to", sa.Text, nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        sa.Column("escalate_at", sa.Text, nullable=False),
        sa.Column("escalate_to", sa.Text, nullable=False),
        sa.Column("escalated_at", sa.Text, nullable=False),
    )
    op.create_index("case_states_open", "case_states", ["state", "escalate_at"])


def _channels() -> None:
    op.create_table(
        "channel_health",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("closed_until", sa.Text, nullable=False),
        sa.Column("last_taken", sa.Text, nullable=False),
        sa.Column("last_refused", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )
