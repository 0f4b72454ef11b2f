"""When a message is tried again, when a channel is left alone, and how many come alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.core import backoff, breaker, throttle
from watcher.core.breaker import Way
from watcher.core.taxonomy import Severity

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("attempts", range(1, backoff.GIVE_UP_AFTER))
def test_the_wait_is_the_step_or_up_to_a_fifth_less_and_always_the_same(attempts):
    step = backoff.STEPS[min(attempts, len(backoff.STEPS)) - 1]
    waits = {backoff.wait(f"key {number}", attempts) for number in range(50)}

    assert all(step * 0.8 <= wait <= step for wait in waits)
    assert len(waits) > 40, "what failed together does not come back together"
    assert backoff.wait("key", attempts) == backoff.wait("key", attempts)


def test_three_failures_close_a_channel_for_longer_and_longer_up_to_an_hour():
    rests = [breaker.rest("pv", failures) for failures in range(12)]

    assert rests[:3] == [timedelta(0)] * 3
    assert breaker.SHORTEST * 0.8 <= rests[3] <= breaker.SHORTEST
    assert rests[3] < rests[4] < rests[5] < rests[6] < rests[7]
    assert all(breaker.LONGEST * 0.8 <= rest <= breaker.LONGEST for rest in rests[9:])


def test_a_closed_channel_lets_nothing_through_and_then_one():
    until = NOW + timedelta(minutes=5)

    assert breaker.way(2, None, NOW) is Way.OPEN
    assert breaker.way(3, until, NOW) is Way.SHUT
    assert breaker.way(3, until, until) is Way.ONE


def test_a_rest_set_by_a_clock_that_ran_ahead_is_over():
    assert breaker.way(3, NOW + timedelta(days=365), NOW) is Way.ONE


def test_the_first_few_come_alone_and_the_rest_in_a_summary():
    assert throttle.summary_due(Severity.HIGH, NOW, throttle.MOST - 1) is None
    assert throttle.summary_due(Severity.HIGH, NOW, throttle.MOST) == NOW + throttle.WINDOW


def test_a_summary_with_something_critical_waits_a_minute_at_most():
    due = throttle.summary_due(Severity.CRITICAL, NOW, throttle.MOST)

    assert due == NOW + timedelta(minutes=1)
