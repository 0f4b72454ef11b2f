"""What is remembered of hosts: in the database, in the same commit where it can be, and told."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from kit.clocks import StandingClock
from kit.configs import SMALLEST, loaded
from watcher.bootstrap import World, opened
from watcher.cli.main import app
from watcher.core.capture import instant
from watcher.fetch.politeness import polite
from watcher.ports import Answer, Request
from watcher.ports.hosts import ASKING, RobotsCopy, Standing
from watcher.store.hosts import SqlHostLedger
from watcher.store.store import SqlStore

HOST = "www.ema.europa.eu"
SEEN = Standing(
    host=HOST,
    day="2024-11-22",
    requests=7,
    bytes=123_456,
    last_asked="2024-11-22T11:00:00.000000Z",
    failures=6,
    paused_until="2024-11-22T13:00:00.000000Z",
    why="timeout, fault 6 in a row",
)
RULES = RobotsCopy(text="User-agent: *\n", at=SEEN.last_asked, tried_at=SEEN.last_asked)


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


def kept(store: SqlStore) -> tuple[Standing, ...]:
    with store.reading() as work:
        return work.hosts.standings()


def test_what_is_kept_of_a_host_is_there_for_the_next_process(store):
    ledger = SqlHostLedger(store)
    assert ledger.standing(HOST) == Standing(host=HOST)
    ledger.keep(SEEN)
    ledger.keep_robots(HOST, f"https://{HOST}", RULES)
    ledger.keep_robots(HOST, f"http://{HOST}", RobotsCopy(failure="silence"))

    again = SqlHostLedger(store)
    assert again.standing(HOST) == SEEN
    assert again.robots(HOST, f"https://{HOST}") == RULES
    assert again.robots(HOST, f"http://{HOST}") == RobotsCopy(failure="silence")
    assert again.robots(HOST, "https://elsewhere") is None


def test_robots_txt_may_be_known_before_the_host_is(store):
    SqlHostLedger(store).keep_robots(HOST, f"https://{HOST}", RULES)

    assert kept(store) == (Standing(host=HOST),)


def test_a_note_rides_along_with_the_next_commit_and_not_before(store):
    ledger = SqlHostLedger(store)
    ledger.note(SEEN)
    assert kept(store) == ()

    with store.writing() as work:
        work.move_checkpoint("anything", 1)

    assert kept(store) == (SEEN,)


def test_a_note_never_overtakes_what_was_kept_after_it(store):
    ledger = SqlHostLedger(store)
    ledger.note(SEEN)
    later = Standing(host=HOST, why=ASKING)
    ledger.keep(later)
    with store.writing():
        pass

    assert kept(store) == (later,)


def test_a_look_costs_one_reservation_beside_its_capture_and_none_where_there_is_no_pace(
    tmp_path, monkeypatch
):
    commits = []
    carried = SqlStore.writing

    def counting(self):
        commits.append(self)
        return carried(self)

    monkeypatch.setattr(SqlStore, "writing", counting)
    counts = {}
    for pace in ("0s", "10s"):
        clock = StandingClock()
        folder = tmp_path / pace
        folder.mkdir()
        config = loaded(f"{SMALLEST}hosts: {{{HOST}: {{pace: {pace}}}}}\n", folder)
        world = World(clock=clock, sleep=clock.sleep, ask=lambda r: Answer(url=r.url, status=404))
        with opened(config, world, writable=True) as watcher:
            source = watcher.source("ema")
            watcher.check(source, source.urls[0])
            clock.forward(3600)
            commits.clear()
            watcher.check(source, source.urls[0])
            counts[pace] = len(commits)

    assert counts["10s"] - counts["0s"] == 1


def test_a_pause_is_kept_before_anything_is_made_of_the_answer(store):
    clock = StandingClock()
    headers = {"retry-after": "7200"}
    busy = Answer(url="", status=429, headers=headers)
    guest = polite(
        lambda request: Answer(url="", status=404) if "robots" in request.url else busy,
        clock=clock,
        sleep=clock.sleep,
        ledger=SqlHostLedger(store),
    )
    guest.fetch(Request(url=f"https://{HOST}/page"))

    (standing,) = kept(store)  # no capture was committed, and now we are killed

    assert standing.paused_until == instant(clock.now() + timedelta(seconds=7200))
    assert standing.why == "status 429: it asked for a pause"


def run(folder, *words: str):
    return CliRunner().invoke(app, [*words, "--config", str(folder / "sources.yaml")])


def test_the_command_tells_who_was_asked_how_often_and_who_is_left_alone(tmp_path):
    clock = StandingClock()
    config = loaded(f"{SMALLEST}hosts: {{{HOST}: {{pace: 10s, budget: 100/day}}}}\n", tmp_path)
    world = World(clock=clock, sleep=clock.sleep)
    with opened(config, world, writable=True) as watcher, watcher.store.writing() as work:
        work.hosts.put(SEEN)
        work.hosts.put_robots(HOST, f"https://{HOST}", RULES)
        future = "9999-01-01T00:00:00.000000Z"
        work.hosts.put(Standing(host="b.example", failures=5, paused_until=future, why="timeout"))

    table = run(tmp_path, "hosts")
    told = {row["host"]: row for row in json.loads(run(tmp_path, "hosts", "--json").stdout)}

    assert table.exit_code == 0, table.output
    assert HOST in table.output
    assert told[HOST]["budget"] == 100
    assert told[HOST]["breaker"] == "half-open"
    assert told[HOST]["requests"] == 0  # of another day
    assert told[HOST]["robots"].startswith("14 characters")
    assert (told["b.example"]["breaker"], told["b.example"]["why"]) == ("open", "timeout")


@pytest.mark.parametrize("contact", ["", 'contact: ""\n', "contact: me\n"])
def test_the_service_does_not_start_without_somebody_to_complain_to(tmp_path, contact):
    text = SMALLEST.replace('contact: "mailto:pv@hospital.eu"\n', contact)
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")

    done = run(tmp_path, "run")

    assert done.exit_code == 2
    assert "contact" in done.output


def test_a_budget_that_is_spent_puts_looks_off_to_the_next_day_and_is_told(tmp_path):
    clock = StandingClock()
    text = SMALLEST.replace("every: 12h", "every: 1h")
    config = loaded(f"{text}hosts: {{{HOST}: {{pace: 1s, budget: 3/day}}}}\n", tmp_path)
    asked: list[Request] = []

    def ask(request: Request) -> Answer:
        asked.append(request)
        return Answer(url=request.url, status=404)

    with opened(config, World(clock=clock, sleep=clock.sleep, ask=ask), writable=True) as watcher:
        for _ in range(11 * 6):
            clock.forward(600)
            for source, url in list(watcher.due()):
                if watcher.may_ask(url):
                    watcher.check(source, url)
        assert len(asked) == 3
        (late,) = watcher.late()
        assert "its 3 requests of the day are spent" in late.why
        clock.forward(timedelta(hours=2).total_seconds())
        assert watcher.may_ask(late.url)
        assert instant(clock.now()) > "2026-11-23"


def test_a_reservation_takes_milliseconds(store):
    ledger = SqlHostLedger(store)
    began = time.process_time()
    for _ in range(50):
        ledger.keep(SEEN)

    assert (time.process_time() - began) / 50 < 0.05
