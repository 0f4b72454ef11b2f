"""The documents show a sample of every event that is told, as it is written."""

from __future__ import annotations

import json

import pytest

from factories import a_provenance
from kit import event_samples
from kit.write_documents import DOCS
from watcher.core.taxonomy import TYPES
from watcher.store import codec

SAMPLES = event_samples.kept()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_read_and_written_as_it_stands(name):
    sample = SAMPLES[name]
    whole = {"event": sample, "provenance": {"source": "ema", "tier": 1}}

    event, _ = codec.decode(json.dumps(whole).encode(), codec.SCHEMA)

    assert event.type == name
    assert json.loads(codec.encode(event, a_provenance()))["event"] == sample


def test_every_type_is_shown_or_said_to_be_told_by_nobody_yet():
    page = (DOCS / "reference" / "payloads.md").read_text("utf-8")

    assert page == event_samples.page(), "run `make reference`"
    assert {name for name in TYPES if f"`{name}`" not in page} == set()
