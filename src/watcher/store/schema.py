"""The tables. The log is append-only by trigger; every other table can be made anew or moves on.

Of an index on some rows only `sqlite_where` is said here, and `store.postgres_types` says it again:
to name PostgreSQL here would load all that knows it.
"""

from __future__ import annotations

import sqlalchemy as sa

from watcher.store import schema_access as schema_access  # noqa: PLC0414  all tables are known here
from watcher.store.append_only import append_only
from watcher.store.metadata import metadata as metadata  # noqa: PLC0414
from watcher.store.schema_work import processes as processes  # noqa: PLC0414
from watcher.store.schema_work import turns as turns  # noqa: PLC0414

events = sa.Table(
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
    sa.Index("events_by_source", "source", "position"),
    sa.Index("events_by_severity", "severity", "position"),
)

streams = sa.Table(
    "streams",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("names", sa.Text, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
)

stream_names = sa.Table(
    "stream_names",
    metadata,
    # each line of `names`, so that a stream is found by it
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True, index=True),
)

search_words = sa.Table(
    "search_words",
    metadata,
    # by which words a subject is found, and at which source they stand
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("word", sa.Text, primary_key=True),
    sa.Index("search_words_by_word", "word", "kind", "subject"),
)

search_endings = sa.Table(
    "search_endings",
    metadata,
    # every ending of those words that are found by any part of them: a part begins an ending
    sa.Column("ending", sa.Text, primary_key=True),
    sa.Column("word", sa.Text, primary_key=True),
)

search_names = sa.Table(
    "search_names",
    metadata,
    # what each subject is listed by
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Index("search_names_by_name", "name", "subject"),
)

missing = sa.Table(
    "missing",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("captures", sa.Integer, nullable=False),
)

captures = sa.Table(
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
    # its place in the ledger, from 1, without gaps: what is sealed is a range of these
    sa.Column("number", sa.Integer, nullable=True),
    sa.Index("captures_by_number", "number", unique=True),
    sa.Index("captures_by_target", "source", "url", "at"),
    sa.Index("captures_by_source", "source", "number"),
    sa.Index("captures_by_time", "at"),
)

LEASED = sa.text("leased_by <> ''")
"""What makes a target one that somebody is at; a question has to say so for its index to serve."""

targets = sa.Table(
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
    sa.Column("every", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed_at", sa.Text, nullable=False, server_default=""),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    # the server it is asked of: what is due is claimed server by server
    sa.Column("host", sa.Text, nullable=False, server_default=""),
    # the process that is about to look at it, and how many died of that
    sa.Column("leased_by", sa.Text, nullable=False, server_default=""),
    sa.Column("deaths", sa.Integer, nullable=False, server_default="0"),
    sa.Index("targets_by_host", "host", "next_due"),
    # at which servers something is due: what the scheduler asks each second
    sa.Index("targets_due", "next_due"),
    # what somebody is at, among a million that nobody is
    sa.Index("targets_leased", "leased_by", sqlite_where=LEASED),
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
)

DOUBTED = sa.text("tier > 2")
"""What makes a case one that an authority may still deny; said so, its index serves."""

cases = sa.Table(
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
    # of the source that told first; 9, where that was not kept
    sa.Column("tier", sa.Integer, nullable=False, server_default="9"),
    sa.Index("cases_by_opening", "opened_at"),
    # the few that are asked for each second, among the many that an authority told of
    sa.Index("cases_doubted", "opened_at", sqlite_where=DOUBTED),
)

case_events = sa.Table(
    "case_events",
    metadata,
    sa.Column("case", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Index("case_events_by_position", "position"),
)

held = sa.Table(
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

outbox = sa.Table(
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
    sa.Column("person", sa.Text, nullable=False, server_default=""),
    sa.Column("kind", sa.Text, nullable=False, server_default="alert"),
    sa.Column("severity", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("key", "channel"),
    sa.Index("outbox_due", "state", "next_attempt"),
    sa.Index("outbox_by_case", "case"),
    sa.Index("outbox_by_person", "person", "channel", "created_at"),
)

digest_items = sa.Table(
    "digest_items",
    metadata,
    # what waits for a digest, and in which one it was told; nothing is taken away
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
    sa.Index("digest_items_due", "told_in", "due"),
    sa.Index("digest_items_by_case", "case"),
)

case_states = sa.Table(
    "case_states",
    metadata,
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
    # what lists are ordered by: how grave it is, and the position of its lead; 0: it is no case
    sa.Column("gravity", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lead", sa.Integer, nullable=False, server_default="0"),
    sa.Index("case_states_open", "state", "escalate_at"),
    sa.Index("case_states_by_gravity", "state", "gravity", "lead"),
    sa.Index("case_states_by_lead", "lead"),
)

channel_health = sa.Table(
    "channel_health",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("closed_until", sa.Text, nullable=False),
    sa.Column("last_taken", sa.Text, nullable=False),
    sa.Column("last_refused", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
)

tiles = sa.Table(
    "tiles",
    metadata,
    # roots of whole subtrees of 256, 65,536 … events, so that a proof need not hash the whole log
    sa.Column("level", sa.Integer, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

signed_checkpoints = sa.Table(
    "signed_checkpoints",
    metadata,
    sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)

memos = sa.Table(
    "memos",
    metadata,
    # every stream's state as of a position, so that the past is asked for from near by
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("observed_until", sa.Text, nullable=False),
    sa.Column("recorded_until", sa.Text, nullable=False),
    sa.Column("states", sa.LargeBinary, nullable=False),
)

hosts = sa.Table(
    "hosts",
    metadata,
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


CLOSED = {
    "events": "the log",
    "captures": "the ledger of captures",
    "signed_checkpoints": "the list of signed checkpoints",
}
"""The tables of which nothing is ever changed or taken away, and what each is to people."""

APPEND_ONLY = tuple(
    trigger for table, what in CLOSED.items() for trigger in append_only("sqlite", table, what)
)
"""SQLite's form of that promise."""


def begins(column: sa.Column[str], beginning: str) -> sa.ColumnElement[bool]:
    """Return that a text begins so, as a range of an index: `LIKE` would go through every row."""
    # no text sorts after the last character there is
    return sa.and_(column >= beginning, column < f"{beginning}\U0010ffff")
