"""Every number that `/metrics` tells: its name, its labels and what it means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """One metric.

    Attributes:
        name: Its name, with its unit; a name that ends in `_total` only grows.
        labels: What tells its samples apart.
        meaning: What it says, for people.
    """

    name: str
    labels: tuple[str, ...]
    meaning: str

    @property
    def is_counter(self) -> bool:
        """Return whether it only grows."""
        return self.name.endswith("_total")


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, of the family of its name."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


FAMILIES = (
    Family("watcher_build_info", ("version", "python"), "1, for what runs here."),
    Family(
        "watcher_captures_total", ("source", "verdict"), "Looks, by what they turned out to be."
    ),
    Family(
        "watcher_payload_bytes_total",
        ("source",),
        "Bytes of payloads that were met for the first time, as they came.",
    ),
    Family("watcher_events_total", ("family", "severity"), "Events in the log."),
    Family("watcher_log_head", (), "The last position of the log."),
    Family("watcher_alerting_lag_events", (), "Events that no rule has been asked about yet."),
    Family("watcher_memo_lag_events", (), "Events since the last memo of the past."),
    Family("watcher_unsigned_events", (), "Events that no signed checkpoint covers yet."),
    Family(
        "watcher_checkpoint_age_seconds",
        (),
        "Seconds since the log's head was last signed; +Inf: never.",
    ),
    Family(
        "watcher_last_good_capture_seconds",
        ("source",),
        "Seconds since a source was last seen as it is; +Inf: never.",
    ),
    Family("watcher_targets", ("source",), "Addresses that are looked at."),
    Family(
        "watcher_targets_overdue",
        ("source",),
        "Addresses of those that have been due for more than an hour.",
    ),
    Family("watcher_targets_due", (), "Addresses that are due and that nobody has yet."),
    Family("watcher_targets_leased", (), "Addresses that somebody is looking at."),
    Family("watcher_queue_age_seconds", (), "Seconds since when the longest due address is due."),
    Family(
        "watcher_processes",
        ("role", "state"),
        "Processes by what they do: alive, or silent for so long that others take over.",
    ),
    Family(
        "watcher_role_missing", ("role",), "1 while nobody does what has to be done by somebody."
    ),
    Family("watcher_fetch_pressure", (), "How much fetching gives way to telling: 0 not at all."),
    Family("watcher_outbox_messages", ("state",), "Messages, by what became of them."),
    Family(
        "watcher_outbox_oldest_seconds",
        ("state",),
        "Seconds that the oldest message waits; there is none where no message does.",
    ),
    Family("watcher_channel_closed", ("channel",), "1 while nothing is sent through a channel."),
    Family("watcher_channel_failures", ("channel",), "Attempts in a row that failed."),
    Family("watcher_open_cases", (), "Cases that nobody has acknowledged."),
    Family("watcher_held_events", (), "Events held back until a person has looked."),
    Family("watcher_host_requests_today", ("host",), "Requests to a host on this UTC day."),
    Family("watcher_host_bytes_today", ("host",), "Bytes a host sent on this UTC day."),
    Family(
        "watcher_host_budget_requests",
        ("host",),
        "Requests a host may be asked on one day; +Inf: no limit.",
    ),
    Family("watcher_host_paused", ("host",), "1 while a host is left alone."),
)
"""In the order in which they are told."""


def table() -> str:
    """Return all of them as a table in Markdown, for `docs/metrics.md`."""
    rows = [
        f"| `{each.name}` | {'counter' if each.is_counter else 'gauge'} | "
        f"{', '.join(each.labels) or '–'} | {each.meaning} |"
        for each in FAMILIES
    ]
    return "\n".join(["| metric | kind | labels | meaning |", "|---|---|---|---|", *rows]) + "\n"
