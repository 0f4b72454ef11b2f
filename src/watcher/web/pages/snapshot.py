"""Being made."""

from __future__ import annotations

from litestar import Controller


class SnapshotPage(Controller):
    """Being made."""

    path = "/snapshot_"
