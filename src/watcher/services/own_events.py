"""Events that no page is the evidence of: what the watcher notes of itself, or a person decided."""

from __future__ import annotations

from watcher.core.events import Event, Provenance, apply
from watcher.core.facts import Subject
from watcher.ports.store import Append, Stream
from watcher.services.correlate import RECONCILER


def own_stream(subject: Subject) -> str:
    """Return the stream of what the watcher itself tells of a subject."""
    return f"{RECONCILER}/{subject}"


def appended(stream: Stream, event: Event) -> Append:
    """Return what appends one event, without evidence, where a stream stands."""
    return Append(
        stream=stream.name,
        subject=event.subject,
        expected_version=stream.version,
        events=(event,),
        evidence=((),),
        state=apply(stream.state, event),
    )


def ours(key: str, at: str, *, url: str = "", snapshot: str = "") -> Provenance:
    """Return the provenance of what the watcher itself tells.

    Args:
        key: What makes it this one: the same event under the same key stands in the log once.
        at: When it was observed, RFC 3339 UTC.
        url: The address it is about, where there is one.
        snapshot: The digest of a payload that says more.
    """
    return Provenance(
        source=RECONCILER,
        tier=1,
        url=url,
        capture=key,
        snapshot=snapshot,
        reader="",
        observed_at=at,
    )
