"""A watcher after ninety days of service, to be looked at: what the pages look like when used.

Everything in it came about as in service: sources were looked at twice a day, read, compared and
told of through a mail server and a web hook; people answered; one batch is held back, one message
was given up, one source does not answer. `built()` plays the ninety days in some seconds, and
`showroom()` opens what it left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from kit.bulk import bulk
from kit.clocks import StandingClock
from kit.receivers import Mailbox, Webhook
from kit.showroom_medicines import ALOFISEL, ENDED, TOLD, rows_on
from kit.showroom_web import (
    APPROVAL,
    ARTICLE,
    COPY,
    ENTRY,
    LEAFLET,
    PAGE,
    TABLE,
    Servers,
    fault,
)
from kit.station import Station
from watcher.bootstrap import World, opened
from watcher.config.load import load
from watcher.core.links import Action, action_links
from watcher.ports.cases import CaseState
from watcher.readers.registry import READERS
from watcher.runtime.desk import hands
from watcher.services.cases import cases
from watcher.services.decisions import Decider
from watcher.services.orders import Arguments, carry_out

__all__ = ["ALOFISEL", "NOW", "TOLD", "Showroom", "built", "showroom"]

BEGAN = datetime(2024, 10, 25, 5, tzinfo=UTC)
NOW = datetime(2025, 1, 22, 9, 40, tzinfo=UTC)
_SOURCES = (
    ("ema-medicines", "EMA, table of all medicines", "ema_medicines", 1, TABLE, "*"),
    ("ema-alofisel", "EMA, page of Alofisel", "ema_medicine_page", 1, PAGE, "*"),
    ("ema-leaflet", "EMA, product information of Alofisel", "pdf_text", 1, LEAFLET, "3-30/3"),
    ("union-register", "Union Register, Alofisel", "union_register", 1, ENTRY, "1-31/3"),
    ("national-register", "National register of medicines", "ema_medicines", 2, COPY, "2-29/3"),
    ("medpath-alofisel", "MedPath, approval of Alofisel", "medpath_approval", 3, APPROVAL, "*"),
    ("wikipedia", "Wikipedia, Darvadstrocel", "encyclopedia", 4, ARTICLE, "1-31/3"),
)
"""Id, title, reader, tier, address, and the days of the month on which each is looked at."""
_EVENTFUL = date(2025, 1, 13)
"""From this day on there is something to pass on in the evenings."""
_SECRET = "whsec_c2hvd3Jvb21zaG93cm9vbXNob3dyb29tc2g="  # of a server of ours


class Showroom(Station):
    """The watcher, its servers and the people who use it."""

    servers: Servers
    gone: set[str]

    def until(self, day: date, hour: int, minute: int) -> None:
        """Let time go by until an instant of a day, or until the ninety days are over."""
        moment = min(datetime.combine(day, time(hour, minute), UTC), NOW)
        self.clock.forward(max(0.0, (moment - self.clock.now()).total_seconds()))

    def day(self, day: date) -> None:
        """Look at what is due in the morning; in the evening pass on, on Mondays seal and prove."""
        self.until(day, 6, 21)
        self.look_at_what_is_due()
        if day.weekday() == 0:
            self.until(day, 18, 21)
            self.watcher.seal()
            self.watcher.heartbeat()
        if day.weekday() == 0 or day in _ANSWERS or day >= _EVENTFUL:
            self.until(day, 18, 21)
            self.told()

    def look_at_what_is_due(self) -> None:
        for source, url in list(self.watcher.due()):
            self.watcher.check(source, url)
        self.told()

    def told(self) -> None:
        """Tell of what is new, pass on what nobody answered, and send what is due."""
        self.watcher.alert()
        self.watcher.escalate()
        self.watcher.deliver()

    def answer(self, who: str, name: str, *, of: str, why: str = "", **more: str) -> None:
        """Let a person decide on the case of a medicine, as a page would have them do."""
        case = self.case_of(of)
        about: Arguments = {"case": case, "why": why, **more}
        if name == "correct":
            with self.watcher.store.reading() as work:
                lead = str(work.cases.named(case)[0].lead)
            about = {"event": lead, "why": why, "right": [], "source_is_wrong": True}
        request = hashlib.sha256(f"{who} {name} {case}".encode()).hexdigest()[:32]
        carry_out(name, about, hands(self.watcher), Decider(who=who, request=request, via="page"))

    def case_of(self, name: str, which: int = 0) -> str:
        """Return the key of a case whose medicine is called so: of several, the gravest, newest."""
        views = cases(self.watcher.store, self.watcher.naming, only_open=False, limit=1_000)
        return [each.case for each in views if each.title.startswith(name)][which]

    def state(self, case: str) -> CaseState:
        with self.watcher.store.reading() as work:
            return work.case_states.get(case)

    def withdraw(self, number: str) -> None:
        """Let the table say that a medicine was withdrawn, look at it, and tell."""
        self.gone.add(number)
        rows = rows_on(self.clock.now().date())
        for each in rows:
            if each["ema_product_number"] in self.gone:
                each |= {"medicine_status": "Withdrawn", ENDED: "20/01/2025"}
        self.servers.says[TABLE] = bulk(*rows, at="2025-01-22T10:02:29Z").encode()
        self.clock.forward(3_600)
        source = self.watcher.source("ema-medicines")
        self.watcher.check(source, source.urls[0])
        self.watcher.alert()

    def link(self, case: str, action: Action, recipient: str = "person:anna") -> str:
        """Return the path of a one-time link as a mail carries it."""
        made = action_links(case, recipient, self.watcher.link_key, "", self.clock.now())
        return made[action]


def _configure(folder: Path, mail_port: int, hook_port: int, port: int, **web: object) -> None:
    """Write the sources.yaml of the showroom."""

    def mail(who: str) -> str:
        return f"mailto://127.0.0.1:{mail_port}/?from=watcher@example.org&to={who}&mode=insecure"

    told = {
        "contact": "mailto:watcher@hospital.example",
        "web": {"port": port, "public_url": f"http://127.0.0.1:{port}/", **web},
        "sources": [
            {
                "id": name,
                "title": title,
                "reader": reader,
                "tier": tier,
                "url": url,
                "cron": f"15 6 {days} * *",
            }
            for name, title, reader, tier, url, days in _SOURCES
        ],
        "watch_lists": [
            {"id": "crohn", "title": "Crohn / ATMP", "substances": ["darvadstrocel", "Cx601"]},
            {"id": "immunology", "title": "Immunology", "atc": ["L04"]},
        ],
        "channels": [
            {"id": "anna-mail", "title": "Anna Visser", "url": mail("anna@hospital.example")},
            {"id": "ben-mail", "title": "Ben Smit", "url": mail("ben@hospital.example")},
            {"id": "carla-mail", "title": "Carla Rossi", "url": mail("carla@hospital.example")},
            {
                "id": "stock-system",
                "title": "The pharmacy's stock system",
                "url": f"webhook+http://127.0.0.1:{hook_port}/in?allow_private=yes"
                "&secret=${HOOK_SECRET}",
            },
        ],
        "people": [
            {
                "id": "anna",
                "title": "Anna Visser",
                "channels": ["anna-mail"],
                "zone": "Europe/Amsterdam",
                "quiet": {"begins": "20:00", "ends": "07:00"},
            },
            {"id": "ben", "title": "Ben Smit", "channels": ["ben-mail"]},
            {"id": "carla", "title": "Carla Rossi", "channels": ["carla-mail"]},
        ],
        "groups": [{"id": "pv", "title": "Pharmacovigilance", "people": ["anna", "ben"]}],
        "rules": [
            {
                "id": "our-medicines",
                "watch_list": "crohn",
                "least": "normal",
                "tell": ["pv"],
                "channels": ["stock-system"],
                "escalate": {"after": "4h", "to": ["carla"]},
            },
            {
                "id": "endings",
                "events": ["authorisation.*"],
                "least": "high",
                "tell": ["anna"],
                "escalate": {"after": "2d", "to": ["carla"]},
            },
            {
                "id": "transfers",
                "events": ["authorisation.holder_transferred"],
                "severity": "raised",
                "tell": ["anna"],
            },
            {"id": "immunology", "watch_list": "immunology", "tell": ["ben"]},
            {"id": "operator", "events": ["source.*", "watch.*"], "tell": ["carla"]},
        ],
    }
    (folder / "sources.yaml").write_text(json.dumps(told, indent=1), encoding="utf-8")


def built(folder: Path) -> None:
    """Play the ninety days, and leave in `folder` all that is kept of them."""
    with ExitStack() as stack:
        box, hook = stack.enter_context(Mailbox()), stack.enter_context(Webhook([200, 200, 410]))
        _configure(folder, box.port, hook.port, 8080)
        here = stack.enter_context(_opened(folder, StandingClock(BEGAN)))
        for day in (BEGAN.date() + timedelta(days=number) for number in range(90)):
            here.day(day)
            for who, name, about in _ANSWERS.get(day, ()):
                here.answer(who, name, **about)
                here.told()
        here.until(NOW.date(), NOW.hour, NOW.minute)
        here.look_at_what_is_due()


@contextmanager
def showroom(folder: Path, *, port: int = 8080, **web: object) -> Iterator[Showroom]:
    """Yield the watcher that `built` has left in a folder.

    Args:
        folder: Where it keeps everything.
        port: Where its pages are served.
        web: More of the section of that name, such as `sign_in`.
    """
    _configure(folder, 9, 9, port, **web)
    with _opened(folder, StandingClock(NOW)) as here:
        yield here


@contextmanager
def _opened(folder: Path, clock: StandingClock) -> Iterator[Showroom]:
    config = load(folder / "sources.yaml", {"HOOK_SECRET": _SECRET}, READERS)
    servers = Servers(clock, fault)
    world = World(clock=clock, sleep=clock.sleep, ask=servers.ask)
    with opened(config, world, writable=True) as watcher:
        here = Showroom(watcher, clock)
        here.servers, here.gone = servers, set()
        yield here


_ANSWERS: Mapping[date, Sequence[tuple[str, str, Mapping[str, str]]]] = {
    date(2024, 11, 14): (("Anna Visser", "acknowledge", {"of": "Alofisel"}),),
    date(2024, 12, 12): (
        ("Ben Smit", "judge", {"of": "Pinavel Novo", "verdict": "irrelevant", "why": "not ours"}),
    ),
    date(2025, 1, 14): (
        (
            "Anna Visser",
            "judge",
            {"of": "Kelvora", "verdict": "wrong", "why": "the holder says the table is mistaken"},
        ),
        (
            "Anna Visser",
            "correct",
            {"of": "Kelvora", "why": "the table was mistaken, as the agency confirmed by phone"},
        ),
    ),
    date(2025, 1, 16): (
        ("Anna Visser", "acknowledge", {"of": "Brelutin", "why": "wards told, stock put aside"}),
    ),
    date(2025, 1, 20): (
        ("Anna Visser", "assign", {"of": "Semprila", "to": "ben", "why": "please ask the holder"}),
    ),
}
