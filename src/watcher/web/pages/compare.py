"""Being made."""

from __future__ import annotations

from litestar import Controller


class ComparePage(Controller):
    """Being made."""

    path = "/compare_"
