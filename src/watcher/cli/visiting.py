"""Commands about being a guest: `hosts`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import typer

from watcher.bootstrap import SystemClock, Watcher
from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, told_errors, watching
from watcher.cli.printing import as_json, escaped, table
from watcher.config.model import UNLIMITED
from watcher.core.capture import instant
from watcher.ports.hosts import ASKING, RobotsCopy, Standing

_BROKEN = 5
"""After so many faults in a row a host is left alone: `Manners.failures`."""

_COLUMNS = (
    *("host", "today#", "budget#", "kB#", "pace#"),
    *("last asked", "left alone until", "breaker", "robots.txt"),
)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(hosts)


@told_errors
def hosts(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """List the servers we are guests of: how often we asked today, and which we leave alone.

    Days are UTC days. The breaker of a host is closed while it is well, open while it is left
    alone after faults in a row, half-open when the next request will show whether it is well.
    """
    with watching(config, writable=False) as watcher:
        rows = _rows(watcher, SystemClock().now())
    if json:
        as_json(rows)
        return
    table(
        "",
        _COLUMNS,
        (
            (
                row["host"],
                row["requests"],
                row["budget"] or "–",
                int(str(row["bytes"])) // 1000,
                f"{row['pace']}s",
                _minute(row["last_asked"]) or "never",
                escaped(f"{_minute(row['paused_until'])} {row['why']}".strip()),
                row["breaker"],
                escaped(str(row["robots"])),
            )
            for row in rows
        ),
    )


def _rows(watcher: Watcher, now: datetime) -> list[dict[str, object]]:
    with watcher.store.reading() as work:
        known = {each.host: each for each in work.hosts.standings()}
        robots = {host: work.hosts.robots(host) for host in known}
    named = {
        urlsplit(url).netloc.casefold() for each in watcher.sources.values() for url in each.urls
    }
    return [
        _row(watcher, known.get(host, Standing(host=host)), robots.get(host, {}), now)
        for host in sorted(known.keys() | named)
    ]


def _row(
    watcher: Watcher, standing: Standing, robots: Mapping[str, RobotsCopy], now: datetime
) -> dict[str, object]:
    owed = watcher.config.host(urlsplit(f"//{standing.host}").hostname or standing.host)
    is_today = standing.day == now.date().isoformat()
    is_paused = standing.paused_until > instant(now)
    return {
        "host": standing.host,
        "requests": standing.requests if is_today else 0,
        "budget": None if owed.budget == UNLIMITED else owed.budget,
        "bytes": standing.bytes if is_today else 0,
        "pace": owed.pace,
        "connections": owed.connections,
        "last_asked": standing.last_asked,
        "paused_until": standing.paused_until if is_paused else "",
        "why": standing.why if is_paused or standing.why == ASKING else "",
        "failures": standing.failures,
        "breaker": _breaker(standing, is_paused=is_paused),
        "robots": "; ".join(_robots(copy) for copy in robots.values()) or "not asked for yet",
    }


def _breaker(standing: Standing, *, is_paused: bool) -> str:
    if standing.failures < _BROKEN:
        return "closed"
    return "open" if is_paused else "half-open"


def _robots(copy: RobotsCopy) -> str:
    if copy.failure:
        return f"cannot be had since {_minute(copy.failing_since)}: {copy.failure}"
    rules = f"{len(copy.text):,} characters" if copy.text else "none: no restriction"
    return f"{rules}, of {_minute(copy.at)}"


def _minute(at: object) -> str:
    return str(at)[:16].replace("T", " ")
