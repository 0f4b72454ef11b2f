"""Commands about what a person decides: `correct`, `redact`, `audit`."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
