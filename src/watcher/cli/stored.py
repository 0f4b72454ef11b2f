"""Commands about what is stored: `snapshots`, `backup`, `restore`."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
