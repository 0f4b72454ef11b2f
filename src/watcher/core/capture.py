"""Targets and captures: what we look at, and what each look was like.

A capture is one attempt, the failed ones included; "we looked and nothing had changed" is a fact
about the world too, and the capture is its proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from watcher.core.verdict import Verdict

NEVER_DUE = "9999-12-31T00:00:00.000000Z"
"""`Target.next_due` of a page that is no longer to be looked at, and whose history is kept."""
URGENT, LISTS, NEWS = 3, 2, 1
"""`Target.priority`: an authority to be asked whether something critical is so; a table or feed
that names others; a page of which something was said; all else is 0. Tables come before their
pages: else one whose rows all change at once would not be looked at until its last page was."""
ARCHIVED = "read from an archive"
"""The last signal of a capture that was made by another, and read by us later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One attempt to fetch a target.

    Attributes:
        id: Sortable by time: `20241213T062107123Z-1a2b3c4d`.
        source: The source's id.
        url: The target's address.
        at: When it was made, RFC 3339 UTC.
        verdict: What it turned out to be.
        reason: Why, in words.
        signals: What the verdict was drawn from.
        status: The HTTP status; 0 where there was no answer.
        final_url: The address that answered, after redirects.
        headers: The answer's headers.
        digest: The payload's `sha256:…`; empty where there was none.
        is_revisit: Whether the payload equals the one of an earlier capture.
        size: Bytes of the decoded payload.
        milliseconds: How long the exchange took.
        reader: Name and version of the reader that read it; empty: it was not read.
        records: How many subjects the reading has.
        events: How many events came of it.
    """

    id: str
    source: str
    url: str
    at: str
    verdict: Verdict
    reason: str = ""
    signals: tuple[str, ...] = ()
    status: int = 0
    final_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    is_revisit: bool = False
    size: int = 0
    milliseconds: int = 0
    reader: str = ""
    records: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address a source expands to, and where we are with it.

    Attributes:
        source: The source's id.
        url: The address.
        next_due: When to look next, RFC 3339 UTC; empty: at once.
        etag: Validator of the last good capture.
        last_modified: Likewise.
        digest: Payload digest of the last good capture.
        reader: Reader and version that read it; another one reads the stored payload again first.
        last_good: Id of the last good capture.
        last_good_at: When that was.
        subject: The one subject it was about; empty where it had several.
        records: How many records it had.
        items: How many documents and other listed things it had.
        waiting: Whether something was missing in it and is being waited for.
        failures: How many captures since then were not good.
        failing_since: When the first of them was.
        every: Seconds between its looks, as its own changes ask for; 0: as its source says.
        changed_at: When something on it was last seen to have changed; empty: never yet.
        priority: Before which others it is looked at when it is due; see `URGENT`.
    """

    source: str
    url: str
    next_due: str = ""
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    reader: str = ""
    last_good: str = ""
    last_good_at: str = ""
    subject: str = ""
    records: int = 0
    items: int = 0
    waiting: bool = False
    failures: int = 0
    failing_since: str = ""
    every: int = 0
    changed_at: str = ""
    priority: int = 0

    def moved_to(self, next_due: str, priority: int) -> Target:
        """Return it with another turn; all that is known of it stays."""
        return replace(self, next_due=next_due, priority=priority)

    @property
    def is_new(self) -> bool:
        """Return whether it was never seen well: its first reading is a baseline."""
        return not self.last_good


def instant(moment: datetime) -> str:
    """Return `moment` in RFC 3339, UTC, to the microsecond: sortable as text."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z"


def capture_id(url: str, at: str) -> str:
    """Return the id of the capture of `url` made at the instant `at`."""
    compact = at.replace("-", "").replace(":", "").replace(".", "")
    return f"{compact[:18]}Z-{hashlib.sha256(f'{url} {at}'.encode()).hexdigest()[:8]}"
