"""What the outbox, the cases and the ledger of captures promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import NOON
from watcher.core.capture import Capture, Target, capture_id
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError
from watcher.ports import Envelope
from watcher.ports.cases import ANY_TIER, CaseRow
from watcher.store.store import SqlStore

URL = "https://ema.example/alofisel"
LATER = "2024-12-14T13:00:00.000000Z"
FAR = "2024-12-16T12:00:00.000000Z"
LETTER = Envelope(key="k", subject="s", text="t", html="<p>t</p>", chat="t")


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


def a_capture(at=NOON, **changed):
    return Capture(
        **{
            "id": capture_id(URL, at),
            "source": "ema",
            "url": URL,
            "at": at,
            "verdict": Verdict.OK,
            "signals": ("a", "b"),
            "headers": {"etag": '"1"'},
            "digest": "sha256:00",
            **changed,
        }
    )


def test_a_message_stands_in_the_outbox_once_however_often_it_is_put_there(store):
    with store.writing() as work:
        assert work.outbox.put("k", "case", "pv", LETTER, NOON) is True
        assert work.outbox.put("k", "case", "pv", LETTER, LATER) is False
        assert work.outbox.put("k", "case", "chat", LETTER, NOON) is True
        assert [each.channel for each in work.outbox.latest(10)] == ["pv", "chat"]


def test_a_message_is_due_when_its_time_has_come_and_after_a_crash_while_sending(store):
    with store.writing() as work:
        work.outbox.put("k", "case", "pv", LETTER, LATER)
        assert work.outbox.due(NOON, FAR, 10) == ()
        (waiting,) = work.outbox.due(LATER, FAR, 10)
        assert waiting.envelope == LETTER
        work.outbox.update(replace(waiting, state="sending", attempts=1))
        assert [each.attempts for each in work.outbox.due(LATER, FAR, 10)] == [1]
        work.outbox.update(replace(waiting, state="delivered", delivered_at=LATER))
        assert work.outbox.due(LATER, FAR, 10) == ()
        assert [each.state for each in work.outbox.latest(10, "delivered")] == ["delivered"]


def test_a_capture_is_kept_with_everything_about_it(store):
    capture = a_capture()
    with store.writing() as work:
        work.captures.add(capture, Target(source="ema", url=URL, next_due=LATER, waiting=True))

    with store.reading() as work:
        assert work.captures.capture(capture.id[:12]) == capture
        assert work.captures.target("ema", URL).next_due == LATER
        assert work.captures.targets() == (work.captures.target("ema", URL),)
        assert work.captures.known_digest("sha256:00")
        assert not work.captures.known_digest("sha256:ff")
        with pytest.raises(NotFoundError):
            work.captures.capture("x")


def test_captures_are_listed_by_source_and_verdict_the_newest_last(store):
    with store.writing() as work:
        target = Target(source="ema", url=URL)
        work.captures.add(a_capture(), target)
        work.captures.add(a_capture(LATER, verdict=Verdict.BLOCKED), target)

        assert [each.at for each in work.captures.latest()] == [NOON, LATER]
        assert [each.at for each in work.captures.latest(limit=1)] == [LATER]
        assert [each.at for each in work.captures.latest(verdicts=[Verdict.OK])] == [NOON]
        assert work.captures.latest(source="other") == ()


def test_a_target_never_looked_at_is_new(store):
    with store.reading() as work:
        assert work.captures.target("ema", URL).is_new


def test_a_checkpoint_moves_and_stays(store):
    with store.writing() as work:
        assert work.checkpoint("alert") == 0
        work.move_checkpoint("alert", 3)
        work.move_checkpoint("alert", 5)
    with store.reading() as work:
        assert work.checkpoint("alert") == 5


def test_the_newest_case_on_an_axis_is_the_one_that_counts(store):
    row = CaseRow(
        key="a", happening="h", axis="x", after="withdrawn", effective="", lead=1, opened_at=NOON
    )
    with store.writing() as work:
        assert work.cases.last_on("x") is None
        work.cases.open(row, [1, 2])
        work.cases.open(replace(row, key="b", after="authorised", lead=3), [3])
        work.cases.corroborate("a", [4])
        assert work.cases.last_on("x").key == "b"
        assert work.cases.positions("a") == (1, 2, 4)


def test_what_was_missing_is_counted_a_stream(store):
    with store.writing() as work:
        work.streams.set_missing("s", {"document[a]": 1, "document[b]": 2})
        work.streams.set_missing("t", {"document[a]": 1})
        work.streams.set_missing("t", {})
        assert work.streams.missing(["s", "t"]) == {"s": {"document[a]": 1, "document[b]": 2}}


def test_the_messages_of_a_case_are_found_whatever_became_of_them(store):
    with store.writing() as work:
        work.outbox.put("k", "case", "pv", LETTER, NOON)
        work.outbox.put("k-confirmed", "case", "chat", LETTER, NOON)
        work.outbox.put("other", "other", "pv", LETTER, NOON)
        (first, second) = work.outbox.of_case("case")
        work.outbox.update(replace(first, state="cancelled"))

        assert [each.key for each in (first, second)] == ["k", "k-confirmed"]
        assert [each.state for each in work.outbox.of_case("case")] == ["cancelled", "pending"]
        assert [each.key for each in work.outbox.due(LATER, FAR, 10)] == ["k-confirmed", "other"]


def test_an_event_leads_to_the_case_it_tells_of(store):
    row = CaseRow(
        key="key", happening="h", axis="a", after="x", effective="", lead=3, opened_at=NOON
    )
    with store.writing() as work:
        work.cases.open(row, [3, 4])
        work.cases.corroborate("key", [9])

        assert [work.cases.of_event(each) for each in (3, 4, 9)] == [row] * 3
        assert work.cases.of_event(5) is None


def test_a_case_that_no_authority_told_of_first_is_doubted_while_it_is_recent(store):
    row = CaseRow(
        key="a", happening="h", axis="x", after="w", effective="", lead=1, opened_at=NOON, tier=1
    )
    with store.writing() as work:
        work.cases.open(row, [1])
        work.cases.open(replace(row, key="list", lead=2, tier=2), [2])
        work.cases.open(replace(row, key="late", lead=4, tier=4, opened_at=LATER), [4])
        work.cases.open(replace(row, key="aggregator", lead=3, tier=3), [3])
        work.cases.open(replace(row, key="unknown", lead=5, tier=ANY_TIER, opened_at=LATER), [5])

        assert [each.key for each in work.cases.doubted(NOON)] == ["aggregator", "late", "unknown"]
        assert [each.key for each in work.cases.doubted(LATER)] == ["late", "unknown"]
