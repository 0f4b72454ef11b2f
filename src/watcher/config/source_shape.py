"""The shape of a source and of a host in `sources.yaml`: what is looked at, and how politely."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from watcher.config.addresses import WebAddress, is_private
from watcher.config.document import Entries, Items, Scalar
from watcher.config.inspection import Inspection
from watcher.config.kinds import Choice, Flag, ListOf, Reference, Span, Text, Whole, WholeOr
from watcher.config.model import UNLIMITED, Expect, Follow, Host, Source
from watcher.config.quantities import CronText, Zone, duration, per_day, size
from watcher.config.reader_options import Options
from watcher.config.section import Key, Section, Values, inside
from watcher.core.cron import parse_cron
from watcher.core.schedule import Cron, Every, Schedule
from watcher.core.settle import NEVER

_ID = Text(
    what="an id of lower-case letters, digits and hyphens", pattern=r"[a-z0-9][a-z0-9-]{0,63}"
)
TIER = Whole(1, 4)
_HOURLY = 3600
_DAILY = 86_400
_BULK = "/documents/report/"
"""What stands in the address of each of EMA's bulk files, made anew twice a day."""
_TAKES_OPTIONS = "generic"


def named(what: str) -> tuple[Key, Key]:
    """Return the keys that whatever has an id has."""
    return (
        Key("id", _ID, f"The {what}'s id, once in the file.", is_required=True),
        Key("title", Text(), f"The {what}'s name for people; else its id."),
    )


def _host(**values: Any) -> Host:
    free = {"budget": UNLIMITED} if values.get("pace") == 0 else {}
    return Host(**{**free, **values})


POLITENESS = Section(
    what="host",
    keys=(
        Key(
            "pace",
            duration("0s", "1h"),
            "The time to leave between two requests to this host.",
            default="10s",
        ),
        Key(
            "budget",
            per_day("1/day", "100000/day"),
            "How many requests a day it is asked at most; the rest waits for the next day.",
            default="2000/day",
        ),
        Key("connections", Whole(1, 4), "How many requests at the same time.", default=1),
    ),
    build=_host,
)


def _follow(
    source: str,
    every: int = 30 * _DAILY,
    where: bool = False,  # noqa: FBT001, FBT002
    down_to: int = 0,
) -> Follow:
    return Follow(source=source, every=every, only_watched=where, down_to=down_to)


def _check_down_to(node: Entries, values: Values, on: Inspection) -> None:
    """Check that the shortest interval is not the longer one."""
    every = values.get("every", 30 * _DAILY)
    if values.get("down_to", 0) > every:
        on.note(node.nodes["down_to"], "has to be at most every: nothing is looked at less often")


FOLLOW = Section(
    what="following section",
    keys=(
        Key(
            "source",
            Reference("sources", "source"),
            "The source whose rows name the pages, such as EMA's table of all medicines.",
            is_required=True,
        ),
        Key(
            "every",
            duration("1d", "365d"),
            "After how long each page is looked at although nothing was said of it.",
            default="30d",
        ),
        Key(
            "where",
            Choice({"all": False, "watched": True}),
            "Which pages: all, or watched: of medicines on a watch list.",
            default="all",
        ),
        Key(
            "down_to",
            duration("1m", "365d"),
            "How soon a page that changes often is looked at again; else all keep to every.",
        ),
    ),
    build=_follow,
    check=_check_down_to,
)

EXPECT = Section(
    what="list of expectations",
    keys=(
        Key(
            "records",
            Span(Whole(0, 10_000_000)),
            "The fewest and the most records of a good reading; another one is not believed.",
        ),
    ),
    build=Expect,
)


def _check_source(node: Entries, values: Values, on: Inspection) -> None:
    """Check what no key of a source can see alone."""
    is_public = not values.get("allow_private")
    for name in values.keys() & {"url", "urls"}:
        for url in [values["url"]] if name == "url" else values["urls"]:
            if is_public and is_private(urlsplit(url).hostname or ""):
                on.note(node.nodes[name], f"{url} is a private address: add allow_private: true")
    if "zone" in node.nodes and "cron" not in node.nodes:
        on.note(node.nodes["zone"], "goes with cron; every counts the hours that pass")
    every, jitter = values.get("every"), values.get("jitter", 0)
    if "down_to" in node.nodes and "every" not in node.nodes:
        on.note(node.nodes["down_to"], "goes with every; in follow it has a place of its own")
    elif every is not None:
        _check_down_to(node, values, on)
    if every is not None and jitter >= every:
        on.note(node.nodes["jitter"], "has to be shorter than every")
    if every is not None and every < _HOURLY and is_public:
        on.advise(node.nodes["every"], "is more often than hourly, which authorities ask not to do")
    elif is_public and (seldom := _too_often(values)):
        on.advise(node.nodes[seldom], "is more than the twice a day that EMA's bulk files change")
    _check_options(node, on)
    _check_follow(node, values, on)


def _too_often(values: Values) -> str:
    """Return the key that has a bulk file of EMA's fetched more than twice a day, or nothing."""
    if not any(_BULK in url for url in (values.get("url", ""), *values.get("urls", ()))):
        return ""
    if values.get("every", _DAILY) < _DAILY // 2:
        return "every"
    looks = parse_cron(values["cron"]) if "cron" in values else None
    return "cron" if looks and len(looks.hours) * len(looks.minutes) > 2 else ""


def _check_follow(node: Entries, values: Values, on: Inspection) -> None:
    """Check that a source does not follow itself, and has no jitter that nothing would use."""
    follow = values.get("follow")
    if follow is not None and follow.source == values.get("id"):
        on.note(node.nodes["follow"], "a source cannot follow itself")
    if "follow" in node.nodes and "jitter" in node.nodes:
        on.note(node.nodes["jitter"], "goes with every and cron; pages followed are spread anyway")


def _check_options(node: Entries, on: Inspection) -> None:
    """Check that the reader that needs options has them, and that no other has."""
    named = node.nodes.get("reader")
    reader = named.value if isinstance(named, Scalar) else None
    options = node.nodes.get("options")
    if reader == _TAKES_OPTIONS and options is None:
        message = "is missing: which labels and lists of the page are facts; {} for every label"
        on.note(inside(node, "options"), message)
    elif options is not None and reader != _TAKES_OPTIONS and reader in on.known.get("readers", ()):
        on.note(options, f"goes with the reader {_TAKES_OPTIONS}; {reader} knows its pages itself")


def _schedule(values: Values) -> Schedule:
    jitter = values.get("jitter", 0)
    if "follow" in values:
        return Every(values["follow"].every)
    if "every" in values:
        return Every(values["every"], jitter)
    return Cron(values["cron"], values.get("zone", "UTC"), jitter)


_AS_THEY_ARE = frozenset(
    {"id", "reader", "options", "tier", "expect", "absent_after", "allow_private", "timeout"}
    | {"follow", "down_to"}
)


def _source(**values: Any) -> Source:
    given = {name: value for name, value in values.items() if name in _AS_THEY_ARE}
    if "max_size" in values:
        given["max_bytes"] = values["max_size"]
    return Source(
        title=values.get("title", values["id"]),
        urls=(values["url"],) if "url" in values else values.get("urls", ()),
        schedule=_schedule(values),
        **given,
    )


SOURCE = Section(
    what="source",
    keys=(
        *named("source"),
        Key(
            "reader",
            Reference("readers", "reader"),
            "The reader that understands its pages.",
            is_required=True,
        ),
        Key("options", Options(), "With the reader generic: what its pages are like."),
        Key("url", WebAddress(), "Its address."),
        Key("urls", ListOf(WebAddress(), least=1), "Its addresses, if several."),
        Key("follow", FOLLOW, "Its addresses, if another source names them."),
        Key("every", duration("1s", "30d"), "How long to wait between two looks."),
        Key(
            "down_to",
            duration("1s", "30d"),
            "How soon an address that changes often is looked at again; else all keep to every.",
        ),
        Key("cron", CronText(), "When to look, as a cron expression."),
        Key("zone", Zone(), "The time zone of the cron expression.", default="UTC"),
        Key(
            "jitter",
            duration("0s", "1d"),
            "How much later a look may be, drawn anew each time.",
            default="0s",
        ),
        Key(
            "tier",
            TIER,
            "1 an authority, 2 a holder, 3 an aggregator, 4 an encyclopaedia.",
            is_required=True,
        ),
        Key("expect", EXPECT, "What every good reading looks like."),
        Key(
            "absent_after",
            WholeOr(Whole(1, 100), "never", NEVER),
            "After how many complete captures in a row without it a thing is gone.",
            default=3,
        ),
        Key(
            "allow_private",
            Flag(),
            "Whether it may be on this machine or in a private network.",
            default=False,
        ),
        Key(
            "max_size",
            size("1kB", "500MB"),
            "How large an answer may be, unpacked.",
            default="50MB",
        ),
        Key("timeout", duration("1s", "10m"), "How long one exchange may take.", default="60s"),
    ),
    build=_source,
    check=_check_source,
    one_of=(("url", "urls", "follow"), ("every", "cron", "follow")),
)


def check_chains(node: Entries, values: Values, on: Inspection) -> None:
    """Check that no source follows one that itself follows: pages name no pages."""
    following = {each.id for each in values.get("sources", ()) if each.follow}
    listed = node.nodes.get("sources")
    for item in listed.nodes if isinstance(listed, Items) else ():
        there = item.nodes.get("follow") if isinstance(item, Entries) else None
        named = there.nodes.get("source") if isinstance(there, Entries) else None
        if isinstance(named, Scalar) and named.value in following:
            on.note(named, "follows another source itself: name the one with the rows")
