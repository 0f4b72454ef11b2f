"""One clock for all machines: this machine's until compared, the shared one from then on."""

from __future__ import annotations

from datetime import timedelta

from kit.clocks import NOON, LooseClock, StandingClock
from watcher.runtime.shared_clock import SharedClock


def test_until_it_was_compared_the_machines_own_clock_counts():
    machine = StandingClock()

    assert SharedClock(machine).now() == machine.now()


def test_a_machine_that_is_an_hour_ahead_tells_the_shared_time():
    machine = StandingClock()
    clock = SharedClock(machine)
    clock.compare(NOON - timedelta(hours=1), machine.monotonic())

    machine.forward(30)

    assert clock.now() == NOON - timedelta(hours=1) + timedelta(seconds=30)


def test_a_machine_whose_clock_is_set_meanwhile_goes_on_telling_it():
    machine = LooseClock()
    clock = SharedClock(machine)
    clock.compare(NOON, machine.monotonic())

    machine.moved = timedelta(days=400)

    assert clock.now() == NOON


def test_half_of_the_time_that_the_answer_took_counts():
    machine = StandingClock()
    clock = SharedClock(machine)
    asked = machine.monotonic()
    machine.forward(4)

    clock.compare(NOON, asked)

    assert clock.now() == NOON + timedelta(seconds=2)
