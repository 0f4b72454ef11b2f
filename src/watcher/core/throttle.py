"""No flood: of much at once a reader gets the first few alone, and all the rest in one message."""

from __future__ import annotations

from datetime import datetime, timedelta

from watcher.core.taxonomy import Severity

MOST = 10
"""Messages of their own that a reader gets through a channel within `WINDOW`."""
WINDOW = timedelta(minutes=10)
SOON = timedelta(minutes=1)
"""For how long at most a summary waits that holds something critical."""


def summary_due(severity: Severity, at: datetime, already: int) -> datetime | None:
    """Return when the summary is due that tells of one thing more; None: it is told alone.

    Args:
        severity: How grave it is.
        at: When it would be told.
        already: How many messages of their own the reader gets within `WINDOW` before that.
    """
    if already < MOST:
        return None
    return at + (SOON if severity is Severity.CRITICAL else WINDOW)
