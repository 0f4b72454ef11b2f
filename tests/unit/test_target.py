"""A target: when it has its turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from watcher.core.capture import LISTS, Target, capture_id, instant

ALOFISEL = Target(source="ema", url="https://ema.example/alofisel", next_due="2026-11-22T06:00:00Z")


def test_a_target_that_has_another_turn_keeps_all_that_is_known_of_it():
    known = replace(ALOFISEL, changed_at="2024-12-13", every=3600)

    moved = known.moved_to("2026-11-23T06:00:00Z", LISTS)

    assert moved == replace(known, next_due="2026-11-23T06:00:00Z", priority=LISTS)


def test_a_target_is_new_until_it_was_seen_well():
    assert ALOFISEL.is_new
    assert not replace(ALOFISEL, last_good="20241214T120000000Z-00000000").is_new


def test_a_capture_is_known_by_its_address_and_its_instant():
    at = instant(datetime(2026, 11, 22, 6, 21, 7, 45, tzinfo=UTC))

    assert at == "2026-11-22T06:21:07.000045Z"
    assert capture_id(ALOFISEL.url, at).startswith("20261122T062107000Z-")
    assert capture_id(ALOFISEL.url, at) != capture_id("https://ema.example/entyvio", at)
