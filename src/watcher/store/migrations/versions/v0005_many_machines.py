"""Many machines: targets with their server and who is at them, the processes, the turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from watcher.core.shard import host_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 1_000


def upgrade() -> None:
    """Add the columns and tables by which several processes share the work."""
    for name, kind, default in (
        ("every", sa.Integer, "0"),
        ("changed_at", sa.Text, ""),
        ("priority", sa.Integer, "0"),
        ("host", sa.Text, ""),
        ("leased_by", sa.Text, ""),
        ("deaths", sa.Integer, "0"),
    ):
        op.add_column("targets", sa.Column(name, kind, nullable=False, server_default=default))
    op.create_table(
        "processes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("machine", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("beat_at", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("held_by", sa.Text, nullable=False),
        sa.Column("held_since", sa.Text, nullable=False),
    )
    _find_hosts()
    op.create_index("targets_by_host", "targets", ["host", "next_due"])


def _find_hosts() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT DISTINCT url FROM targets")).scalars().all()
    hosts = {url: host_of(url) for url in found}
    named = sa.text("UPDATE targets SET host = :host WHERE url = :url")
    rows = [{"url": url, "host": host} for url, host in hosts.items()]
    for start in range(0, len(rows), _BATCH):
        connection.execute(named, rows[start : start + _BATCH])
    turns = [{"name": host} for host in sorted(set(hosts.values()))]
    if turns:
        connection.execute(sa.text("INSERT INTO turns VALUES (:name, '', '')"), turns)
