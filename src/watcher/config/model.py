"""What the configuration says, checked: the values the rest of the program is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from watcher.config.secret import Secret as Secret  # noqa: PLC0414  named here too
from watcher.config.web_model import Web as Web  # noqa: PLC0414
from watcher.core.adapt import Pace
from watcher.core.heartbeat import Heartbeat
from watcher.core.recipients import Group, Person
from watcher.core.retention import Retention
from watcher.core.rules import Rule, WatchList
from watcher.core.schedule import Schedule
from watcher.core.settle import NEVER
from watcher.errors import Problem
from watcher.readers.generic_options import GenericOptions

DEFAULT_PACE = 10
"""Seconds between two requests to a host that `hosts` does not name; EMA's old robots.txt asked
for about as much."""
DEFAULT_BUDGET = 2_000
"""Requests a day to one host: a fifth of what the pace alone would allow."""
UNLIMITED = 1_000_000_000
"""The budget of a host whose pace is 0: a server of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where everything is kept.

    Attributes:
        database: A SQLite address, `sqlite:////srv/watcher/watcher.db`, whose folder may not exist;
            or the address of a PostgreSQL database, which is a secret.
        folder: Where what belongs to the database and is none of its rows is kept: the key that
            signs checkpoints, the checkpoints that were published. Beside the SQLite file.
        snapshots: The folder of the payloads, or the address of a bucket: `s3://bucket/prefix`.
        cache: Where copies of a bucket's payloads are kept on this machine.
        cache_size: How many bytes these may take.
        retention: For how long payloads are kept that no event rests on.
    """

    database: str | Secret
    folder: Path
    snapshots: Path | str
    cache: Path = Path("cache")
    cache_size: int = 500_000_000
    retention: Retention = field(default_factory=Retention)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """How to treat one host.

    Attributes:
        pace: Seconds between two requests to it.
        budget: How many requests a day it is asked at most.
        connections: How many requests at the same time.
    """

    pace: int = DEFAULT_PACE
    budget: int = DEFAULT_BUDGET
    connections: int = 1


WELL_KNOWN: Mapping[str, Host] = MappingProxyType(
    {
        "www.ema.europa.eu": Host(),
        # Wikimedia's policy: say who you are, ask one after the other, heed Retry-After
        **dict.fromkeys(("wikipedia.org", "wikimedia.org", "wikidata.org"), Host(pace=5)),
    }
)
"""What hosts are owed that `hosts` does not name: by host, or by the domain they are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What every good reading of a source looks like; anything else is not believed.

    Attributes:
        records: The fewest and the most subjects it has; None: any number.
    """

    records: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Which pages a source consists of: those that the rows of a bulk source name.

    Attributes:
        source: The bulk source's id.
        every: After how many seconds each page is looked at although nothing was said of it.
        only_watched: Whether only pages of medicines on a watch list are looked at.
        down_to: How many seconds may be between two looks at a page that changes often; 0: every
            page keeps to `every`.
    """

    source: str
    every: int
    only_watched: bool = False
    down_to: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source: what to look at, how often, and how to read it.

    Attributes:
        id: Its id.
        title: Its name for people.
        reader: The name of its reader.
        urls: Its addresses, at least one; none where it follows another source.
        schedule: When to look.
        tier: 1 the authority, 2 the holder, 3 an aggregator, 4 an encyclopaedia.
        follow: Which source names its addresses; None: they stand in `urls`.
        expect: What every good reading looks like.
        options: What the pages are like, for the reader `generic`; None: of any other reader.
        absent_after: After how many complete captures without it a thing is gone; at least 1,
            `NEVER` where an absent thing means nothing.
        allow_private: Whether its addresses may be private or loopback ones.
        max_bytes: How large an answer may be, with its encoding undone.
        timeout: Seconds that one exchange may take.
        down_to: How many seconds may be between two looks at an address that changes often; 0:
            each keeps to the schedule.
    """

    id: str
    title: str
    reader: str
    urls: tuple[str, ...]
    schedule: Schedule
    tier: int
    follow: Follow | None = None
    expect: Expect = field(default_factory=Expect)
    options: GenericOptions | None = None
    absent_after: int = 3
    allow_private: bool = False
    max_bytes: int = 50_000_000
    timeout: int = 60
    down_to: int = 0

    @property
    def pace(self) -> Pace | None:
        """Return between what the interval of its pages may be; None: as `schedule` says."""
        promised = self.follow.every if self.follow else getattr(self.schedule, "seconds", 0)
        least = self.follow.down_to if self.follow else self.down_to
        return Pace(promised, least) if promised and least else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to one recipient.

    Attributes:
        id: Its id.
        title: Who is reached through it, for people.
        url: `folder:`, `mailto(s)://` or an address Apprise knows.
        scheme: What the address begins with.
        attach: What goes with its messages as files: `diff`, `calendar`, `evidence`.
    """

    id: str
    title: str
    url: Secret
    scheme: str
    attach: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration.

    Attributes:
        contact: `mailto:` or web address that servers are told to complain to.
        storage: Where everything is kept.
        hosts: How to treat which host; see `pace`.
        sources: In the order of the file, ids once each; so are the following.
        watch_lists: The medicines somebody is responsible for.
        channels: The ways to recipients.
        people: Who is told, through which channels and when.
        groups: People who are told together.
        rules: Who is told of what.
        heartbeat: The weekly proof that we watch; None: nobody is sent one.
        web: Where pages are served; None: nowhere.
        ping: An address that is asked for after each healthy minute; None: nobody waits for it.
        notices: What works, but is hardly meant so: a placeholder, a list nobody uses.
    """

    contact: str
    storage: Storage
    hosts: Mapping[str, Host]
    sources: tuple[Source, ...]
    watch_lists: tuple[WatchList, ...] = ()
    channels: tuple[Channel, ...] = ()
    people: tuple[Person, ...] = ()
    groups: tuple[Group, ...] = ()
    rules: tuple[Rule, ...] = ()
    heartbeat: Heartbeat | None = None
    web: Web | None = None
    ping: Secret | None = None
    notices: tuple[Problem, ...] = ()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return every value that must not be seen, to hide it wherever it might be printed."""
        oidc = self.web.sign_in.oidc if self.web and self.web.sign_in else None
        told = [*(each.url for each in self.channels), self.ping]
        told.append(oidc.client_secret if oidc else None)
        return tuple(each for each in told if each is not None)

    def pace(self, host: str) -> int:
        """Return the seconds to leave between two requests to `host`."""
        return self.host(host).pace

    def host(self, name: str) -> Host:
        """Return how to treat the host called `name`: as said of it, or of the domain it is in."""
        known = {**WELL_KNOWN, **self.hosts}
        name = name.casefold()
        while name and name not in known:
            name = name.partition(".")[2]
        return known.get(name, Host())

    def redacted(self) -> dict[str, object]:
        """Return the configuration as plain values to print: secrets as they are written."""
        plain = _plain(self)
        return plain if isinstance(plain, dict) else {}


def _plain(value: object) -> object:
    """Return `value` made of dictionaries, lists, texts, numbers and flags only."""
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if value == NEVER:
        return "never"
    return value if isinstance(value, int | float | None) else str(value)
