"""A process that starts while its database is away waits for it, and not for ever."""

from __future__ import annotations

import logging

import pytest

from kit.clocks import StandingClock
from watcher.errors import StoreError
from watcher.runtime.opening import GIVE_UP_SECONDS, when_there

LOG = logging.getLogger("test.opening")


def away(kind: str = "unreachable") -> StoreError:
    return StoreError("the database does not answer", kind=kind)


def opening(*answers: Exception | str):
    """What opens a store: each try has the next answer, and the last one for ever."""
    left = list(answers)

    def opened() -> str:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return opened


def test_a_database_that_comes_back_is_waited_for_and_that_is_said_once(caplog):
    clock = StandingClock()

    assert when_there(opening(away(), away(), away(), "open"), clock.sleep, clock, LOG) == "open"

    assert clock.slept == [0.5, 0.5, 0.5]
    assert [each.message for each in caplog.records] == ["the database does not answer"]


def test_one_that_stays_away_is_asked_ever_more_seldom_and_given_up():
    clock = StandingClock()

    with pytest.raises(StoreError, match="does not answer"):
        when_there(opening(away()), clock.sleep, clock, LOG)

    assert GIVE_UP_SECONDS < clock.monotonic() <= GIVE_UP_SECONDS + 5
    assert (clock.slept[0], clock.slept[-1]) == (0.5, 5.0)


@pytest.mark.parametrize("kind", ["denied", "locked", "full", "io"])
def test_what_waiting_would_not_mend_ends_the_start_at_once(kind):
    clock = StandingClock()

    with pytest.raises(StoreError):
        when_there(opening(away(kind)), clock.sleep, clock, LOG)

    assert clock.slept == []
