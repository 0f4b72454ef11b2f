"""What stays for ever, and when the rest may go."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from factories import a_recorded, a_withdrawal
from watcher.core.capture import Capture
from watcher.core.events import Event
from watcher.core.facts import Subject
from watcher.core.retention import Retention, evidence, expendable
from watcher.core.settle import NEVER
from watcher.core.verdict import Verdict

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = 86_400


def named(letter):
    return "sha256:" + letter * 64


def look(day, letter="", verdict=Verdict.OK, url="u"):
    """A look on a day of 2026 that had the payload of this letter."""
    return Capture(
        id=f"{day}-{url}",
        source="ema",
        url=url,
        at=f"2026-{day}T00:00:00.000000Z",
        verdict=verdict,
        digest=named(letter) if letter else "",
    )


def event(letter="", previously="", **details):
    told = Event(type="source.blocked", subject=Subject("source", "ema"), details=details)
    return a_recorded(
        told if details else a_withdrawal(),
        snapshot=named(letter) if letter else "",
        previously=f"2026-{previously}T00:00:00.000000Z" if previously else "",
    )


def test_what_an_event_rests_on_or_names_stays():
    assert evidence([event("a"), event("", payload=f"see {named('b')}")], []) == {
        named("a"),
        named("b"),
    }


def test_the_last_two_good_payloads_of_every_address_stay():
    looks = [look("01-01", "a"), look("01-02", "b"), look("01-03", "c")]
    looks += [look("01-04", "d", Verdict.BLOCKED), look("01-05", "e", url="v")]

    assert evidence([], looks) == {named("b"), named("c"), named("e")}


def test_a_payload_that_came_back_counts_from_when_it_was_seen_last():
    looks = [look("01-01", "a"), look("01-02", "b"), look("01-03", "c"), look("01-04", "a")]

    assert evidence([], looks) == {named("a"), named("c")}


@pytest.mark.parametrize("between", [[], [look("01-03", verdict=Verdict.UNCHANGED)]])
def test_the_good_payload_before_an_event_stays(between):
    looks = [look("01-01", "a"), look("01-02", "b"), *between]
    looks += [look("02-01", "c"), look("02-02", "d"), look("02-03", "e")]
    previously = between[-1].at[5:10] if between else "01-02"

    assert evidence([event("c", previously)], looks) == {named(each) for each in "bcde"}


def test_what_was_not_believed_goes_after_its_time_and_not_before():
    looks = [look("08-01", "a", Verdict.BLOCKED), look("11-01", "b", Verdict.ERROR)]

    gone = expendable(looks, frozenset(), Retention(), NOW)
    assert gone == {
        named("a"): "was not believed; last seen 2026-08-01, kept for 90 days",
    }


def test_a_time_counts_from_when_a_payload_was_seen_last():
    looks = [look("01-01", "a", Verdict.BLOCKED), look("11-01", "a", Verdict.BLOCKED)]

    assert expendable(looks, frozenset(), Retention(), NOW) == {}


def test_good_payloads_that_brought_no_event_stay_unless_one_says_otherwise():
    looks = [look("01-01", "a"), look("11-21", "b")]

    assert expendable(looks, frozenset(), Retention(), NOW) == {}
    rules = Retention(unbelieved=NEVER, unchanged=30 * DAY)
    assert [*expendable(looks, frozenset(), rules, NOW)] == [named("a")]


def test_a_payload_believed_once_is_believed():
    looks = [look("01-01", "a"), look("01-02", "a", Verdict.SHRUNK)]

    assert expendable(looks, frozenset(), Retention(), NOW) == {}


def test_evidence_never_goes():
    looks = [look("01-01", "a", Verdict.BLOCKED), look("01-02", "b")]
    rules = Retention(unbelieved=1, unchanged=1)

    assert expendable(looks, {named("a"), named("b")}, rules, NOW) == {}


def test_for_ever_is_for_ever():
    looks = [look("01-01", "a", Verdict.BLOCKED), look("01-02", "b")]

    assert expendable(looks, frozenset(), Retention(unbelieved=NEVER), NOW) == {}
