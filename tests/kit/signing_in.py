"""Users with passwords that are quick to check, and a door to sign in at."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher

from kit.clocks import StandingClock
from kit.engines import place_at
from watcher.core.access import Role
from watcher.core.sign_in import Limits
from watcher.ports.access import User
from watcher.ports.store import Store
from watcher.services.accounts import NewToken, NewUser, add_token, add_user
from watcher.services.decisions import Decider
from watcher.services.sign_in import Door, Knock, draw_token
from watcher.store.passwords import Argon2Passwords
from watcher.store.store import SqlStore

PASSWORD = "four plain words here"
KEY = b"k" * 32
HERE = Knock(address="192.0.2.7", agent="a browser")


def quick() -> Argon2Passwords:
    """Return what keeps passwords with as little work as there can be."""
    return Argon2Passwords(_little_work())


def _little_work() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


QUICK = quick()
HASHED = _little_work().hash(PASSWORD, salt=b"always the same.")
"""What is kept of `PASSWORD`, the same in every process: tests are named by it."""


def by(who: str = "m. weber", request: str = "") -> Decider:
    by.count += 1
    return Decider(who=who, request=request or f"{by.count:032x}")


by.count = 0


def add(store: Store, clock: StandingClock, name: str = "anna", role: Role = Role.EDITOR) -> User:
    """Add a user who has `PASSWORD`."""
    new = NewUser(name=name, title="", role=str(role), password=HASHED)
    add_user(store, new, by(), clock)
    with store.reading() as work:
        found = work.access.user(name)
    assert found is not None
    return found


def token(store: Store, clock: StandingClock, role: Role = Role.READER, days: int = 0) -> str:
    """Add a token and return it as a program sends it."""
    token_id, told, kept = draw_token()
    new = NewToken(id=token_id, title="the dashboard", role=str(role), secret=kept, days=days)
    add_token(store, new, by(), clock)
    return told


def door(store: Store, clock: StandingClock, limits: Limits | None = None) -> Door:
    return Door(store=store, passwords=QUICK, clock=clock, limits=limits or Limits(), key=KEY)


def new_store(folder: Path) -> SqlStore:
    return SqlStore(place_at(folder / "watcher.db"), writable=True)
