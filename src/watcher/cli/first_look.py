"""The first look of a new watcher: the table, the pages of what is watched, and what that shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from watcher.bootstrap import Watcher
from watcher.cli.common import say
from watcher.cli.printing import escaped, progressing, table
from watcher.config.first_file import PAGES, TABLE
from watcher.core.text import shorten
from watcher.errors import OperationalError
from watcher.readers.registry import reader
from watcher.services.catalogue import Listed, of_reading, of_store, on_lists
from watcher.services.check import Outcome
from watcher.services.reading import payloads

FRESH = timedelta(hours=6)
"""A table that was looked at so short a time ago is not asked for again."""
_MOST_PAGES = 5
_ROWS = 12
_COLUMNS = ("medicine", "substance", "number", "status", "since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The medicines that are known.

    Attributes:
        medicines: All of the table's; empty where it could not be had.
        why_not: Why it could not be had, in words.
    """

    medicines: tuple[Listed, ...] = ()
    why_not: str = ""


def in_bulk_file(path: Path) -> Known:
    """Return the medicines of EMA's table in a file.

    Raises:
        OperationalError: It is not there, or not EMA's table.
    """
    found = list(payloads([path]))
    if len(found) != 1:
        message = f"{path}: expected EMA's table in one file, found {len(found)} files"
        raise OperationalError(message)
    return Known(medicines=of_reading(reader("ema_medicines").read(found[0][1])))


def table_looked_at(watcher: Watcher) -> Known:
    """Look at the table, unless that was done a moment ago, and return its medicines."""
    source = watcher.source(TABLE)
    with watcher.store.reading() as work:
        last = work.captures.target(source.id, source.urls[0]).last_good_at
    if not last or watcher.tools.clock.now() - datetime.fromisoformat(last) > FRESH:
        say(f"asking {source.urls[0]} for the table of all medicines …")
        capture = watcher.check(source, source.urls[0]).capture
        if not capture.verdict.is_good:
            return Known(why_not=f"{capture.verdict}: {shorten(capture.reason, 200)}")
    return Known(medicines=of_store(watcher.store, [TABLE]))


def pages_looked_at(watcher: Watcher) -> tuple[list[Outcome], int]:
    """Look at the first few pages of what is watched; return the looks, and how many are left."""
    watcher.alert()
    source = watcher.source(PAGES)
    wanted = watcher.addresses(source)
    now = wanted[:_MOST_PAGES]
    looks = (watcher.check(source, url) for url in now)
    done = list(progressing("looking at pages", looks, total=len(now)))
    for outcome in done:
        if not outcome.capture.verdict.is_good:
            say(f"{outcome.capture.url}: {outcome.capture.verdict}: {outcome.capture.reason}")
    return done, len(wanted) - len(now)


def watched(watcher: Watcher) -> tuple[Listed, ...]:
    """Return what is known of the medicines on watch lists, those that ended first."""
    return on_lists(of_store(watcher.store, [TABLE]), watcher.config.watch_lists)


def show(medicines: Sequence[Listed]) -> None:
    """Print the medicines that are watched, and in a sentence how they stand."""
    if medicines:
        table("", _COLUMNS, map(_row, medicines[:_ROWS]))
    for line in in_words(medicines):
        say(line)


def in_words(medicines: Sequence[Listed]) -> Iterator[str]:
    """Yield what was found: how many, how many have ended already, and that this told no one."""
    if not medicines:
        yield "no medicine on your watch lists is in the table; `watcher add NAME` looks one up"
        return
    more = len(medicines) - _ROWS
    if more > 0:
        yield f"… and {more} more"
    counts = Counter(each.status or "without a status" for each in medicines)
    stands = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    ended = sum(each.has_ended for each in medicines)
    many = len(medicines)
    yield f"{many} of your medicines: {stands}" + (f"; {ended} ended already" if ended else "")


def _row(each: Listed) -> tuple[str, ...]:
    words = (each.name, shorten(each.substance, 40), each.number, each.status, each.since)
    return tuple(escaped(word) or "–" for word in words)
