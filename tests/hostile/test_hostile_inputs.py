"""Hostile inputs are refused or read within bounds of memory and time, each in its own process.

`make hostile` measures those too that take their time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hostile.measure import DOCUMENT
from hostile.table import CONTROLS, SLOW, TABLE

READING = Path(__file__).with_name("reading.py")
NAMES = [f"{one.family}/{one.name}" for one in (*TABLE, *CONTROLS)]
QUICK = [name for name in NAMES if name not in SLOW]


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, READING, *QUICK], capture_output=True, text=True, check=True, timeout=120
    )
    rows = map(json.loads, done.stdout.splitlines())
    return {str(row["input"]): row for row in rows}


@pytest.mark.parametrize("name", [name for name in QUICK if not name.startswith("control/")])
def test_a_hostile_input_keeps_within_its_bounds(measured, name):
    assert measured[name]["is_within"], measured[name]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("control/takes memory", lambda row: row["memory"] > 150_000_000),
        ("control/takes time", lambda row: row["seconds"] > 0.1),
        ("control/breaks", lambda row: not row["is_sound"]),
    ],
    ids=["memory", "time", "an error"],
)
def test_the_measuring_finds_what_is_out_of_bounds(measured, name, found):
    assert found(measured[name])
    assert not measured[name]["is_within"]


def test_every_input_is_measured_in_the_document():
    text = DOCUMENT.read_text(encoding="utf-8")

    missing = [one.name for one in TABLE if f"| {one.family} | {one.name} |" not in text]
    assert missing == []
    assert set(NAMES) >= SLOW
