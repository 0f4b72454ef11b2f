"""What is not the page makes a capture with a verdict, and no event; so does recovery."""

from __future__ import annotations

import pytest

from kit.bulk import bulk, row
from kit.faulty_server import FaultyServer
from kit.receivers import Mailbox
from kit.station import settings, station
from watcher.core.verdict import Verdict
from watcher.demo.story import SCENES

EPAR = "/en/medicines/human/EPAR/alofisel"
CHALLENGE = """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body>
<h1>www.example.org</h1><p>Verifying you are human. This may take a few seconds.</p>
<div id="challenge-error-text">Enable JavaScript and cookies to continue</div></body></html>"""
MAINTENANCE = """<!DOCTYPE html><html><head><title>Maintenance</title></head><body>
<h1>Scheduled maintenance</h1><p>This site is temporarily unavailable. Please try again later.</p>
</body></html>"""


def a_page():
    """Return the medicine's page with its five documents, authorised."""
    return SCENES[2].body


def half_a_table(page):
    """Return the page with only the first of its documents, and otherwise whole."""
    start = page.index('<div class="ema-file-wrapper">')
    second = page.index('<div class="ema-file-wrapper">', start + 1)
    end = page.index("<p>This page was last updated")
    return page[:second] + page[end:]


DISTURBED = {
    "challenge": (lambda _page: CHALLENGE, Verdict.BLOCKED),
    "maintenance": (lambda _page: MAINTENANCE, Verdict.MAINTENANCE),
    "empty": (lambda _page: "", Verdict.EMPTY),
    "cut": (lambda page: page[: len(page) // 2], Verdict.TRUNCATED),
    "half a table": (half_a_table, Verdict.SHRUNK),
}


@pytest.fixture
def site():
    with FaultyServer() as site:
        yield site


@pytest.fixture
def box():
    with Mailbox() as box:
        yield box


def test_a_page_disturbed_in_every_way_and_well_again_tells_no_one(tmp_path, site, box):
    source = {"id": "ema", "reader": "ema_medicine_page", "url": site.url(EPAR), "title": "EMA"}
    everything = [{"id": "all", "channels": ["pv"]}]
    path = settings(tmp_path, [source], channels={"pv": box.address()}, rules=everything)
    with station(path) as watching:
        site.page(EPAR, a_page())
        (first,) = watching.look()
        seen = []
        for disturb, _ in DISTURBED.values():
            site.page(EPAR, disturb(a_page()))
            seen += watching.look(after=600)
            site.page(EPAR, a_page())
            seen += watching.look(after=600)

        verdicts = [look.capture.verdict for look in seen]
        assert first.capture.verdict is Verdict.OK
        assert verdicts[::2] == [verdict for _, verdict in DISTURBED.values()]
        assert set(verdicts[1::2]) == {Verdict.OK}
        assert all(look.capture.reason for look in seen[::2])
        assert watching.types() == []
        assert watching.outbox() == ()
        assert box.messages == []


def test_a_bulk_file_that_lost_half_its_rows_delists_no_one(tmp_path, site, box):
    path = "/medicines.json"
    source = {"id": "ema", "reader": "ema_medicines", "url": site.url(path), "title": "EMA"}
    rows = [row(number) for number in range(1, 41)]
    with station(settings(tmp_path, [source], channels={"pv": box.address()})) as watching:
        site.page(path, bulk(*rows), media_type="application/json")
        watching.look()
        site.page(path, bulk(*rows[:20]), media_type="application/json")
        halved = [watching.look()[0].capture.verdict for _ in range(3)]
        site.page(path, bulk(*rows), media_type="application/json")
        (back,) = watching.look()

        assert set(halved) == {Verdict.SHRUNK}
        assert back.capture.verdict is Verdict.OK
        assert watching.types() == ["source.truncated", "source.recovered"]
        assert box.messages == []


def test_rows_in_another_order_and_bytes_that_say_the_same_are_no_news(tmp_path, site, box):
    path = "/medicines.json"
    source = {"id": "ema", "reader": "ema_medicines", "url": site.url(path), "title": "EMA"}
    rows = [row(number) for number in range(1, 11)]
    with station(settings(tmp_path, [source], channels={"pv": box.address()})) as watching:
        site.page(path, bulk(*rows), media_type="application/json")
        watching.look()
        site.page(path, bulk(*rows[::-1], at="2026-11-22T18:04:00Z"), media_type="application/json")
        (again,) = watching.look()

        assert again.capture.verdict is Verdict.OK
        assert watching.types() == []
