"""The first `sources.yaml` of somebody who has none: whole, commented and theirs from then on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from watcher.config.addresses import is_private
from watcher.config.writing import scalar

TABLE, PAGES = "ema-medicines", "ema-pages"
"""The ids of the two sources it has: EMA's table, and the pages that its rows name."""
TABLE_URL = (
    "https://www.ema.europa.eu/en/documents/report/medicines-output-medicines_json-report_en.json"
)
PRODUCTS, SUBSTANCES = "my-products", "my-substances"
"""The ids of the watch lists."""
CHANNEL, PERSON = "inbox", "me"
FOLDER_URL = "folder:data/messages"
_EXPECTED = (2000, 4000)
"""How many medicines EMA's table has, some 2,700 in 2026, with room to grow and none to be cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One line of a watch list.

    Attributes:
        text: A product number, a name or a substance.
        note: What it is, as a comment; empty: it speaks for itself.
    """

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person wants of the file.

    Attributes:
        contact: `mailto:…` or a web address for the operators of the servers that are asked.
        table_url: Where EMA's table of all medicines is.
        records: How many medicines the table has today; 0: not known.
        products: Medicines to watch.
        substances: Substances to watch, whatever medicine they are in.
        send_to: A channel's address, its secrets as `${VARIABLES}`; empty: nowhere yet.
        zone: Their time zone.
        on: The day it is written, as in `30 November 2026`.
    """

    contact: str
    table_url: str = TABLE_URL
    records: int = 0
    products: tuple[Watched, ...] = field(default=())
    substances: tuple[Watched, ...] = field(default=())
    send_to: str = ""
    zone: str = "UTC"
    on: str = ""

    @property
    def is_private(self) -> bool:
        """Return whether the table is on this machine or in a private network."""
        return is_private(urlsplit(self.table_url).hostname or "")


def first_file(wishes: Wishes) -> str:
    """Return the whole file; what is loaded from it is what was wished for."""
    parts = [_head(wishes), _hosts(wishes), _sources(wishes), _watch_lists(wishes)]
    if wishes.send_to:
        parts += [_recipients(wishes), _rules(wishes)]
    return "\n".join("".join(f"{line}\n" for line in part) for part in map(list, parts) if part)


def _head(wishes: Wishes) -> Iterator[str]:
    written = f", written by `watcher init` on {wishes.on}" if wishes.on else ""
    yield f"# What watcher looks at, whom it tells, and of what{written}. It is yours now:"
    yield "# change it, then `watcher config check` tells whatever is wrong, with line and key."
    yield "# Every key is described in docs/configuration.md."
    yield ""
    yield "# Servers see this address in every request, so that their operators can complain."
    yield f"contact: {scalar(wishes.contact)}"
    yield ""
    yield "# The event log and the payloads; relative paths start at this file's folder."
    yield "storage:"
    yield "  database: sqlite:///data/watcher.db"
    yield "  snapshots: snapshots"
    yield ""
    yield "# Pages for this machine alone, while `watcher run` runs: http://127.0.0.1:8080/"
    yield "web:"
    yield "  port: 8080"


def _hosts(wishes: Wishes) -> Iterator[str]:
    if not wishes.is_private:
        return
    yield "# A server of your own needs no pause between two requests."
    yield "hosts:"
    yield f"  {scalar(urlsplit(wishes.table_url).hostname or '')}: {{pace: 0s}}"


def _sources(wishes: Wishes) -> Iterator[str]:
    private = ["    allow_private: true"] if wishes.is_private else []
    yield "sources:"
    yield "  # All medicines EMA knows, regenerated at about 06:00 and 18:00 in Amsterdam. This is"
    yield "  # where a withdrawal of any centrally authorised medicine becomes visible."
    yield f"  - id: {TABLE}"
    yield '    title: "EMA, table of all medicines"'
    yield "    reader: ema_medicines"
    yield f"    url: {scalar(wishes.table_url)}"
    yield '    cron: "15 6,18 * * *"'
    yield "    zone: Europe/Amsterdam"
    yield "    jitter: 10m"
    yield "    tier: 1"
    yield from _expected(wishes)
    yield "    absent_after: 3  # complete captures without a row before the row is gone"
    yield from private
    yield ""
    yield "  # EMA's own page of each medicine on your watch lists, with documents and statements:"
    yield "  # looked at when its row in the table changes, and once a week."
    yield f"  - id: {PAGES}"
    yield '    title: "EMA, medicine pages"'
    yield "    reader: ema_medicine_page"
    yield f"    follow: {{source: {TABLE}, every: 7d, where: watched}}"
    yield "    tier: 1"
    yield "    expect: {records: [1, 1]}"
    yield from private


def _expected(wishes: Wishes) -> Iterator[str]:
    """Yield how many medicines to expect: a quarter fewer than today, or half as many more."""
    if not wishes.records and wishes.is_private:
        return
    least, most = _EXPECTED
    if wishes.records:
        least, most = wishes.records * 3 // 4, wishes.records * 3 // 2
    yield f"    expect: {{records: [{least}, {most}]}}  # outside this, nothing is read into it"


def _watch_lists(wishes: Wishes) -> Iterator[str]:
    if not wishes.products and not wishes.substances:
        return
    yield "# The medicines you are responsible for; `watcher add NAME` adds one."
    yield "watch_lists:"
    lists = (
        (PRODUCTS, "My products", "products", wishes.products),
        (SUBSTANCES, "My substances", "substances", wishes.substances),
    )
    for id_, title, key, watched in lists:
        if watched:
            yield f"  - id: {id_}"
            yield f"    title: {scalar(title)}"
            yield f"    {key}:"
            for each in watched:
                yield f"      - {line_of(each)}"


def line_of(watched: Watched) -> str:
    """Return one item of a watch list with its comment, without the hyphen."""
    note = "".join(filter(str.isprintable, watched.note))
    return f"{scalar(watched.text)}  # {note}" if note else scalar(watched.text)


def _recipients(wishes: Wishes) -> Iterator[str]:
    yield "# Where messages go. Secrets never stand in this file: ${NAME} is a variable of the"
    yield "# environment, or a line of the file .env beside this one."
    yield "channels:"
    yield f"  - id: {CHANNEL}"
    yield f"    url: {scalar(wishes.send_to)}"
    yield ""
    yield "# Who is told: critical and high at once, normal once a day, low once a week. `quiet`,"
    yield "# `when` and `away` change that, each person for themselves."
    yield "people:"
    yield f"  - id: {PERSON}"
    yield f"    channels: [{CHANNEL}]"
    yield f"    zone: {scalar(wishes.zone)}"


def _rules(wishes: Wishes) -> Iterator[str]:
    yield "# Who is told of what. Only what was observed is ever told, never a first reading."
    yield "rules:"
    if wishes.products:
        yield "  # Everything about your own products that a person would want to know."
        yield f"  - {{id: {PRODUCTS}, watch_list: {PRODUCTS}, least: normal, tell: [{PERSON}]}}"
    if wishes.substances:
        yield "  # The same of every medicine with one of your substances, new ones too."
        yield f"  - {{id: {SUBSTANCES}, watch_list: {SUBSTANCES}, least: normal, tell: [{PERSON}]}}"
    if not wishes.products and not wishes.substances:
        yield "  # Of all medicines: the authorisation ended, was suspended or came back."
        yield f'  - {{id: endings, events: ["authorisation.*"], least: critical, tell: [{PERSON}]}}'
    yield "  # About watching itself: sources that are not reached, pages that changed their shape."
    yield f'  - {{id: operator, events: ["source.*", "watch.*", "fetch.*"], tell: [{PERSON}]}}'
    yield ""
    yield "# The weekly proof that all this is awake: no news is then really no news."
    yield "heartbeat:"
    yield f"  to: [{PERSON}]"
