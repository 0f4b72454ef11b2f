"""`watcher`: all commands at once, for whoever needs the whole application."""

from __future__ import annotations

from watcher.cli.application import application

app = application()
