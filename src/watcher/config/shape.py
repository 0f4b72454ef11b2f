"""The shape of `sources.yaml`: every section, every key, what it holds and what it means."""

from __future__ import annotations

from typing import Any

from watcher.config.addresses import (
    HOST,
    ContactAddress,
    DatabaseAddress,
    Folder,
    PingAddress,
    SnapshotsPlace,
)
from watcher.config.channel_address import HOOKS, ChannelAddress, scheme_of
from watcher.config.document import Entries
from watcher.config.heartbeat import HEARTBEAT
from watcher.config.inspection import Inspection
from watcher.config.kinds import (
    Choice,
    ListOf,
    MapOf,
    Reference,
    Text,
)
from watcher.config.model import Channel, Secret
from watcher.config.people import CADENCES, ESCALATION, GROUP, PERSON
from watcher.config.quantities import size
from watcher.config.retention import RETENTION
from watcher.config.section import Key, Section, Values, inside
from watcher.config.source_shape import POLITENESS, SOURCE, TIER, check_chains, named
from watcher.config.web import WEB
from watcher.config.words import EVENTS, AtcCode, ProductName
from watcher.core.rules import WatchList
from watcher.core.taxonomy import Severity

_HOST_NAME = Text(what="a host's name without https:// and port", pattern=HOST)
_JURISDICTION = Text(what="a jurisdiction such as EU or JP", pattern=r"[A-Z]{2}")

STORAGE: Section[dict[str, Any]] = Section(
    what="storage section",
    keys=(
        Key(
            "database",
            DatabaseAddress(),
            "The SQLite file or the PostgreSQL database that holds the event log.",
            default="sqlite:///data/watcher.db",
        ),
        Key(
            "snapshots",
            SnapshotsPlace(),
            "The folder of the payloads, or a bucket: s3://…, gs://… or az://….",
            default="snapshots",
        ),
        Key(
            "cache",
            Folder(),
            "Where copies of a bucket's payloads are kept on this machine, to be read sooner.",
            default="cache",
        ),
        Key("cache_size", size("1MB", "999999MB"), "How much these may take.", default="500MB"),
        Key("retention", RETENTION, "When payloads may go that no event rests on."),
        Key(
            "folder",
            Folder(),
            "The folder of keys and published checkpoints; as a rule beside the SQLite file.",
            default="data",
        ),
    ),
    build=dict,
)

WATCH_LIST = Section(
    what="watch list",
    keys=(
        *named("watch list"),
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
    return Channel(
        id=values["id"],
        title=title,
        url=url,
        scheme=scheme_of(url.reveal()),
        attach=values.get("attach", ()),
    )


def _check_channel(node: Entries, values: Values, on: Inspection) -> None:
    url = values.get("url")
    if values.get("attach") and isinstance(url, Secret) and scheme_of(url.reveal()) in HOOKS:
        on.note(node.nodes["attach"], "does not go with a web hook: its event carries no files")


CHANNEL = Section(
    what="channel",
    keys=(
        *named("channel"),
        Key(
            "url",
            ChannelAddress(),
            "A folder, a mail server, a web hook or an Apprise address; secrets as ${VARIABLES}.",
            is_required=True,
        ),
        Key(
            "attach",
            ListOf(Choice({kind: kind for kind in ("diff", "calendar", "evidence")})),
            "What goes with each message as a file, where the service carries files.",
        ),
    ),
    build=_channel,
    check=_check_channel,
)


def _check_rule(node: Entries, _values: Values, on: Inspection) -> None:
    """Check that somebody is told, and that nothing is asked for that only people can want."""
    if not node.nodes.keys() & {"channels", "tell"}:
        on.note(inside(node, "tell"), "is missing: name people to tell, or channels")
    if "when" in node.nodes and "tell" not in node.nodes:
        on.note(node.nodes["when"], "goes with tell; channels are told at once")


RULE: Section[dict[str, Any]] = Section(
    what="rule",
    keys=(
        named("rule")[0],
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
        Key("tiers", ListOf(TIER), "Tiers of sources; else all."),
        Key(
            "channels",
            ListOf(Reference("channels", "channel"), least=1),
            "Ids of the channels that are told at once, whoever reads them.",
        ),
        Key(
            "tell",
            ListOf(Reference("recipients", "person or group"), least=1),
            "Ids of the people or groups that are told, each when they want to be.",
        ),
        Key("when", CADENCES, "How soon people are told, where not as they asked."),
        Key(
            "severity",
            Choice({"raised": 1, "lowered": -1}),
            "Whether these events are taken for one step graver or lighter than they are.",
        ),
        Key("escalate", ESCALATION, "Who is told when nobody acknowledges."),
    ),
    build=dict,
    check=_check_rule,
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
        Key("web", WEB, "Where pages are served; without it they are not."),
        Key("ping", PingAddress(), "An address asked for after each healthy minute."),
        Key("hosts", MapOf(_HOST_NAME, POLITENESS), "How to treat which host."),
        Key("sources", ListOf(SOURCE, least=1), "What to look at.", is_required=True),
        Key("watch_lists", ListOf(WATCH_LIST), "The medicines somebody is responsible for."),
        Key("channels", ListOf(CHANNEL), "The ways to recipients."),
        Key("people", ListOf(PERSON), "Who is told, through what and when."),
        Key("groups", ListOf(GROUP), "People who are told together."),
        Key("rules", ListOf(RULE), "Who is told of what."),
        Key("heartbeat", HEARTBEAT, "The weekly proof that we watch."),
    ),
    build=dict,
    check=check_chains,
)
"""The whole file; relations between its sections are seen to while it is loaded."""
