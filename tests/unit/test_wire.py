"""The budget of one exchange, by a clock that moves when told."""

from __future__ import annotations

import pytest

from kit.clocks import StandingClock
from watcher.errors import FetchError
from watcher.fetch.wire import Budget


def test_the_time_left_shrinks_and_is_never_zero():
    clock = StandingClock()
    budget = Budget(clock, seconds=10, wire_bytes=100)

    clock.forward(9.5)
    assert budget.seconds_left() == 0.5

    clock.forward(0.5)
    with pytest.raises(FetchError, match="within 10 s") as spent:
        budget.seconds_left()
    assert (spent.value.kind, spent.value.is_transient) == ("timeout", True)


def test_every_byte_on_the_wire_counts():
    budget = Budget(StandingClock(), seconds=10, wire_bytes=100)
    budget.spend(60)
    budget.spend(40)

    with pytest.raises(FetchError) as spent:
        budget.spend(1)

    assert (spent.value.kind, spent.value.is_transient) == ("too_large", False)
