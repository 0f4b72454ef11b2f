"""Where everything is kept: SQLAlchemy Core on SQLite, payloads as files by their digest."""
