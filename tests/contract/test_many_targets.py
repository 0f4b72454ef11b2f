"""What is asked of a source with a million targets is answered without going through them here."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kit.clocks import NOON
from kit.engines import outside
from watcher.core.capture import NEVER_DUE, Capture, Target, instant
from watcher.core.verdict import Verdict
from watcher.ports.captures import LookAt
from watcher.store.store import SqlStore

FIRST, SECOND = "https://one.example/1", "https://two.example:8080/2"


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


def at(hours: int) -> str:
    return instant(NOON + timedelta(hours=hours))


def look(work, url: str, hours: int, verdict: Verdict = Verdict.OK, source: str = "s") -> None:
    when = at(hours)
    capture = Capture(id=f"{when}-{source}-{url}", source=source, url=url, at=when, verdict=verdict)
    good = when if verdict.is_good else ""
    work.captures.add(capture, Target(source=source, url=url, last_good_at=good))


def test_the_looks_of_a_source_come_target_by_target_in_their_order(store):
    with store.writing() as work:
        look(work, SECOND, 1)
        look(work, FIRST, 2, Verdict.BLOCKED)
        look(work, SECOND, 3)
        look(work, FIRST, 4)
        look(work, FIRST, 5, source="another")

    with store.reading() as work:
        assert [*work.captures.at_each("s", at(1), at(4))] == [
            LookAt(FIRST, at(2), is_good=False),
            LookAt(FIRST, at(4), is_good=True),
            LookAt(SECOND, at(1), is_good=True),
            LookAt(SECOND, at(3), is_good=True),
        ]
        assert [each.at for each in work.captures.at_each("s", at(2), at(3))] == [at(2), at(3)]


def test_who_was_seen_last_comes_first(store):
    with store.writing() as work:
        look(work, FIRST, 1)
        look(work, SECOND, 2)

    with store.reading() as work:
        assert [each.url for each in work.captures.seen_last("s")] == [SECOND]
        assert [each.url for each in work.captures.seen_last("s", 5)] == [SECOND, FIRST]
        assert work.captures.seen_last("another") == ()


def test_what_is_no_longer_looked_at_can_be_left_out_of_who_was_seen_last(store):
    with store.writing() as work:
        look(work, FIRST, 1)
        look(work, SECOND, 2)
        retired = Target(source="s", url=SECOND, last_good_at=at(2), next_due=NEVER_DUE)
        work.captures.put_target(retired)

        assert [each.url for each in work.captures.seen_last("s")] == [SECOND]
        assert [each.url for each in work.captures.seen_last("s", with_retired=False)] == [FIRST]


def test_targets_are_found_by_words_of_their_address_taken_as_they_stand(store):
    urls = ("https://a.example/Alofisel", "https://a.example/50%25", "https://a.example/5x_y")
    with store.writing() as work:
        for url in urls:
            work.captures.put_target(Target(source="s", url=url, last_good="seen"))
        work.captures.put_target(Target(source="s", url="https://a.example/alofisel-new"))
        work.captures.put_target(Target(source="t", url=urls[0], last_good="seen"))

        def found(words: str, limit: int = 9, source: str = "") -> list[tuple[str, str]]:
            told = work.captures.targets_like(words, limit, source)
            return [(each.source, each.url) for each in told]

        assert found("ALOFISEL") == [("s", urls[0]), ("t", urls[0])]
        assert found("alofisel", source="t") == [("t", urls[0])]
        assert found("a.example", 2) == [("s", urls[1]), ("s", urls[2])]
        assert found("0%2") == [("s", urls[1])]
        assert found("x_y") == [("s", urls[2])]
        assert found("5_") == []


def test_what_is_no_longer_looked_at_counts_only_where_that_is_asked_for(store):
    with store.writing() as work:
        gone = Target(source="s", url=FIRST, next_due=NEVER_DUE, last_good_at=at(3), failures=2)
        work.captures.put_targets([gone, Target(source="s", url=SECOND, last_good_at=at(1))])

    with store.reading() as work:
        looked_at = work.captures.targets_counted("s")
        ever = work.captures.targets_counted("s", with_retired=True)
    assert (looked_at.targets, looked_at.failing, looked_at.last_good_at) == (1, 0, at(1))
    assert (ever.targets, ever.failing, ever.last_good_at) == (2, 1, at(3))


def test_each_server_of_a_source_is_named_once(store):
    with store.writing() as work:
        pages = [f"{SECOND}/{number}" for number in range(3)]
        work.captures.put_targets([Target(source="s", url=url) for url in (FIRST, *pages)])
        work.captures.put_targets([Target(source="another", url="https://three.example/")])

    with store.reading() as work:
        assert work.captures.servers("s") == ("one.example", "two.example:8080")


def test_what_somebody_is_at_is_found_by_an_index(store, place, engine):
    with store.writing() as work:
        work.captures.put_targets([Target(source="s", url=f"{FIRST}/{n}") for n in range(50)])
    explain = "EXPLAIN QUERY PLAN" if engine == "sqlite" else "EXPLAIN"
    asked = "SELECT url FROM targets WHERE leased_by <> '' AND leased_by = 'me'"

    with outside(place) as connection:
        if engine != "sqlite":
            connection.execute(sa.text("SET enable_seqscan = off"))
        plan = "\n".join(str(row) for row in connection.execute(sa.text(f"{explain} {asked}")))
    assert "targets_leased" in plan
