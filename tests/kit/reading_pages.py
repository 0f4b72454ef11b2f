"""A browser without scripts for a watcher's pages, and two sources that can be made to differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from litestar.testing import TestClient

from kit.answering import PEOPLE, RULE
from kit.api import OURS, app_of
from kit.bulk import bulk, row, withdrawn
from kit.clocks import StandingClock
from kit.faulty_server import FaultyServer
from kit.station import Station, settings
from watcher.bootstrap import World, opened
from watcher.config.load import load
from watcher.readers.registry import READERS

ENDED = "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date"


class Pages(Station):
    """A watcher of an authority and an aggregator, looked at through its pages."""

    browser: TestClient
    site: FaultyServer

    def says(self, source: str, **withdrawn_on: str) -> None:
        """Let a source say that medicines were withdrawn: `m2="13/12/2024"`."""
        rows = [row(number) for number in range(1, 31)]
        for name, day in withdrawn_on.items():
            number = int(name[1:])
            rows[number - 1] = withdrawn(number) | {ENDED: day}
        self.site.page(f"/{source}.json", bulk(*rows), media_type="application/json")

    def fails(self, source: str) -> None:
        """Let a source show another page than the one that is meant."""
        self.site.page(f"/{source}.json", "<h1>Down for scheduled maintenance</h1>")

    def case(self) -> str:
        """Return the key of the newest case."""
        with self.watcher.store.reading() as work:
            return work.cases.recent("")[-1].key

    def page(self, address: str, status: int = 200) -> str:
        """Return what stands at an address."""
        found = self.browser.get(address)
        assert found.status_code == status, found.text
        return found.text


@contextmanager
def reading(
    folder: Path, environment: Mapping[str, str] | None = None, **channels: str
) -> Iterator[Pages]:
    """Yield a watcher whose two sources have been looked at once."""
    with FaultyServer() as site:
        sources = [
            {"id": name, "title": title, "reader": "ema_medicines", "tier": tier}
            | {"url": site.url(f"/{name}.json")}
            for name, title, tier in (("ema", "EMA data", 1), ("copy", "A copy of it", 3))
        ]
        boxes = {f"{each['id']}-box": f"folder:boxes/{each['id']}" for each in PEOPLE}
        path = settings(folder, sources, channels={**boxes, **channels}, rules=[RULE])
        told = {**json.loads(path.read_text("utf-8")), "people": list(PEOPLE), "web": {}}
        path.write_text(json.dumps(told), encoding="utf-8")
        clock = StandingClock()
        config = load(path, environment or {}, READERS)
        with opened(config, World(clock=clock, sleep=clock.sleep), writable=True) as watcher:
            pages = Pages(watcher, clock)
            pages.site = site
            pages.says("ema")
            pages.says("copy")
            pages.look()
            app = app_of(pages)
            with TestClient(app, base_url=OURS, raise_server_exceptions=False) as browser:
                pages.browser = browser
                yield pages
