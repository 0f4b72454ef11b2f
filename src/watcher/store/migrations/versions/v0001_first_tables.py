"""The first tables, as they were: a migration is never changed by what came after it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from watcher.store.append_only import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

metadata = sa.MetaData()

sa.Table(
    "events",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.Text, nullable=False, unique=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("severity", sa.Integer, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("observed_at", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Text, nullable=False),
    sa.Column("schema", sa.Integer, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.UniqueConstraint("stream", "version"),
    sa.Index("events_by_subject", "subject", "position"),
    sa.Index("events_by_type", "type", "position"),
)

sa.Table(
    "streams",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("names", sa.Text, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
)

sa.Table(
    "missing",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("captures", sa.Integer, nullable=False),
)

sa.Table(
    "captures",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("signals", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("final_url", sa.Text, nullable=False),
    sa.Column("headers", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, index=True),
    sa.Column("is_revisit", sa.Boolean, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("milliseconds", sa.Integer, nullable=False),
    sa.Column("reader", sa.Text, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Index("captures_by_target", "source", "url", "at"),
    sa.Index("captures_by_time", "at"),
)

sa.Table(
    "targets",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, primary_key=True),
    sa.Column("next_due", sa.Text, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("last_modified", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("reader", sa.Text, nullable=False),
    sa.Column("last_good", sa.Text, nullable=False),
    sa.Column("last_good_at", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("items", sa.Integer, nullable=False),
    sa.Column("waiting", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failing_since", sa.Text, nullable=False),
)

sa.Table(
    "checkpoints",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
)

sa.Table(
    "cases",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("happening", sa.Text, nullable=False),
    sa.Column("axis", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("effective", sa.Text, nullable=False),
    sa.Column("lead", sa.Integer, nullable=False),
    sa.Column("opened_at", sa.Text, nullable=False),
    sa.Index("cases_by_axis", "axis", "lead"),
)

sa.Table(
    "case_events",
    metadata,
    sa.Column("case", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
)

sa.Table(
    "held",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("batch", sa.Text, nullable=False, index=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("alike", sa.Text, nullable=False),
    sa.Column("since", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("decided_at", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("case", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("delivered_at", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.UniqueConstraint("key", "channel"),
    sa.Index("outbox_due", "state", "next_attempt"),
)


def upgrade() -> None:
    """Make every table of the first version, and the triggers that keep the log append-only."""
    bind = op.get_bind()
    metadata.create_all(bind)
    for trigger in append_only(bind.dialect.name, "events", "the log"):
        op.execute(trigger)
