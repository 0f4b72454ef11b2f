"""The promise that nothing in a table is ever changed or taken away, as each engine keeps it."""

from __future__ import annotations

from collections.abc import Iterator

_SQLITE = """CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
    BEGIN SELECT RAISE(ABORT, '{what} is append-only'); END"""
_REFUSE = """CREATE OR REPLACE FUNCTION watcher_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$"""
_POSTGRES = (
    "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION watcher_refuse('{what}')"
)
# fires for whoever replays changes of another server, too
_ALWAYS = "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only"


def append_only(engine: str, table: str, what: str) -> Iterator[str]:
    """Yield the statements that close a table to changes.

    Migrations of the past call this, so what it yields for one engine stays as it is.

    Args:
        engine: The dialect's name.
        table: The table's name.
        what: What it is to people, "the log".
    """
    if engine == "postgresql":
        yield _REFUSE
        yield _POSTGRES.format(table=table, what=what)
        yield _ALWAYS.format(table=table)
        return
    for verb in ("UPDATE", "DELETE"):
        yield _SQLITE.format(table=table, verb=verb.lower(), VERB=verb, what=what)
