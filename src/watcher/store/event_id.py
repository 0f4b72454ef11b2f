"""The id of an event: the same happening, seen in the same capture, has the same one."""

from __future__ import annotations

import hashlib

from watcher.core.events import Cause, Event, Provenance
from watcher.store import codec


def event_id(stream: str, event: Event, capture: str) -> str:
    """Return the id of an event: what happened in which stream, seen in which capture.

    The same diff after a crash gives the same id, so it cannot be appended twice. The reader's
    version is not in it: how we read is provenance, not what happened.
    """
    changes = [(each.path, each.action, each.before, each.after) for each in event.changes]
    told = [stream, event.type, event.jurisdiction, changes, dict(event.details), capture]
    told += [event.effective, event.nature]
    return hashlib.sha256(codec.encode_value(told)).hexdigest()


def seen_in(provenance: Provenance, cause: Cause) -> str:
    """Return the capture, and who read it anew: a better reader may take it back again."""
    return provenance.capture + f" read by {provenance.reader}" * (cause is Cause.REREAD)
