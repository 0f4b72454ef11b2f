"""Commands about reading the past anew: `reread`."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
