"""The program's own faulty server, by the name that tests know it by."""

from __future__ import annotations

from watcher.selftest.server import FaultyServer

__all__ = ["FaultyServer"]
