"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# machines are shared and noisy: a law is about what is true, not about how soon
settings.register_profile("watcher", deadline=None)
settings.load_profile("watcher")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real EMA data beside the project; a test that needs them skips where they are missing."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip("the real EMA data are not beside the project (../shared/data)")
    return data


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The three reference pages beside the project."""
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip("the reference pages are not beside the project (../shared/seeds)")
    return folder
