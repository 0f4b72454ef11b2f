"""The shape of `sources.yaml`: every section, every key, what it holds and what it means."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from watcher.config.addresses import (
    HOST,
    ContactAddress,
    DatabaseAddress,
    Folder,
    WebAddress,
    is_private,
)
from watcher.config.channel_address import ChannelAddress, scheme_of
from watcher.config.document import Entries, Scalar
from watcher.config.inspection import Inspection
from watcher.config.kinds import (
    Choice,
    Flag,
    ListOf,
    MapOf,
    Reference,
    Span,
    Text,
    Whole,
    WholeOr,
)
from watcher.config.model import Channel, Expect, Host, Secret, Source
from watcher.config.quantities import CronText, Zone, duration, size
from watcher.config.reader_options import Options
from watcher.config.section import Key, Section, Values, inside
from watcher.config.words import EVENTS, AtcCode, ProductName
from watcher.core.rules import WatchList
from watcher.core.schedule import Cron, Every, Schedule
from watcher.core.settle import NEVER
from watcher.core.taxonomy import Severity

_ID = Text(
    what="an id of lower-case letters, digits and hyphens", pattern=r"[a-z0-9][a-z0-9-]{0,63}"
)
_HOST_NAME = Text(what="a host's name without https:// and port", pattern=HOST)
_JURISDICTION = Text(what="a jurisdiction such as EU or JP", pattern=r"[A-Z]{2}")
_TIER = Whole(1, 4)
_HOURLY = 3600
_TAKES_OPTIONS = "generic"


def _named(what: str) -> tuple[Key, Key]:
    """Return the keys that whatever has an id has."""
    return (
        Key("id", _ID, f"The {what}'s id, once in the file.", is_required=True),
        Key("title", Text(), f"The {what}'s name for people; else its id."),
    )


STORAGE: Section[dict[str, Any]] = Section(
    what="storage section",
    keys=(
        Key(
            "database",
            DatabaseAddress(),
            "The SQLite file that holds the event log.",
            default="sqlite:///data/watcher.db",
        ),
        Key("snapshots", Folder(), "The folder of the payloads.", default="snapshots"),
    ),
    build=dict,
)

POLITENESS = Section(
    what="host",
    keys=(
        Key(
            "pace",
            duration("0s", "1h"),
            "The time to leave between two requests to this host.",
            default="10s",
        ),
    ),
    build=Host,
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
    if every is not None and jitter >= every:
        on.note(node.nodes["jitter"], "has to be shorter than every")
    if every is not None and every < _HOURLY and is_public:
        on.advise(node.nodes["every"], "is more often than hourly, which authorities ask not to do")
    _check_options(node, on)


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
    if "every" in values:
        return Every(values["every"], jitter)
    return Cron(values["cron"], values.get("zone", "UTC"), jitter)


_AS_THEY_ARE = frozenset(
    {"id", "reader", "options", "tier", "expect", "absent_after", "allow_private", "timeout"}
)


def _source(**values: Any) -> Source:
    given = {name: value for name, value in values.items() if name in _AS_THEY_ARE}
    if "max_size" in values:
        given["max_bytes"] = values["max_size"]
    return Source(
        title=values.get("title", values["id"]),
        urls=(values["url"],) if "url" in values else values["urls"],
        schedule=_schedule(values),
        **given,
    )


SOURCE = Section(
    what="source",
    keys=(
        *_named("source"),
        Key(
            "reader",
            Reference("readers", "reader"),
            "The reader that understands its pages.",
            is_required=True,
        ),
        Key("options", Options(), "With the reader generic: what its pages are like."),
        Key("url", WebAddress(), "Its address."),
        Key("urls", ListOf(WebAddress(), least=1), "Its addresses, if several."),
        Key("every", duration("1s", "30d"), "How long to wait between two looks."),
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
            _TIER,
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
    one_of=(("url", "urls"), ("every", "cron")),
)

WATCH_LIST = Section(
    what="watch list",
    keys=(
        *_named("watch list"),
        Key(
            "products",
            ListOf(ProductName()),
            "Invented names, EMA product numbers, or ends of EMA page addresses.",
        ),
        Key("substances", ListOf(Text()), "INNs and their aliases."),
        Key("atc", ListOf(AtcCode()), "ATC or ATCvet codes of any level."),
        Key("holders", ListOf(Text()), "Holders or applicants; legal forms do not count."),
        Key("areas", ListOf(Text()), "Words of a therapeutic area."),
        Key(
            "jurisdictions",
            ListOf(_JURISDICTION),
            "Where it has or had an authorisation or a market.",
        ),
    ),
    build=WatchList,
)


def _channel(**values: Any) -> Channel:
    url: Secret = values["url"]
    title = values.get("title", values["id"])
    return Channel(id=values["id"], title=title, url=url, scheme=scheme_of(url.reveal()))


CHANNEL = Section(
    what="channel",
    keys=(
        *_named("channel"),
        Key(
            "url",
            ChannelAddress(),
            "A folder, a mail server or an Apprise address; secrets as ${VARIABLES}.",
            is_required=True,
        ),
    ),
    build=_channel,
)

RULE: Section[dict[str, Any]] = Section(
    what="rule",
    keys=(
        _named("rule")[0],
        Key(
            "watch_list",
            Reference("watch_lists", "watch list"),
            "The watch list with the medicines it is about; else all.",
        ),
        Key(
            "events",
            ListOf(EVENTS),
            "Event types or families such as authorisation.*; else all about medicines.",
        ),
        Key(
            "least",
            Choice({severity.value: severity for severity in Severity}),
            "The least severity.",
            default="low",
        ),
        Key(
            "jurisdictions",
            ListOf(_JURISDICTION),
            "Jurisdictions; an event without one is let through.",
        ),
        Key("sources", ListOf(Reference("sources", "source")), "Ids of sources; else all."),
        Key("tiers", ListOf(_TIER), "Tiers of sources; else all."),
        Key(
            "channels",
            ListOf(Reference("channels", "channel"), least=1),
            "Ids of the channels that are told.",
            is_required=True,
        ),
    ),
    build=dict,
)

CONFIG: Section[dict[str, Any]] = Section(
    what="configuration",
    keys=(
        Key(
            "contact",
            ContactAddress(),
            "A mail or web address for the operators of the servers we ask.",
            is_required=True,
        ),
        Key("storage", STORAGE, "Where everything is kept."),
        Key("hosts", MapOf(_HOST_NAME, POLITENESS), "How to treat which host."),
        Key("sources", ListOf(SOURCE, least=1), "What to look at.", is_required=True),
        Key("watch_lists", ListOf(WATCH_LIST), "The medicines somebody is responsible for."),
        Key("channels", ListOf(CHANNEL), "The ways to recipients."),
        Key("rules", ListOf(RULE), "Who is told of what."),
    ),
    build=dict,
)
"""The whole file; relations between its sections are seen to while it is loaded."""
