"""A payload that was ever written can be read for ever: a golden line of every schema.

A line is added when `codec.SCHEMA` is raised and none is ever changed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from factories import a_provenance, a_withdrawal
from watcher.errors import IntegrityError
from watcher.store import codec

LINES = Path(__file__).with_name("payload_schemas.jsonl").read_text("utf-8").splitlines()
WRITTEN = {row["schema"]: row for row in map(json.loads, LINES)}


def test_every_schema_ever_written_has_its_line():
    assert sorted(WRITTEN) == list(range(1, codec.SCHEMA + 1))


@pytest.mark.parametrize("schema", sorted(WRITTEN))
def test_a_line_of_an_old_schema_means_what_it_meant(schema):
    row = WRITTEN[schema]

    event, provenance = codec.decode(row["payload"].encode(), schema)

    assert event == a_withdrawal()
    assert provenance == a_provenance(derivation="diff@1")


def test_the_newest_line_is_what_is_written_today():
    newest = WRITTEN[codec.SCHEMA]["payload"]

    assert codec.encode(a_withdrawal(), a_provenance(derivation="diff@1")).decode() == newest


def test_a_schema_of_a_later_program_is_refused():
    with pytest.raises(IntegrityError, match="newer than this program"):
        codec.decode(b"{}", codec.SCHEMA + 1)


def test_an_old_payload_that_is_damaged_is_named_as_such():
    with pytest.raises(IntegrityError, match="cannot be read"):
        codec.decode(b'{"event":{}}', 1)
