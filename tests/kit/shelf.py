"""Medicines to search for and to look at: two with a life that several sources tell, and others.

Exemplar (EMEA/H/C/009999) is authorised when watching begins, in June 2029. In November 2030 an
aggregator tells of its withdrawal, then the authority does, of another day; an encyclopaedia knows
it by its substance, and by its code EX-601. Alofisel's page gets documents and is withdrawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from litestar.testing import TestClient

from kit.bulk import bulk, row
from kit.clocks import StandingClock
from kit.faulty_server import FaultyServer
from kit.station import Station, settings, station
from watcher.demo.story import SCENES
from watcher.runtime.desk import hands
from watcher.web.app import application

OURS = "http://127.0.0.1:8080"
EXEMPLAR, ALOFISEL = "EMEA/H/C/009999", "EMEA/H/C/004258"
GOLDEN = Path(__file__).parents[1] / "golden"
_LIST, _MEDPATH, _WIKI, _EPAR = "/medicines.json", "/drug/exemplar", "/wiki/Examplestrocel", "/epar"
_SOURCES = (
    ("ema", "EMA medicine data", "ema_medicines", _LIST, 1),
    ("ema-alofisel", "EMA, page of Alofisel", "ema_medicine_page", _EPAR, 1),
    ("medpath", "MedPath", "medpath_approval", _MEDPATH, 3),
    ("wikipedia", "Wikipedia", "encyclopedia", _WIKI, 4),
)
_EXEMPLAR = {
    "name_of_medicine": "Exemplar",
    "ema_product_number": EXEMPLAR,
    "international_non_proprietary_name_common_name": "examplestrocel",
    "active_substance": "examplestrocel",
    "atc_code_human": "L04AX99",
    "marketing_authorisation_developer_applicant_holder": "Example Pharma A/S",
    "marketing_authorisation_date": "02/05/2024",
    "medicine_url": "https://www.ema.europa.eu/en/medicines/human/EPAR/exemplar",
}
_ENDED = "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date"


def exemplar(**changed: str) -> dict[str, str]:
    """Return its row in the authority's list."""
    return row(9999, **{**_EXEMPLAR, **changed})


class Shelf(Station):
    """A station over these sources, whose pages say what the story needs."""

    site: FaultyServer

    def tell(self, day: datetime, *, withdrawn: str = "", **pages: str) -> None:
        """Let time go by until `day`, let the sources say something else, and look.

        Args:
            day: When.
            withdrawn: Since when the authority's list says that Exemplar is; empty: it does not.
            pages: What `medpath`, `wiki` and `epar` say now.
        """
        ending = {_ENDED: withdrawn, "medicine_status": "Withdrawn"} if withdrawn else {}
        rows = [*(row(number) for number in (1, 2, 3)), exemplar(**ending)]
        self.site.page(_LIST, bulk(*rows), media_type="application/json")
        for name, at in (("medpath", _MEDPATH), ("wiki", _WIKI)):
            if name in pages:
                self.site.page(at, pages[name], media_type="text/plain; charset=utf-8")
        if "epar" in pages:
            self.site.page(_EPAR, pages["epar"])
        self.look(after=(day - self.clock.now()).total_seconds())

    def browser(self) -> TestClient:
        """Return a browser on our pages that needs no socket."""
        config = self.watcher.config.web
        pages = application(self.watcher, hands=hands(self.watcher), web=config)
        return TestClient(pages, base_url=OURS, raise_server_exceptions=False)


def golden(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8")


def on(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 6, 21, 7, tzinfo=UTC)


@contextmanager
def shelf(folder: Path, **sections: object) -> Iterator[Shelf]:
    """Yield the sources as they stand before anything was looked at.

    Args:
        folder: Where everything is kept.
        sections: Further sections of the configuration.
    """
    with FaultyServer() as site:
        sources: list[Mapping[str, object]] = [
            {"id": name, "title": title, "reader": reader, "url": site.url(at), "tier": tier}
            for name, title, reader, at, tier in _SOURCES
        ]
        path = settings(folder, sources, channels={"box": "folder:boxes/all"})
        told = {**json.loads(path.read_text("utf-8")), "web": {}, **sections}
        path.write_text(json.dumps(told), encoding="utf-8")
        with station(path, StandingClock(on(2029, 6, 1))) as here:
            made = Shelf(here.watcher, here.clock)
            made.site = site
            yield made


def filled(here: Shelf) -> None:
    """Play the whole story."""
    here.tell(
        on(2029, 6, 2),
        medpath=golden("medpath_approval/authorised_before.txt"),
        wiki=golden("encyclopedia/withdrawn_text.txt"),
        epar=SCENES[0].body,
    )
    here.tell(on(2029, 12, 1), epar=SCENES[2].body)
    here.tell(on(2030, 11, 20), medpath=golden("medpath_approval/withdrawn_text.txt"))
    here.tell(on(2030, 11, 22), withdrawn="13/11/2030")
    here.tell(on(2030, 12, 5), withdrawn="13/11/2030", epar=SCENES[6].body)
    here.clock.forward(86_400)
