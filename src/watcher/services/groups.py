"""Which targets of a source share their subjects, so that their history is one and made as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from watcher.core.events import Cause, Recorded
from watcher.ports.store import EventFilter, Work

_ABOUT_WATCHING = frozenset({"source", "channel"})


@dataclass(frozen=True, slots=True)
class Group:
    """Targets, and the streams that only these targets speak of.

    Attributes:
        urls: The targets.
        streams: The streams.
    """

    urls: frozenset[str]
    streams: frozenset[str] = frozenset()

    def joined(self, others: Iterable[Group]) -> Group:
        """Return this group and all `others` as one."""
        both = (self, *others)
        return Group(
            frozenset().union(*(each.urls for each in both)),
            frozenset().union(*(each.streams for each in both)),
        )


def tells_of_the_world(told: Recorded) -> bool:
    """Return whether an event came of a reading: not of watching itself, nor of a person."""
    is_read = bool(told.provenance.capture) and told.cause is not Cause.CORRECTED
    return is_read and told.event.subject.kind not in _ABOUT_WATCHING


def groups(work: Work, source: str) -> tuple[Group, ...]:
    """Return the targets of a source by the streams they share, in the order of their addresses.

    A list has one target and its streams are all of the source's. Of pages each has its own, but
    where an address showed one medicine and then another.
    """
    url_of = {capture.id: capture.url for capture in work.captures.read(source=source)}
    parents = {url: url for url in url_of.values()}
    home: dict[str, str] = {}
    for told in work.log.read(EventFilter(sources=(source,))):
        url = url_of.get(told.provenance.capture)
        if url is None or not tells_of_the_world(told):
            continue
        root = _root(parents, url)
        parents[_root(parents, home.setdefault(told.stream, root))] = root
    return _collected(parents, home)


def _root(parents: dict[str, str], url: str) -> str:
    while parents[url] != url:
        parents[url] = parents[parents[url]]
        url = parents[url]
    return url


def _collected(parents: dict[str, str], home: dict[str, str]) -> tuple[Group, ...]:
    urls: dict[str, set[str]] = defaultdict(set)
    for url in parents:
        urls[_root(parents, url)].add(url)
    streams: dict[str, set[str]] = defaultdict(set)
    for stream, url in home.items():
        streams[_root(parents, url)].add(stream)
    found = (Group(frozenset(urls[root]), frozenset(streams[root])) for root in urls)
    return tuple(sorted(found, key=lambda group: min(group.urls)))


def group_of(found: Iterable[Group], urls: Iterable[str]) -> Group:
    """Return the group of `urls`: these and all that share a stream with any of them."""
    wanted = Group(frozenset(urls))
    return wanted.joined(group for group in found if group.urls & wanted.urls)
