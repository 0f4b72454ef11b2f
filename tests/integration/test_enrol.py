"""What the configuration names is in the store, from where any process claims it; and why when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit.clocks import NOON
from watcher.core.adapt import Pace
from watcher.core.capture import LISTS, NEVER_DUE, URGENT, Target, instant
from watcher.core.schedule import Every
from watcher.errors import NotFoundError
from watcher.services.due import Plan
from watcher.services.enrol import enrol
from watcher.services.why_when import why_when
from watcher.store.store import SqlStore

TABLE, FEED = "https://ema.example/table", "https://ema.example/feed"
DAILY = Every(86_400)


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


def plan(*urls: str, source: str = "s", schedule: Every = DAILY) -> Plan:
    return Plan(source=source, schedule=schedule, urls=urls)


def dues(store) -> dict[str, str]:
    with store.reading() as work:
        return {each.url: each.next_due for each in work.captures.targets()}


def put(store, *targets: Target) -> None:
    with store.writing() as work:
        work.captures.put_targets(targets)


def test_each_address_is_enrolled_once_and_is_due_at_once(store):
    assert enrol(store, [plan(TABLE, FEED)], NOON) == 2
    assert enrol(store, [plan(TABLE, FEED)], NOON) == 0

    assert dues(store) == {TABLE: "", FEED: ""}
    with store.reading() as work:
        assert {each.priority for each in work.captures.targets()} == {LISTS}
        assert [each.host for each in work.claims.waiting(instant(NOON), 5)] == ["ema.example"]


def test_where_we_are_with_an_address_is_left_as_it_is(store):
    later = instant(NOON + timedelta(hours=3))
    put(store, Target(source="s", url=TABLE, next_due=later, etag="x"))

    assert enrol(store, [plan(TABLE)], NOON) == 0
    assert dues(store) == {TABLE: later}


def test_an_address_no_longer_named_is_due_no_more_and_named_again_it_is(store):
    enrol(store, [plan(TABLE, FEED)], NOON)
    enrol(store, [plan(TABLE)], NOON)
    assert dues(store) == {TABLE: "", FEED: NEVER_DUE}

    enrol(store, [plan(TABLE, FEED)], NOON)
    assert dues(store) == {TABLE: "", FEED: ""}


def test_a_source_that_is_gone_has_nothing_looked_at_any_more(store):
    enrol(store, [plan(TABLE), plan(FEED, source="t")], NOON)
    enrol(store, [plan(TABLE)], NOON)

    assert dues(store) == {TABLE: "", FEED: NEVER_DUE}


def test_a_schedule_made_shorter_brings_forward_what_was_kept_by_the_longer_one(store):
    put(store, Target(source="s", url=TABLE, next_due=instant(NOON + timedelta(days=20))))

    enrol(store, [plan(TABLE, schedule=Every(3600))], NOON)
    assert dues(store) == {TABLE: instant(NOON)}


def reasons(store, pace: Pace | None = None, promised: int = 86_400) -> str:
    (found,) = why_when(store, TABLE, {"s": (promised, pace)}, NOON)
    return "\n".join(found.reasons)


def test_an_interval_of_its_own_is_told_with_the_promise_it_stays_within(store):
    changed = instant(NOON - timedelta(hours=2))
    put(
        store,
        Target(
            source="s",
            url=TABLE,
            every=21_600,
            changed_at=changed,
            last_good="x",
            next_due=instant(NOON + timedelta(hours=4)),
        ),
    )

    told = reasons(store, Pace(promised=86_400, least=3_600))
    assert "every 6 h now: its source promises 1 d and allows 1 h" in told
    assert "last changed at 2026-11-22 10:00 UTC" in told
    assert "looked at next at 2026-11-22 16:00 UTC" in told


def test_what_is_urgent_what_fails_and_who_is_at_it_are_told(store):
    since = instant(NOON - timedelta(days=3))
    put(
        store,
        Target(source="s", url=TABLE, priority=URGENT, failures=4, failing_since=since),
    )
    assert "its last 4 looks since 2026-11-19 12:00 UTC found nothing good" in reasons(store)
    assert "before all else" in reasons(store)

    with store.apart() as work:
        work.claims.take("ema.example", "somebody", NOON, 1)
    assert "process somebody is at it now" in reasons(store)


def test_what_nobody_looks_at_any_more_says_so(store):
    put(store, Target(source="s", url=TABLE, next_due=NEVER_DUE))

    assert reasons(store).startswith("nothing asks for looks at it any more")


def test_an_address_that_no_source_has_is_said_to_be_none(store):
    with pytest.raises(NotFoundError, match="no source looks at"):
        why_when(store, FEED, {"s": (1, None)}, NOON)
