"""Alembic's migrations: how an older database becomes this one."""
