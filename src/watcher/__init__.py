"""watcher: an event-sourced monitor of regulatory sources."""

__version__ = "0.9.0"
