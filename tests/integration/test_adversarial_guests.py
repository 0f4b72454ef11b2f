"""Attacks on who is looked at and who is told: races, refusals, a starved table, the desk."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from factories import a_state
from kit.bulk import bulk, row, withdrawn
from kit.clocks import StandingClock
from kit.configs import loaded
from kit.correcting import Bench
from kit.plain_source import URL, a_source, page
from kit.station import settings, station
from watcher.bootstrap import World, opened
from watcher.core.capture import instant
from watcher.errors import FetchRefusedError
from watcher.ports import Answer
from watcher.runtime.desk import Desk, folder_of, leave, new_id
from watcher.services.check import check
from watcher.services.decisions import Decider
from watcher.services.replay import rebuild

TABLE = "https://www.ema.europa.eu/en/documents/report/medicines.json"
FOLLOWING = f"""
contact: "mailto:pv@hospital.eu"
sources:
  - {{id: table, reader: ema_medicines, url: {TABLE}, every: 12h, tier: 1}}
  - id: pages
    reader: generic
    options: {{}}
    follow: {{source: table, every: 30d, where: all}}
    tier: 1
watch_lists: [{{id: mine, products: [Medicine 2]}}]
channels: [{{id: files, url: "folder:messages"}}]
rules: [{{id: r, watch_list: mine, channels: [files]}}]
"""
TEXT = "This page says what it says in as many words as a real one would need for it. " * 30
LABEL = "<dl><dt>S</dt><dd>t</dd></dl>"
HTML = f"<html lang='en'><body><h1>A page</h1><p>{TEXT}</p>{LABEL}</body></html>"


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


class Agency:
    def __init__(self):
        self.rows = [row(number) for number in range(1, 4)]
        self.meanwhile = {}

    def fetch(self, request):
        if request.url in self.meanwhile:
            self.meanwhile.pop(request.url)()
        is_table = request.url == TABLE
        headers = {"content-type": "application/json" if is_table else "text/html"}
        body = bulk(*self.rows) if is_table else HTML
        return Answer(url=request.url, status=200, headers=headers, body=body.encode())


@pytest.fixture
def following(tmp_path):
    """A watcher of a table and its pages, all of them looked at."""
    clock, agency = StandingClock(), Agency()
    world = World(clock=clock, sleep=clock.sleep, fetcher=agency)
    with opened(loaded(FOLLOWING, tmp_path), world, writable=True) as watcher:
        for _ in range(60):
            clock.forward(4 * 3600)
            for source, url in watcher.due():
                watcher.check(source, url)
            watcher.alert()
        yield watcher


def due_at(watcher, url):
    with watcher.store.reading() as work:
        return work.captures.target("pages", url).next_due


def test_a_page_brought_forward_while_it_is_looked_at_is_looked_at_again(following):
    """What the page said a moment before its row changed is not what it says now."""
    agency, clock = following.tools.fetcher, following.tools.clock
    url = row(2)["medicine_url"]

    def table_changes():
        agency.rows[1] = withdrawn(2)
        following.check(following.source("table"), TABLE)
        following.alert()

    agency.meanwhile[url] = table_changes
    following.check(following.source("pages"), url)

    assert due_at(following, url) <= instant(clock.now())
    clock.forward(60)
    following.check(following.source("pages"), url)
    assert due_at(following, url) > instant(clock.now())


def test_a_table_is_not_starved_by_the_pages_it_names(following):
    """Thousands of rows that change at once bring their pages forward, before all that is due."""
    agency, clock = following.tools.fetcher, following.tools.clock
    agency.rows = [{**each, "last_updated_date": "22/11/2026"} for each in agency.rows]
    following.check(following.source("table"), TABLE)
    following.alert()
    clock.forward(13 * 3600)

    first, *rest = [source.id for source, _ in following.due()]
    assert first == "table"
    assert rest == ["pages"] * 3


def test_a_refusal_that_lasts_is_told_like_any_trouble_that_lasts(bench):
    """A rule may name `source.*` alone; and a resolver that leads inward may do so for weeks."""
    bench.look(a_state())
    for _ in range(24 * 8):
        bench.clock.forward(3600)
        bench.fetcher.answers.append(FetchRefusedError("leads to 10.0.0.1", kind="address"))
        check(a_source(), URL, bench.tools)

    told = [each.event.type for each in bench.log(types=("fetch.*", "source.*"))]
    assert told == ["fetch.refused", "source.unreachable", "source.unreachable"]


def test_a_page_no_longer_watched_does_not_keep_its_source_in_trouble(tmp_path):
    bench = Bench(tmp_path)
    pages = (URL, f"{URL}-two")
    source = a_source(urls=(), follows="table")
    with bench.store.writing() as work:
        for url in pages:
            work.captures.put_target(replace(work.captures.target("ema", url), next_due=""))
    for _ in range(4):
        bench.clock.forward(3600)
        for url in pages:
            bench.fetcher.says(b"gone", status=503, url=url)
            check(source, url, bench.tools)
    with bench.store.writing() as work:
        gone = work.captures.target("ema", pages[1])
        work.captures.put_target(replace(gone, next_due="9999-12-31T00:00:00.000000Z"))
    bench.clock.forward(3600)
    bench.fetcher.says(page({"medicine:one": a_state()}))
    check(source, URL, bench.tools)

    assert [each.event.type for each in bench.log(types=("source.*",))][-1] == "source.recovered"
    bench.store.close()


@pytest.mark.parametrize(
    ("words", "event"),
    [
        ("Withdrawn", "authorisation.withdrawn"),
        ("Application withdrawn", "application.withdrawn"),
        ("Refused", "authorisation.refused"),
    ],
)
def test_a_row_that_is_new_and_tells_of_an_ending_is_told_as_one(following, words, event):
    """EMA lists no application before its opinion: one withdrawn earlier comes as such a row."""
    agency, clock = following.tools.fetcher, following.tools.clock
    agency.rows.append(row(9, medicine_status=words))
    clock.forward(12 * 3600)
    outcome = following.check(following.source("table"), TABLE)

    assert [told.event.type for told in outcome.events] == ["product.listed", event]
    ended = outcome.events[1].event
    assert ended.change("authorisation[EU].status").after == ended.details["after"]
    assert rebuild(following.store).is_equal


@pytest.fixture
def desk(tmp_path):
    source = {"id": "ema", "reader": "ema_medicines", "url": "http://127.0.0.1:9/medicines.json"}
    path = settings(tmp_path, [source], channels={"pv": "folder:messages"})
    with station(path, StandingClock()) as here:
        yield Desk(here.watcher, folder_of(here.watcher.config), logging.getLogger("desk"))


def asked(desk, order, **arguments):
    desk.watcher.tools.clock.forward(1)
    by = Decider(who="m. weber", request=new_id())
    leave(desk.folder, order, arguments, by, desk.watcher.tools.clock)
    return by.request


def served(desk):
    """Let the desk take its turns as the service's tick would, whatever becomes of one."""
    for _ in range(3):
        try:
            desk.serve()
        except Exception:  # as the service's tick
            logging.getLogger("desk").exception("unforeseen")


@pytest.mark.parametrize("number", [2**70, 2**63, -1])
def test_a_number_that_no_table_can_hold_does_not_stop_the_desk(desk, number):
    asked(desk, "resend", message=number, why="x")
    after = asked(desk, "look", source="ema")
    served(desk)

    answered = desk.folder.answer_to(after)
    assert answered is not None
    assert answered.ok


def test_what_is_dropped_twice_at_the_desk_is_moved_aside_twice(desk):
    for _ in range(2):
        (desk.folder.path / "notes").mkdir()
        (desk.folder.path / "notes" / "a.txt").write_text("a")
        served(desk)
    after = asked(desk, "look", source="ema")
    served(desk)

    assert desk.folder.answer_to(after) is not None


def test_an_answer_that_cannot_be_read_does_not_stop_the_desk(desk):
    first = asked(desk, "look", source="ema")
    place = desk.folder.path / f"{first}.answer"
    place.write_bytes(b"{")
    place.chmod(0o600)
    after = asked(desk, "look", source="ema")
    served(desk)

    assert desk.folder.answer_to(after) is not None


def test_a_folder_called_like_an_answer_does_not_stop_the_desk(desk):
    (desk.folder.path / "old.answer").mkdir()
    desk.watcher.tools.clock.forward(400 * 86_400)
    after = asked(desk, "look", source="ema")
    served(desk)

    assert desk.folder.answer_to(after) is not None
