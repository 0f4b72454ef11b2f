"""Sources as the steps see them, made of the configuration, and when each is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from watcher.bootstrap.letters import source_names
from watcher.config.model import Config
from watcher.config.model import Source as ConfiguredSource
from watcher.core.capture import Target
from watcher.core.schedule import look_again, spread
from watcher.readers.reader import Reader
from watcher.readers.registry import reader
from watcher.services.follow import Following
from watcher.services.heartbeat import Beating, Watched
from watcher.services.overdue import PATIENCE
from watcher.services.source import Source

_FIRST_RETRY = timedelta(minutes=1)
_MOST_DOUBLINGS = 12


def followings(config: Config) -> Iterator[Following]:
    """Yield the sources whose pages another source names."""
    for source in config.sources:
        if (followed := source.follow) is not None:
            yield Following(
                source=source.id,
                bulk=followed.source,
                every=followed.every,
                lists=config.watch_lists if followed.only_watched else None,
            )


def beating(config: Config) -> Beating | None:
    """Return who is sent the weekly proof that we watch, and of what; None: no one."""
    if config.heartbeat is None:
        return None
    names = source_names(config)
    return Beating(
        plan=config.heartbeat,
        lists=config.heartbeat.lists(config.watch_lists),
        people={person.id: person for person in config.people},
        groups={group.id: group for group in config.groups},
        watched=tuple(
            Watched(
                id=source.id,
                name=names[source.id].name,
                tier=source.tier,
                expected=_expected(source),
            )
            for source in config.sources
        ),
    )


def _expected(source: ConfiguredSource) -> Callable[[datetime], datetime]:
    """Return until when the next good look has to come after one: one may have failed between."""
    jitter = timedelta(seconds=source.schedule.jitter)

    def latest(at: datetime) -> datetime:
        if source.follow is not None:
            return at + 2 * timedelta(seconds=source.follow.every) + PATIENCE
        once = look_again(source.schedule, at, seed="")
        return look_again(source.schedule, once, seed="") + jitter + PATIENCE

    return latest


def made(configured: ConfiguredSource) -> Source:
    """Return a source as the steps see it."""
    least, most = configured.expect.records or (1, 10_000_000)
    return Source(
        id=configured.id,
        title=configured.title,
        reader=_reader(configured),
        urls=configured.urls,
        tier=configured.tier,
        absent_after=configured.absent_after,
        least_records=least,
        most_records=most,
        allow_private=configured.allow_private,
        max_bytes=configured.max_bytes,
        seconds=float(configured.timeout),
        follows=configured.follow.source if configured.follow else "",
        pace=configured.pace,
    )


def _reader(configured: ConfiguredSource) -> Reader:
    """Return the source's reader; options make one of their own."""
    if configured.options is None:
        return reader(configured.reader)
    from watcher.readers.generic import generic_reader  # noqa: PLC0415  # loads an HTML parser

    return generic_reader(configured.options)


def due_by(config: Config) -> Callable[[Target, datetime], datetime]:
    """Return when to look at a target next: by its schedule, sooner after a look that failed."""
    schedules = {source.id: source.schedule for source in config.sources}
    followed = {source.id: source.follow for source in config.sources if source.follow}
    paces = {source.id: source.pace for source in config.sources}

    def when(target: Target, now: datetime) -> datetime:
        pace = paces[target.source]
        if pace is not None and target.every and target.every < pace.promised:
            regular = now + timedelta(seconds=pace.kept(target.every))
        elif target.source in followed:
            regular = spread(followed[target.source].every, now, seed=_seed(target))
        else:
            regular = look_again(schedules[target.source], now, seed=_seed(target))
        if not target.failures:
            return regular
        wait = _FIRST_RETRY * (1 << min(target.failures - 1, _MOST_DOUBLINGS))
        return min(regular, now + wait)

    return when


def _seed(target: Target) -> str:
    return f"{target.source} {target.url}"
