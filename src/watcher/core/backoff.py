"""When a message that was not taken is tried again, and when it is given up."""

from __future__ import annotations

import hashlib
from datetime import timedelta

STEPS = tuple(timedelta(minutes=wait) for wait in (1, 5, 15, 60, 180, 360, 720, 1440))
"""How long to wait after each failed attempt; greylisting servers want minutes, outages hours."""
GIVE_UP_AFTER = 21
"""Attempts before a message is given up: a fortnight of daily ones after the first day."""
_SPREAD = 0.2


def wait(key: str, attempts: int) -> timedelta:
    """Return how long to wait after the `attempts`-th failed attempt.

    It is up to a fifth shorter than the step, by what the key says: messages that failed together
    do not come back together, and the same message waits the same each time it is computed.
    """
    step = STEPS[min(attempts, len(STEPS)) - 1]
    return step * (1 - _SPREAD * fraction(f"{key} {attempts}"))


def fraction(seed: str) -> float:
    """Return a number from 0 to just below 1 that is spread evenly over seeds."""
    return int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:4]) / 2**32
