"""A target: when it has its turn."""

from __future__ import annotations

from dataclasses import replace

from watcher.core.capture import LISTS, Target

ALOFISEL = Target(source="ema", url="https://ema.example/alofisel", next_due="2026-11-22T06:00:00Z")


def test_a_target_that_has_another_turn_keeps_all_that_is_known_of_it():
    known = replace(ALOFISEL, changed_at="2024-12-13", every=3600)

    moved = known.moved_to("2026-11-23T06:00:00Z", LISTS)

    assert moved == replace(known, next_due="2026-11-23T06:00:00Z", priority=LISTS)
