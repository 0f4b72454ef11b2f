"""Who looks at what: one process at a time, the most urgent first, and the dead hold nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.clocks import NOON
from watcher.core.capture import LISTS, NEVER_DUE, NEWS, URGENT, Capture, Target, instant
from watcher.core.verdict import Verdict
from watcher.ports.cluster import DEAD_AFTER, LEASE, Process
from watcher.ports.hosts import Standing
from watcher.store.store import SqlStore

HOST, OTHER = "www.ema.europa.eu", "agency.example:8080"
NOW = instant(NOON)
ME, YOU = "one", "two"


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    with store.writing() as work:
        for name in (ME, YOU):
            work.processes.beat(a_process(name))
    yield store
    store.close()


def a_process(name: str, beat_at: str = NOW) -> Process:
    return Process(
        id=name,
        role="worker",
        machine="machine",
        pid=7,
        version="0",
        started_at=NOW,
        beat_at=beat_at,
    )


def put(store, *names: str, host: str = HOST, **how: object) -> None:
    with store.writing() as work:
        work.captures.put_targets(
            [Target(source="s", url=f"https://{host}/{name}", **how) for name in names]
        )


def take(store, process: str = ME, at=NOON, limit: int = 10, host: str = HOST) -> list[str]:
    with store.writing() as work:
        claimed = work.claims.take(host, process, at, limit)
    return [each.url.rpartition("/")[2] for each in claimed]


def later(seconds: float) -> str:
    return instant(NOON + timedelta(seconds=seconds))


def test_what_is_due_is_claimed_by_one_process_and_by_no_other(store):
    put(store, "a", "b", "c")

    assert take(store, limit=2) == ["a", "b"]
    assert take(store, YOU) == ["c"]
    assert take(store) == take(store, YOU) == []


def test_the_most_urgent_comes_first_then_what_has_been_due_longest(store):
    put(store, "regular", next_due=later(-500))
    put(store, "table", next_due=later(-10), priority=LISTS)
    put(store, "confirmation", next_due=later(-1), priority=URGENT)
    put(store, "row-changed", priority=NEWS)
    put(store, "older", next_due=later(-900))
    put(store, "not-yet", next_due=later(1))
    put(store, "no-longer", next_due=NEVER_DUE)

    assert take(store) == ["confirmation", "table", "row-changed", "older", "regular"]


def test_servers_are_told_by_what_is_most_urgent_at_them_and_held_ones_are_not(store):
    put(store, "a", next_due=later(-10))
    put(store, "b", host=OTHER, next_due=later(-5), priority=URGENT)
    put(store, "c", host="quiet.example", next_due=later(60))

    with store.writing() as work:
        found = [(each.host, each.priority) for each in work.claims.waiting(NOW, 10)]
        assert found == [(OTHER, URGENT), (HOST, 0)]
        assert work.claims.hold(OTHER, ME, NOW)
        assert [each.host for each in work.claims.waiting(NOW, 10)] == [HOST]


def test_a_server_that_asked_for_a_pause_is_not_told_until_it_is_over(store):
    put(store, "a")
    with store.writing() as work:
        work.hosts.put(Standing(host=HOST, paused_until=later(60)))

        assert work.claims.waiting(NOW, 10) == ()
        assert [each.host for each in work.claims.waiting(later(61), 10)] == [HOST]


def test_under_pressure_only_what_is_urgent_is_told_and_claimed(store):
    put(store, "regular", "news", next_due=later(-1))
    put(store, "news", next_due=later(-1), priority=NEWS)
    with store.writing() as work:
        assert [each.host for each in work.claims.waiting(NOW, 10, NEWS)] == [HOST]
        assert work.claims.waiting(NOW, 10, URGENT) == ()
        claimed = work.claims.take(HOST, ME, NOON, 10, NEWS)

    assert [each.url for each in claimed] == [f"https://{HOST}/news"]


def test_a_turn_is_held_by_one_process_until_it_is_given_back(store):
    with store.writing() as work:
        claims = work.claims
        assert claims.hold(HOST, ME, NOW)
        assert claims.hold(HOST, ME, NOW), "again by the same is no trouble"
        assert not claims.hold(HOST, YOU, NOW)
        assert (claims.holds(HOST, ME), claims.holds(HOST, YOU)) == (True, False)

        claims.let_go(HOST, YOU)
        assert not claims.hold(HOST, YOU, NOW), "what is not one's own cannot be given back"
        claims.let_go(HOST, ME)
        assert claims.hold(HOST, YOU, NOW)


def test_what_was_claimed_and_not_looked_at_is_due_as_it_was(store):
    put(store, "a", "b", next_due=later(-30))
    with store.writing() as work:
        claimed = work.claims.take(HOST, ME, NOON, 10)
        work.claims.give_back(ME, claimed[1:])

    assert take(store, YOU) == ["b"]
    assert due_at(store, "a") == instant(NOON + LEASE), "it is not due at once again"


def test_what_is_brought_forward_while_somebody_has_it_stays_so(store):
    put(store, "a", next_due=later(-30))
    with store.writing() as work:
        claimed = work.claims.take(HOST, ME, NOON, 10)
    put(store, "a", next_due="", priority=NEWS)
    with store.writing() as work:
        work.claims.give_back(ME, claimed)

    assert due_at(store, "a") == ""


def test_a_look_that_ended_frees_its_target(store):
    put(store, "a")
    assert take(store) == ["a"]
    with store.writing() as work:
        target = work.captures.target("s", f"https://{HOST}/a")
        look = Capture(id="x", source="s", url=target.url, at=NOW, verdict=Verdict.OK)
        work.captures.add(look, replace(target, next_due=later(1)))

    assert take(store, YOU, NOON + timedelta(seconds=2)) == ["a"]


def test_the_dead_hold_nothing_and_what_they_were_at_is_due_at_once(store):
    put(store, "a")
    put(store, "b", host=OTHER)
    with store.writing() as work:
        assert work.claims.hold(HOST, ME, NOW)
        assert work.claims.hold("channel mail", ME, NOW)
    assert take(store) == ["a"]
    died = NOON + DEAD_AFTER + timedelta(seconds=1)
    with store.writing() as work:
        work.processes.beat(a_process(YOU, instant(died)))
        buried = work.claims.bury(instant(died))

        assert [(each.url, each.deaths) for each in buried] == [(f"https://{HOST}/a", 1)]
        assert [each.id for each in work.processes.all()] == [YOU]
        assert work.claims.hold(HOST, YOU, instant(died))
        assert work.claims.hold("channel mail", YOU, instant(died))
        assert work.claims.bury(instant(died)) == (), "once"
    assert take(store, YOU, died) == ["a"]


def test_who_is_late_with_a_sign_of_life_may_be_relieved_before_anybody_buries_it(store):
    late = instant(NOON + DEAD_AFTER + timedelta(seconds=1))
    with store.writing() as work:
        assert work.claims.hold(HOST, ME, NOW)
        work.processes.beat(a_process(YOU, late))

        assert work.claims.hold(HOST, YOU, late)
        assert not work.claims.holds(HOST, ME)


def test_what_a_process_died_of_is_claimed_alone_and_takes_no_other_along(store):
    put(store, "a", "poison", "z", next_due=later(-5))
    with store.writing() as work:
        work.claims.take(HOST, ME, NOON, 3)
        died = NOON + DEAD_AFTER
        work.processes.beat(a_process(YOU, instant(died)))
        work.claims.bury(instant(died))
    put(store, "fresh", next_due=later(60))

    assert take(store, YOU, died) == ["a"]
    assert take(store, YOU, died) == ["poison"]
    assert take(store, YOU, died + timedelta(minutes=2)) == ["z"]
    assert take(store, YOU, died + timedelta(minutes=2)) == ["fresh"]


def test_who_ends_in_order_leaves_nothing_behind(store):
    put(store, "a")
    with store.writing() as work:
        work.claims.hold(HOST, ME, NOW)
        work.claims.take(HOST, ME, NOON, 3)
        work.processes.leave(ME)

        assert [each.id for each in work.processes.all()] == [YOU]
        assert work.claims.hold(HOST, YOU, NOW)
        assert [each.deaths for each in work.claims.take(HOST, YOU, NOON, 3)] == [0]


def test_how_the_work_stands_is_counted(store):
    put(store, "a", "b", next_due=later(-90))
    put(store, "c", host=OTHER, next_due=later(90))
    put(store, "d", next_due=NEVER_DUE)
    with store.writing() as work:
        work.claims.hold(HOST, ME, NOW)
        work.claims.hold("channel mail", ME, NOW)
        work.claims.take(HOST, ME, NOON, 1)
        found = work.claims.backlog(NOW)

    assert (found.targets, found.due, found.leased, found.oldest) == (3, 1, 1, later(-90))
    assert (found.hosts, found.held) == (2, 1)


def due_at(store, name: str) -> str:
    with store.reading() as work:
        return work.captures.target("s", f"https://{HOST}/{name}").next_due
