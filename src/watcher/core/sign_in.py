"""How long somebody stays signed in, and how long one who fails has to wait: rules, and no clock.

The delay grows from a second to a quarter of an hour and no further: an attacker who is slowed to a
hundred guesses a day finds no password, and whoever they pretend to be is not locked out for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

FORMS = "watcher forms 1"
"""What the key is derived for that forms are sealed with."""
FREE = 5
"""Failures in a row of one account that cost no time: people mistype."""
FREE_OF_AN_ADDRESS = 20
"""The same of one address: behind it may be a whole hospital."""
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)
"""After so long without a failure nothing is remembered of those before."""
TOUCHED = timedelta(minutes=1)
"""How exactly it is known when a session or a token was last used."""
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
"""Characters; NIST SP 800-63B asks for length and nothing else that people would write down."""
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
"""What a user is called: lower-case, so that nobody is two."""
_DOUBLINGS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long sessions last, in seconds, and how many there are.

    Attributes:
        idle: After so long without a page one has to sign in again.
        absolute: After so long in any case.
        most: How many sessions one user has; the one used longest ago ends for a new one.
    """

    idle: int = 8 * 3600
    absolute: int = 7 * 24 * 3600
    most: int = 5

    def is_over(self, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
        """Return whether a session has ended by itself."""
        is_idle = now - seen_at > timedelta(seconds=self.idle)
        return is_idle or now - created_at > timedelta(seconds=self.absolute)


def wait_after(failures: int, free: int) -> timedelta:
    """Return for how long nobody is let try again after so many failures in a row.

    Args:
        failures: How many there were.
        free: How many of them cost nothing.
    """
    if failures < free:
        return timedelta(0)
    return min(LONGEST_WAIT, timedelta(seconds=2 ** min(failures - free, _DOUBLINGS)))


def why_not(password: str, name: str) -> str:
    """Return why a password cannot be used, in words; empty: it can."""
    if len(password) < SHORTEST_PASSWORD:
        return f"a password has {SHORTEST_PASSWORD} characters at least: a few words are good"
    if len(password) > LONGEST_PASSWORD:
        return f"a password has {LONGEST_PASSWORD} characters at most"
    if len(set(password)) < 5 or name.casefold() in password.casefold():
        return "that is too easy to guess: not the name, and not the same character over and over"
    return ""
