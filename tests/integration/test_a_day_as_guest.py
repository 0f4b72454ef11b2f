"""A day of the shipped configuration: how often who is asked, whatever happens to the program."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from kit.clocks import StandingClock
from kit.days import EMA, MEDPATH, KilledError, Life, Web, look_round, shipped
from watcher.ports import Answer, Request
from watcher.ports.store import EventFilter

EVENING = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
DAY = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
PACES = {EMA: 10, MEDPATH: 30}
PATH = "/en/documents/report/medicines-output-medicines_json-report_en.json"


@pytest.fixture(scope="module")
def evening(tmp_path_factory) -> Path:
    """A store after a first evening: its first looks lie behind it."""
    folder = tmp_path_factory.mktemp("evening") / "service"
    Life(shipped(folder), Web(StandingClock(EVENING))).live(EVENING + timedelta(minutes=5))
    return folder


@pytest.fixture
def web() -> Web:
    return Web(StandingClock(DAY))


@pytest.fixture
def life(evening, tmp_path, web) -> Life:
    """A service that goes on from that evening at midnight."""
    shutil.copytree(evening, tmp_path / "service")
    return Life(shipped(tmp_path / "service"), web)


def assert_a_guest(web: Web) -> None:
    """Pace and robots.txt were never broken, tables asked for twice a day at most."""
    for host, pace in PACES.items():
        gaps = [later - earlier for earlier, later in pairwise(web.times(host))]
        assert all(gap >= timedelta(seconds=pace) for gap in gaps), host
    answered = [each for each in web.asked if each.status]
    days = Counter((each.path, each.host, each.at.date()) for each in answered)
    tables = {key: count for key, count in days.items() if key[0] == PATH}
    assert all(count <= 2 for count in tables.values()), tables
    robots = {key: count for key, count in days.items() if key[0] == "/robots.txt"}
    assert all(count <= 1 for count in robots.values()), robots


def test_a_quiet_day_is_a_handful_of_requests(life, web):
    life.live(DAY + timedelta(days=1), step=600)

    assert_a_guest(web)
    asked = Counter((each.host, each.path) for each in web.asked)
    assert asked[EMA, PATH] == 2
    assert asked[EMA, "/en/medicines/human/EPAR/alofisel"] == 2
    assert sum(asked.values()) <= 8
    assert {each.status for each in web.asked if each.path == "/robots.txt"} == {304}


def test_fifty_restarts_on_that_day_and_kills_amid_requests_break_no_manners(life, web):
    web.clock.forward(5 * 3600 + 14 * 60)

    def kill(request: Request) -> Answer | None:
        if request.url.endswith(".json") and len(kills) < 3:
            raise KilledError
        return None

    kills: list[datetime] = []
    web.fault = kill
    for _ in range(50):
        try:
            with life.process() as watcher:
                look_round(watcher)
        except KilledError:
            kills.append(web.clock.now())
        web.clock.forward(97)
    web.fault = lambda _request: None
    life.live(DAY + timedelta(days=1), step=600)

    assert len(kills) == 3
    assert_a_guest(web)
    tables = [each for each in web.asked if each.path == PATH]
    assert [each.status for each in tables] == [0, 0, 0, 200, 200]
    gaps = [later.at - earlier.at for earlier, later in pairwise(tables)]
    assert min(gaps) >= timedelta(minutes=15)  # what killed us once is not asked for at once


def test_what_the_agency_asks_for_is_heeded_also_by_the_next_process(life, web):
    refused: list[datetime] = []

    def busy(request: Request) -> Answer | None:
        if request.url.endswith(".json") and not refused:
            refused.append(web.clock.now())
            return Answer(url=request.url, status=429, headers={"retry-after": "5400"})
        return None

    web.fault = busy
    web.clock.forward(5 * 3600)
    life.live(DAY + timedelta(hours=5, minutes=40), step=120)
    life.live(DAY + timedelta(days=1), step=600)

    after = [at for at in web.times(EMA) if at > refused[0]]
    assert after[0] - refused[0] >= timedelta(seconds=5400)
    gaps = [later - earlier for earlier, later in pairwise(web.times(EMA))]
    assert min(gaps) >= timedelta(seconds=10)


def test_after_a_week_asleep_each_target_is_looked_at_once(life, web):
    with life.process() as watcher:
        web.clock.forward(7 * 86_400)
        began = web.clock.now()
        for _ in range(10):
            look_round(watcher)
            web.clock.forward(20)

    paths = Counter(each.path for each in web.asked if each.path != "/robots.txt")
    assert sorted(paths.values()) == [1, 1, 1]
    gaps = [later - earlier for earlier, later in pairwise(web.times(EMA))]
    assert min(gaps) >= timedelta(seconds=10)
    assert web.asked[-1].at - began < timedelta(minutes=5)


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=365), timedelta(hours=1)])
def test_a_clock_that_jumps_makes_at_most_one_look_more_of_each_target(life, web, jump):
    web.clock.forward(6 * 3600)
    with life.process() as watcher:
        look_round(watcher)
        web.asked.clear()
        web.clock._at += jump
        for _ in range(20):
            look_round(watcher)
            web.clock.forward(30)

    paths = Counter(each.path for each in web.asked if each.path != "/robots.txt")
    assert all(count == 1 for count in paths.values())
    assert len(paths) == (3 if jump > timedelta(days=1) else 0)


def test_what_robots_txt_forbids_is_not_asked_for_and_the_operator_hears_of_it(tmp_path, web):
    def shut(request: Request) -> Answer | None:
        if request.url.endswith("robots.txt"):
            return Answer(url=request.url, status=200, body=b"User-agent: *\nDisallow: /")
        return None

    web.fault = shut
    life = Life(shipped(tmp_path / "new"), web)
    life.live(DAY + timedelta(hours=2), step=300)

    assert {each.path for each in web.asked} == {"/robots.txt"}
    assert_a_guest(web)
    with life.process() as watcher, watcher.store.reading() as work:
        assert [*work.log.read(EventFilter(types=("source.unreachable",)))]
