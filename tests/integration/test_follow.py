"""Pages that a bulk file's rows name: looked at when their row changes, and once in a while."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.clocks import NOON, StandingClock
from kit.configs import SMALLEST, loaded
from watcher.bootstrap import World, opened
from watcher.core.capture import NEVER_DUE, Target, instant
from watcher.errors import ConfigError
from watcher.ports import Answer, Request

TABLE = "https://www.ema.europa.eu/en/documents/report/medicines.json"
PAGES = "https://www.ema.europa.eu/en/medicines/human/EPAR/"
CONFIG = """
contact: "mailto:pv@hospital.eu"
sources:
  - {{id: table, reader: ema_medicines, url: {table}, every: 12h, tier: 1}}
  - id: pages
    reader: generic
    options: {{}}
    follow: {{source: table, every: 30d, where: {where}}}
    tier: 1
watch_lists: [{{id: mine, products: [Medicine 2]}}]
channels: [{{id: files, url: "folder:messages"}}]
rules: [{{id: r, watch_list: mine, channels: [files]}}]
"""
TEXT = "This page says what it says in as many words as a real one would need for it. " * 30
LABEL = "<dl><dt>Status</dt><dd>there</dd></dl>"
HTML = f"<html lang='en'><body><h1>A page</h1><p>{TEXT}</p>{LABEL}</body></html>"


class Agency:
    """One table, and a page for everything."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self.rows = rows
        self.asked: list[str] = []

    def fetch(self, request: Request) -> Answer:
        is_table = request.url == TABLE
        self.asked.append(request.url.rpartition("/")[2])
        headers = {"content-type": "application/json" if is_table else "text/html"}
        body = bulk(*self.rows) if is_table else HTML
        return Answer(url=request.url, status=200, headers=headers, body=body.encode())


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def agency() -> Agency:
    return Agency([row(number) for number in range(1, 31)])


@pytest.fixture
def start(tmp_path, clock, agency):
    def starting(where: str = "all", **lists: object):
        config = loaded(CONFIG.format(table=TABLE, where=where), tmp_path)
        config = replace(config, **lists)
        world = World(clock=clock, sleep=clock.sleep, fetcher=agency)
        return opened(config, world, writable=True)

    return starting


def look(watcher) -> list[str]:
    """Look at everything that is due, as often as something is, and return the pages in order."""
    seen = len(watcher.tools.fetcher.asked)
    while due := list(watcher.due()):
        for source, url in due:
            watcher.check(source, url)
        watcher.alert()
    return watcher.tools.fetcher.asked[seen:]


def targets(watcher) -> dict[str, str]:
    with watcher.store.reading() as work:
        known = work.captures.targets()
    return {each.url: each.next_due for each in known if each.source == "pages"}


def test_the_pages_of_a_table_first_seen_are_spread_over_a_week_and_not_asked_at_once(start):
    with start() as watcher:
        assert look(watcher) == ["medicines.json"]

        dues = sorted(targets(watcher).values())
        assert len(dues) == 30
        assert instant(NOON) < dues[0]
        assert dues[-1] < instant(NOON + timedelta(days=7))
        assert len({due[:10] for due in dues}) == 8


def test_a_changed_row_has_its_page_looked_at_at_once_and_before_all_others(start, agency, clock):
    with start() as watcher:
        look(watcher)
        agency.rows[6] = withdrawn(7)
        clock.forward(12 * 3600)
        watcher.check(watcher.source("table"), TABLE)
        watcher.alert()

        pages = [url for source, url in watcher.due() if source.id == "pages"]
        assert pages[0] == f"{PAGES}medicine-7"
        assert look(watcher)[0] == "medicine-7"
        assert f"{PAGES}medicine-7" not in [url for _, url in watcher.due()]


def test_a_new_row_has_a_page_and_a_row_that_is_gone_keeps_its_turn(start, agency, clock):
    with start() as watcher:
        look(watcher)
        agency.rows = [*agency.rows[1:], row(99)]
        clock.forward(12 * 3600)
        look(watcher)
        assert "medicine-99" in agency.asked
        turn = targets(watcher)[f"{PAGES}medicine-1"]
        assert instant(clock.now()) < turn < instant(clock.now() + timedelta(days=31))


def test_every_page_is_looked_at_within_each_interval_though_nothing_was_said_of_it(
    start, agency, clock
):
    with start() as watcher:
        for _ in range(2 * 40):
            look(watcher)
            clock.forward(12 * 3600)

    counts = {name: agency.asked.count(name) for name in set(agency.asked) - {"medicines.json"}}
    assert len(counts) == 30
    assert set(counts.values()) <= {1, 2, 3}


def test_only_watched_medicines_are_looked_at_where_the_configuration_says_so(start):
    with start("watched") as watcher:
        assert look(watcher) == ["medicines.json", "medicine-2"]
        assert [*targets(watcher)] == [f"{PAGES}medicine-2"]


def test_a_watch_list_that_changes_moves_what_is_looked_at_and_forgets_no_history(start):
    with start("watched") as watcher:
        look(watcher)
        listed = watcher.config.watch_lists[0]

    with start("watched", watch_lists=(replace(listed, products=("Medicine 3",)),)) as watcher:
        assert look(watcher) == ["medicine-3"]
        assert targets(watcher)[f"{PAGES}medicine-2"] == NEVER_DUE


def test_a_restart_brings_no_page_forward_and_moves_none(start):
    with start() as watcher:
        look(watcher)
        before = targets(watcher)

    with start() as watcher:
        assert targets(watcher) == before
        assert look(watcher) == []


def test_thousands_of_targets_are_asked_for_in_milliseconds(start, clock):
    with start() as watcher:
        look(watcher)
        with watcher.store.writing() as work:
            for number in range(2700):
                at = instant(NOON + timedelta(minutes=number))
                url = f"{PAGES}other-{number}"
                work.captures.put_target(Target(source="pages", url=url, next_due=at))
        clock.forward(100)
        list(watcher.due())

        began = time.process_time()
        for _ in range(20):
            list(watcher.due())
        each = (time.process_time() - began) / 20

    assert each < 0.05  # some 4 ms on an idle machine; all 2,700 as values take 60


@pytest.mark.parametrize(
    ("follow", "why"),
    [
        ("{source: ema}", "sources[ema].follow: a source cannot follow itself"),
        ("{source: emma}", "follow.source: there is no source 'emma'; did you mean 'ema'?"),
        ("{every: 30d}", "follow.source: is missing"),
        ("{source: ema, every: 1h}", "follow.every: expected something from 1d to 365d"),
        ("{source: ema, where: some}", "follow.where: expected one of all, watched"),
        ("{source: ema, whre: all}", "no such key; did you mean 'where'?"),
    ],
)
def test_what_cannot_be_followed_is_told_with_its_line(tmp_path, follow, why):
    text = SMALLEST.replace(
        "    url: https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel\n", ""
    )
    text = text.replace("every: 12h", f"follow: {follow}")

    with pytest.raises(ConfigError) as caught:
        loaded(text, tmp_path)

    assert why in str(caught.value)
    assert "sources.yaml:6" in str(caught.value)


def test_a_source_that_follows_can_itself_not_be_followed(tmp_path):
    third = "  - {id: more, reader: generic, options: {}, follow: {source: pages}, tier: 1}\n"
    text = CONFIG.format(table=TABLE, where="all").replace("watch_lists", f"{third}watch_lists")

    with pytest.raises(ConfigError, match="follows another source itself: name the one"):
        loaded(text, tmp_path)


@pytest.mark.parametrize(
    ("schedule", "is_advised"),
    [
        ("every: 12h", False),
        ("every: 6h", True),
        ('cron: "15 6,18 * * *"', False),
        ('cron: "15 */6 * * *"', True),
    ],
)
def test_a_bulk_file_more_often_than_twice_a_day_is_advised_against(tmp_path, schedule, is_advised):
    text = SMALLEST.replace("/en/medicines/human/EPAR/alofisel", "/en/documents/report/a.json")

    notices = loaded(text.replace("every: 12h", schedule), tmp_path).notices

    assert any("twice a day" in notice.message for notice in notices) is is_advised
